//! One timer: what it will do, and how far it has come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use once_cell::{race::OnceBox, sync::OnceCell};
use threadwork_sync::{
    Lock, StopCallback, StopToken,
    internal::{ReservedIdent, own_lock, reserve_ident},
};

use super::{due::Due, service::Timers, work::Work};
use crate::{
    error::{NameError, StackSizeError, StartError},
    exit,
    group::ThreadGroup,
    life::{Life, Owner, Settings, ThreadHandle, ThreadState, next_number},
    panic::Outcome,
    process::this_process,
    tell::{
        events::Context,
        hooks::{self, SpawnCalls},
    },
    work::{Nothing, type_name},
};

mod run;

/// All there is of a timer. A pending one is this, its function and a place in the queue: that has to be small.
///
/// What it has as a thread is [`Made`] when somebody asks for it, at the latest when it is due. From then on its life is what says how it is;
/// before, `phase` does. Both change while `state` is locked, but for the end of a life, which may come a little later.
pub(super) struct Plan {
    timers: &'static Timers,
    made: OnceBox<Made>,
    state: Lock<State>,
    /// The full name of the function's type.
    function: fn() -> &'static str,
    number: u32,
    daemon: bool,
    is_periodic: bool,
    /// The process in which it was started, or [`NOT_STARTED`].
    process: AtomicU32,
    stop_parent: Option<StopToken>,
    /// All else that was said or inherited, if anything was.
    settings: Option<Box<Settings>>,
}

/// No process has this number.
const NOT_STARTED: u32 = u32::MAX;

struct State {
    phase: Phase,
    /// With the timer until its thread takes it, so that whoever ends the timer drops it, with nothing locked.
    work: Option<Box<dyn Work>>,
    /// What the next thread takes over, if there is anything.
    inherited: Option<Box<Inherited>>,
}

/// How far a timer has come. Whoever moves it on from one of these does what follows from it: so it is done once.
#[derive(Clone, Copy)]
enum Phase {
    /// Not started.
    New(Duration),
    /// Cancelled before it was started.
    Cancelled,
    /// In the queue, or taken from it by the service a moment ago.
    Pending { due: Due, is_waited_for: bool },
    /// It was due. A thread runs its function, is about to, or has; only a periodic timer goes on from here.
    Fired(Due),
    /// As before, and no run shall follow.
    LastRun,
    /// There is nothing to come.
    Ended,
}

/// What the thread of a timer takes over.
#[derive(Default)]
struct Inherited {
    /// Where the timer was started, for all its runs: if each was below the one before it, none of their spans would ever be closed.
    origin: Option<Arc<Context>>,
    /// What the spawn hooks of the thread that has armed it have returned.
    first: SpawnCalls,
}

/// What a timer has as a thread.
pub(super) struct Made {
    /// Keeps the cell as a thread wants it; what the thread runs is not in there.
    _owner: Owner<Nothing>,
    pub(super) thread: ThreadHandle,
    /// The number that the thread was given when the timer was started, until the thread takes it.
    pub(super) reserved: Lock<Option<ReservedIdent>>,
    is_watched: AtomicBool,
    /// Makes a stop of the thread cancel the timer.
    on_stop: OnceCell<StopCallback>,
    /// The thread of the latest run, if the timer is periodic.
    pub(super) run: Lock<Option<ThreadHandle>>,
}

impl Plan {
    pub(super) fn new(
        timers: &'static Timers,
        mut settings: Settings,
        function: fn() -> &'static str,
        interval: Duration,
        work: Box<dyn Work>,
    ) -> Plan {
        let number = if settings.name.is_none() { next_number() } else { 0 };
        let stop_parent = settings.stop_parent.take();
        let daemon = settings.daemon;
        Plan {
            timers,
            made: OnceBox::new(),
            function,
            number,
            daemon,
            is_periodic: work.period().is_some(),
            process: AtomicU32::new(NOT_STARTED),
            stop_parent,
            settings: (!settings.is_plain()).then(|| Box::new(settings)),
            state: own_lock(
                "the state of a timer",
                State { phase: Phase::New(interval), work: Some(work), inherited: None },
            ),
        }
    }

