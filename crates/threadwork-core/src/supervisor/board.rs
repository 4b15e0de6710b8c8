//! The board between a supervisor and all others: what it shows, what it is asked for, and what its children tell.
//!
//! Scenario "the board of a supervisor" in docs/architecture.md.

use std::{mem, num::NonZeroU64, sync::Arc};

use threadwork_sync::{
    Event, Lock, LockGuard,
    internal::{fork::inside, lock::own_lock},
};

use super::{
    error::SupervisorError,
    info::{ChildInfo, ChildState},
    spec::ChildSpec,
};
use crate::life::ThreadHandle;

#[cfg(test)]
mod tests;

/// What a handle asks for. Children have names, and what was removed has none any more.
#[derive(Clone)]
pub(super) enum Order {
    Add(ChildSpec),
    Stop(String),
    Restart(String),
    Remove(String),
}

impl Order {
    /// Shows the order as if it was being carried out.
    fn show(&self, children: &mut Vec<ChildInfo>) -> Result<(), SupervisorError> {
        let place = |name: &str| children.iter().position(|it| !it.is_removed && it.name() == name);
        let name = match self {
            Order::Add(spec) if !spec.name().is_empty() && place(spec.name()).is_some() => {
                return Err(SupervisorError::NameTaken(spec.name().to_owned()));
            }
            Order::Add(spec) => {
                children.push(ChildInfo::of_new(spec.clone()));
                return Ok(());
            }
            Order::Stop(name) | Order::Restart(name) | Order::Remove(name) => name,
        };
        let place = place(name).ok_or_else(|| SupervisorError::NoSuchChild(name.clone()))?;
        let child = &mut children[place];
        let is_there = !matches!(child.state, ChildState::Waiting | ChildState::Ended);
        child.is_removed = matches!(self, Order::Remove(_));
        child.state = match self {
            _ if is_there => ChildState::Stopping,
            Order::Restart(_) => ChildState::Waiting,
            _ => ChildState::Ended,
        };
        Ok(())
    }
}

/// What the thread with this number tells.
#[derive(Clone, Copy)]
pub(super) enum Signal {
    IsReady(NonZeroU64),
    /// Its work has returned or panicked, and it is about to end.
    Returns(NonZeroU64),
}

/// The stages of a run, which the board only moves forward through.
#[derive(Clone, Debug, Default)]
pub(super) enum Stage {
    /// The run has not begun.
    #[default]
    New,
    /// It runs in this thread.
    Runs(ThreadHandle),
    /// It is stopping its children.
    Ends(ThreadHandle),
    /// It has ended: by itself, or because it was stopped or gave up.
    Over { by_itself: bool },
}

/// The board of one run.
pub(super) struct Board {
    shown: Lock<Shown>,
    /// Set when there is something new for the supervisor.
    pub(super) news: Event,
}

struct Shown {
    stage: Stage,
    children: Vec<ChildInfo>,
    orders: Vec<Order>,
    signals: Vec<Signal>,
    /// Set when what is shown is no longer true. Replaced then, if anybody has it.
    outdated: Arc<Event>,
}

impl Board {
    pub(super) fn new() -> Board {
        let shown = Shown {
            stage: Stage::New,
            children: Vec::new(),
            orders: Vec::new(),
            signals: Vec::new(),
            outdated: outdated(),
        };
        Board {
            shown: own_lock("the board of a supervisor", shown),
            news: Event::new().named("the news of a supervisor"),
        }
    }

    /// Calls `f` with what is shown. `f` runs no user code; what it returns is dropped with nothing locked.
    fn with<R>(&self, f: impl FnOnce(&mut LockGuard<'_, Shown>) -> R) -> R {
        let _inside = inside();
        f(&mut self.shown.acquire())
    }

    /// Returns the stage and the children, and an event that is set when they are outdated.
    pub(super) fn look(&self) -> (Stage, Vec<ChildInfo>, Arc<Event>) {
        self.with(|it| (it.stage(), it.children.clone(), Arc::clone(&it.outdated)))
    }

    /// Takes an order, unless the supervisor ends or it cannot be carried out.
    pub(super) fn give(&self, order: Order) -> Result<(), SupervisorError> {
        self.with(|it| match it.stage() {
            Stage::New | Stage::Runs(_) => {
                order.show(&mut it.children)?;
                it.orders.push(order.clone());
                Ok(())
            }
            Stage::Ends(_) | Stage::Over { .. } => Err(SupervisorError::Ended),
        })?;
        self.news.set();
        Ok(())
    }

    /// Takes what the current thread, a child, has to tell.
    pub(super) fn tell(&self, signal: Signal) {
        self.with(|it| it.signals.push(signal));
        self.news.set();
    }

    /// Returns the orders and the signals that have come since the last call.
    pub(super) fn take(&self) -> (Vec<Order>, Vec<Signal>) {
        self.with(|it| (mem::take(&mut it.orders), mem::take(&mut it.signals)))
    }

    /// Shows the children that the supervisor will begin with.
    pub(super) fn preview(&self, children: Vec<ChildInfo>) {
        let _before = self.with(|it| it.show_first(children));
    }

    /// Begins a run with these children, in the current thread. Returns `false` if this board is that of an earlier run.
    pub(super) fn begin(&self, thread: &ThreadHandle, children: Vec<ChildInfo>) -> bool {
        let (is_new, _before) = self.with(|it| {
            let is_new = matches!(it.stage, Stage::New);
            let before = it.show_first(children);
            if is_new {
                it.stage = Stage::Runs(thread.clone());
            }
            (is_new, before)
        });
        is_new
    }

    /// Shows these children. If there are new orders, those are shown already, and the supervisor is about to look at them.
    pub(super) fn show(&self, mut children: Vec<ChildInfo>) {
        let (_before, outdated) = self.with(|it| {
            if !it.orders.is_empty() {
                return (children, None);
            }
            mem::swap(&mut it.children, &mut children);
            (children, it.replace_outdated())
        });
        outdated.into_iter().for_each(|it| it.set());
    }

    /// Begins to end, unless there are new orders. What is shown afterwards is the end of the children.
    pub(super) fn end_unless_ordered(&self) -> bool {
        let before = self.with(|it| match &it.stage {
            Stage::Runs(thread) if it.orders.is_empty() => {
                let ends = Stage::Ends(thread.clone());
                Some(mem::replace(&mut it.stage, ends))
            }
            _ => None,
        });
        before.is_some()
    }

    /// Enters the stage. Orders that were not carried out are forgotten.
    pub(super) fn enter(&self, stage: Stage) {
        let (_before, _orders, outdated) = self.with(|it| {
            let before = mem::replace(&mut it.stage, stage);
            (before, mem::take(&mut it.orders), it.replace_outdated())
        });
        outdated.into_iter().for_each(|it| it.set());
    }
}

impl Shown {
    /// Returns the stage. In the child of a fork, a run of another thread is over.
    fn stage(&self) -> Stage {
        match &self.stage {
            Stage::Runs(thread) | Stage::Ends(thread) if !thread.is_alive() => {
                Stage::Over { by_itself: false }
            }
            stage => stage.clone(),
        }
    }

    /// Before the run, shows these children, and what the orders so far make of them. Returns what is not shown.
    fn show_first(&mut self, mut children: Vec<ChildInfo>) -> Vec<ChildInfo> {
        if matches!(self.stage, Stage::New) {
            for order in &self.orders {
                let _ = order.show(&mut children);
            }
            mem::swap(&mut self.children, &mut children);
        }
        children
    }

    /// Returns the event to set, if anybody has it.
    fn replace_outdated(&mut self) -> Option<Arc<Event>> {
        let is_awaited = Arc::strong_count(&self.outdated) > 1;
        is_awaited.then(|| mem::replace(&mut self.outdated, outdated()))
    }
}

fn outdated() -> Arc<Event> {
    Arc::new(Event::new().named("the children of a supervisor"))
}

/// The way from a handle to the run that has begun last.
pub(super) struct Control(Lock<Arc<Board>>);

impl Control {
    pub(super) fn new() -> Control {
        Control(own_lock("the runs of a supervisor", Arc::new(Board::new())))
    }

    pub(super) fn board(&self) -> Arc<Board> {
        let _inside = inside();
        Arc::clone(&self.0.acquire())
    }

    /// Begins a run with these children, in the current thread, and returns its board.
    pub(super) fn begin(&self, thread: &ThreadHandle, children: &[ChildInfo]) -> Arc<Board> {
        let first = self.board();
        if first.begin(thread, children.to_vec()) {
            return first;
        }
        let next = Arc::new(Board::new());
        next.begin(thread, children.to_vec());
        let _before = {
            let _inside = inside();
            mem::replace(&mut *self.0.acquire(), Arc::clone(&next))
        };
        next
    }
}