    pub(super) fn thread_if_made(&self) -> Option<&ThreadHandle> {
        self.made.get().map(|made| &made.thread)
    }

    pub(super) fn made(self: &Arc<Self>) -> &Made {
        let made = match self.made.get() {
            Some(made) => made,
            // Nobody moves it on any more; that it was cancelled before is not known if its state is locked for ever.
            None if self.is_left_behind() => {
                let state = self.state.try_acquire();
                self.make(state.map_or(Phase::LastRun, |it| it.phase))
            }
            None => {
                let state = self.state.acquire();
                self.make(state.phase)
            }
        };
        // With nothing locked: a stop that was requested already is told at once.
        if !made.is_watched.swap(true, Ordering::Relaxed) {
            let plan = Arc::downgrade(self);
            let on_stop = StopCallback::new(&made.thread.stop_token(), move || {
                if let Some(plan) = plan.upgrade() {
                    plan.cancel();
                }
            });
            let _ = made.on_stop.set(on_stop);
        }
        made
    }

    /// Makes it a thread, as it is now. That stays true while `state` is locked, so nobody moves on unseen.
    fn make(&self, phase: Phase) -> &Made {
        self.made.get_or_init(|| {
            let settings = self.settings.as_deref().cloned().unwrap_or_default();
            let name = settings.name.clone().unwrap_or_else(|| {
                format!("Thread-{} ({})", self.number, type_name::short((self.function)()))
            });
            let (daemon, stop_parent) = (self.daemon, self.stop_parent.clone());
            let life = Life::new(name, Settings { daemon, stop_parent, ..settings });
            let is_new = matches!(phase, Phase::New(_) | Phase::Cancelled);
            let reserved = (!is_new).then(reserve_ident);
            life.set_ident(reserved.as_ref().map(ReservedIdent::get));
            match phase {
                Phase::New(_) | Phase::Cancelled => (),
                Phase::Ended => life.end(Outcome::Stopped),
                Phase::Pending { .. } | Phase::Fired(_) | Phase::LastRun => {
                    life.set_process(self.process.load(Ordering::Relaxed));
                    life.set_started();
                }
            }
            let owner = Owner::new(life, Nothing);
            Box::new(Made {
                thread: ThreadHandle::of(&owner),
                _owner: owner,
                reserved: own_lock("the number of a timer", reserved),
                is_watched: AtomicBool::new(false),
                on_stop: OnceCell::new(),
                run: own_lock("the run of a timer", None),
            })
        })
    }

    pub(super) fn state(self: &Arc<Self>) -> ThreadState {
        if self.is_left_behind() {
            return self.made().thread.state();
        }
        let state = self.state.acquire();
        match (self.thread_if_made(), state.phase) {
            (Some(thread), _) => thread.state(),
            (None, Phase::New(_) | Phase::Cancelled) => ThreadState::New,
            (None, Phase::Ended) => ThreadState::Stopped,
            (None, _) => ThreadState::Started,
        }
    }

    /// Whether it was started in a process that this one was forked from: it has ended, and nothing of it is in the queue here.
    ///
    /// Its state may be locked for ever.
    pub(super) fn is_left_behind(&self) -> bool {
        let process = self.process.load(Ordering::Relaxed);
        process != NOT_STARTED && process != this_process()
    }

    pub(super) fn is_daemon(&self) -> bool {
        self.thread_if_made().map_or(self.daemon, ThreadHandle::is_daemon)
    }

    /// Whether it was asked to stop, alone or with its group or the thread that has made it.
    pub(super) fn stop_requested(&self) -> bool {
        let group = || self.settings.as_ref().and_then(|it| it.group.as_ref());
        match self.thread_if_made() {
            Some(thread) => thread.stop_requested(),
            None => {
                self.stop_parent.as_ref().is_some_and(StopToken::stop_requested)
                    || group().is_some_and(ThreadGroup::stop_requested)
            }
        }
    }

    pub(super) fn start(self: &Arc<Self>) -> Result<(), StartError> {
        let now = Due::now();
        if self.is_left_behind()
            || !matches!(self.state.acquire().phase, Phase::New(_) | Phase::Cancelled)
        {
            return Err(StartError::AlreadyStarted);
        }
        if let Some(settings) = &self.settings {
            settings.name.as_deref().map_or(Ok(()), NameError::check)?;
            StackSizeError::check(settings.stack_size)?;
        }
        self.timers.serve()?;
        if !self.is_daemon() {
            exit::watch();
        }
        // Declared before the lock, so that what is left over is dropped after it.
        let mut inherited = self.inherit(Context::here().map(Arc::new));
        let _work = {
            let mut state = self.state.acquire();
            if !matches!(state.phase, Phase::New(_) | Phase::Cancelled) {
                return Err(StartError::AlreadyStarted);
            }
            self.process.store(this_process(), Ordering::Relaxed);
            if let Some(made) = self.made.get() {
                let reserved = reserve_ident();
                made.thread.life().set_process(this_process());
                made.thread.life().set_ident(Some(reserved.get()));
                *made.reserved.acquire() = Some(reserved);
            }
            match state.phase {
                Phase::New(interval) if !self.stop_requested() => {
                    if let Some(thread) = self.thread_if_made() {
                        thread.life().set_started();
                    }
                    state.inherited = inherited.take();
                    self.arm(&mut state, now.plus(interval));
                    return Ok(());
                }
                _ => {
                    state.phase = Phase::Ended;
                    state.work.take()
                }
            }
        };
        self.end();
        Ok(())
    }

    /// Puts it into the queue. Its state is locked all the while, so that whoever cancels it finds it there.
    fn arm(self: &Arc<Self>, state: &mut State, due: Due) {
        let is_waited_for = !self.is_daemon();
        state.phase = Phase::Pending { due, is_waited_for };
        self.timers.arm(Arc::clone(self), due, is_waited_for);
    }

    /// What the next thread takes over, from the current one too: calls the spawn hooks.
    fn inherit(self: &Arc<Self>, origin: Option<Arc<Context>>) -> Option<Box<Inherited>> {
        let first = match hooks::has_spawn_hooks() {
            true => hooks::spawning(&self.made().thread),
            false => SpawnCalls::default(),
        };
        (origin.is_some() || !first.is_empty()).then(|| Box::new(Inherited { origin, first }))
    }

    /// No run begins any more. Returns whether one would have.
    pub(super) fn cancel(self: &Arc<Self>) -> bool {
        if self.is_left_behind() {
            return false;
        }
        let _left = {
            let mut state = self.state.acquire();
            match state.phase {
                Phase::New(_) => state.phase = Phase::Cancelled,
                Phase::Pending { due, is_waited_for } => {
                    state.phase = Phase::Ended;
                    self.timers.disarm(self, due, is_waited_for);
                }
                Phase::Fired(_) if self.is_periodic => {
                    state.phase = Phase::LastRun;
                    return true;
                }
                Phase::Cancelled | Phase::Fired(_) | Phase::LastRun | Phase::Ended => return false,
            }
            let ended = matches!(state.phase, Phase::Ended);
            let left = (state.work.take(), state.inherited.take());
            drop(state);
            if ended {
                self.end();
            }
            left
        };
        true
    }

    /// Nothing follows: whoever joins the timer goes on. To be told so twice does no harm.
    fn end(&self) {
        if let Some(thread) = self.thread_if_made() {
            thread.life().end(Outcome::Stopped);
        }
    }
}
