//! One timer: its function, its settings and its phase.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use once_cell::race::OnceBox;
use threadwork_sync::{
    Lock,
    internal::{
        lock::own_lock,
        number::{ReservedIdent, reserve_ident},
    },
};

pub(super) use self::{
    progress::{Phase, Progress, TimerInheritance},
    spec::Spec,
    work::{Once, Repeated, Ring, Work},
};
use self::{thread::TimerThread, work::Kind};
use super::{
    due::Due,
    queue::{Place, Placed, Queue},
};
use crate::{
    context::TraceContext,
    error::StartError,
    life::{Life, ThreadHandle, ThreadState},
    outcome::Outcome,
    process::this_process,
    tell::hooks::{self, SpawnCalls},
};

mod work;
mod progress;
mod spec;
mod thread;

/// The state of a timer. A pending timer consists of this, its function and an entry in the queue, so it has to be small.
///
/// It gets a [`TimerThread`] when a caller asks for that, at the latest when it is due. From then on, its life tells its state;
/// before that, its phase does. Both change while `progress` is locked, except that a life may end a little later.
/// Scenario "the timer that becomes a thread" in docs/architecture.md.
pub(super) struct Plan {
    queue: &'static Queue<Plan>,
    spec: Spec,
    kind: Kind,
    /// The process in which it was started, or [`NOT_STARTED`].
    process: AtomicU32,
    place: Place,
    pub(super) progress: Lock<Progress>,
    thread: OnceBox<TimerThread>,
}

/// A number that no process has.
const NOT_STARTED: u32 = u32::MAX;

impl Plan {
    #[inline]
    pub(super) fn new(
        queue: &'static Queue<Plan>,
        spec: Spec,
        interval: Duration,
        work: Box<dyn Work>,
    ) -> Plan {
        let kind = work.kind();
        Plan {
            queue,
            spec,
            kind,
            process: AtomicU32::new(NOT_STARTED),
            place: Place::new(),
            progress: own_lock(
                "the state of a timer",
                Progress { phase: Phase::New(interval), work: Some(work), inheritance: None },
            ),
            thread: OnceBox::new(),
        }
    }

    pub(super) fn queue(&self) -> &'static Queue<Plan> {
        self.queue
    }

    pub(super) fn is_periodic(&self) -> bool {
        self.kind == Kind::Periodic
    }

    pub(super) fn is_alarm(&self) -> bool {
        self.kind == Kind::Alarm
    }

    /// Returns the timer as a thread, if it has become one.
    pub(super) fn handle(&self) -> Option<&ThreadHandle> {
        self.thread.get().map(|it| &it.handle)
    }

    /// Returns the timer as a thread. Makes it one if it is not.
    pub(super) fn thread(self: &Arc<Self>) -> &TimerThread {
        let thread = match self.thread.get() {
            Some(thread) => thread,
            // Its phase no longer changes. If its progress stays locked for ever, it is unknown whether it was cancelled before.
            None if self.is_left_behind() => {
                let progress = self.progress.try_acquire();
                self.make(progress.map_or(Phase::LastRun, |it| it.phase))
            }
            None => {
                let progress = self.progress.acquire();
                self.make(progress.phase)
            }
        };
        // With nothing locked: if a stop was already requested, the callback is called at once.
        thread.cancel_on_stop(|| {
            let plan = Arc::downgrade(self);
            move || {
                if let Some(plan) = plan.upgrade() {
                    plan.cancel();
                }
            }
        });
        thread
    }

    /// Makes the timer a thread in the given phase. The caller keeps the progress locked, so the phase does not change meanwhile.
    pub(super) fn make(&self, phase: Phase) -> &TimerThread {
        self.thread.get_or_init(|| {
            let life = self.spec.life();
            let reserved = (!phase.is_new()).then(reserve_ident);
            life.set_ident(reserved.as_ref().map(ReservedIdent::get));
            match phase {
                Phase::New(_) | Phase::Cancelled => (),
                Phase::Ended => life.ends(Outcome::Stopped),
                Phase::Pending { .. } | Phase::Fired(_) | Phase::LastRun => {
                    life.set_process(self.process.load(Ordering::Relaxed));
                    life.set_started();
                }
            }
            Box::new(TimerThread::new(life, reserved))
        })
    }

    pub(super) fn state(self: &Arc<Self>) -> ThreadState {
        if self.is_left_behind() {
            return self.thread().handle.state();
        }
        let progress = self.progress.acquire();
        match (self.handle(), progress.phase) {
            (Some(thread), _) => thread.state(),
            (None, Phase::New(_) | Phase::Cancelled) => ThreadState::New,
            (None, Phase::Ended) => ThreadState::Stopped,
            (None, _) => ThreadState::Started,
        }
    }

    /// Checks that a thread can have the timer's settings.
    pub(super) fn check(&self) -> Result<(), StartError> {
        self.spec.check()
    }

    /// Creates the life of one run of a repeating timer, below the timer's own life.
    pub(super) fn life_of_run(self: &Arc<Self>) -> Life {
        self.spec.life_of_run(&self.thread().handle)
    }

    /// Marks the timer as started in this process, just before it is armed.
    pub(super) fn begins(&self) {
        self.process.store(this_process(), Ordering::Relaxed);
        if let Some(thread) = self.thread.get() {
            let reserved = reserve_ident();
            thread.handle.life().set_process(this_process());
            thread.handle.life().set_ident(Some(reserved.get()));
            *thread.reserved.acquire() = Some(reserved);
        }
    }

    /// Returns `true` if the timer was started in a process that this one was forked from. It has ended, and it is not in the queue here.
    ///
    /// Its progress may stay locked for ever. Scenario "the threads that are not there" in docs/architecture.md.
    pub(super) fn is_left_behind(&self) -> bool {
        let process = self.process.load(Ordering::Relaxed);
        process != NOT_STARTED && process != this_process()
    }

    /// Returns `true` if the timer was started, in this process or in one that this one was forked from. If not, it may be started meanwhile.
    pub(super) fn is_started(&self) -> bool {
        self.process.load(Ordering::Relaxed) != NOT_STARTED
    }

    pub(super) fn is_daemon(&self) -> bool {
        self.handle().map_or(self.spec.is_daemon(), ThreadHandle::is_daemon)
    }

    /// Returns `true` if the timer was asked to stop, by itself, with its group, or with the token that it was given or has inherited.
    pub(super) fn stop_requested(&self) -> bool {
        self.handle().map_or_else(|| self.spec.stop_requested(), ThreadHandle::stop_requested)
    }

    /// Puts the timer into the queue. The caller keeps its progress locked, so that a cancel finds it there.
    pub(super) fn arm(self: &Arc<Self>, progress: &mut Progress, due: Due) {
        let is_waited_for = !self.is_daemon();
        progress.phase = Phase::Pending { due, is_waited_for };
        self.queue.arm(Arc::clone(self), due, is_waited_for);
    }

    /// Returns what the next thread takes over: `context`, and what the spawn hooks, which are called here, return.
    pub(super) fn inheritance(
        self: &Arc<Self>,
        context: Option<Arc<TraceContext>>,
    ) -> Option<Box<TimerInheritance>> {
        if self.is_alarm() {
            return None;
        }
        let calls = hooks::has_spawn_hooks().then(|| hooks::spawning(&self.thread().handle));
        if context.is_none() && calls.as_ref().is_none_or(SpawnCalls::is_empty) {
            return None;
        }
        Some(Box::new(TimerInheritance { context, calls: calls.unwrap_or_default() }))
    }

    /// Prevents any further run from beginning. Returns `true` if there would have been one.
    pub(super) fn cancel(self: &Arc<Self>) -> bool {
        if self.is_left_behind() {
            return false;
        }
        let _left = {
            let mut progress = self.progress.acquire();
            match progress.phase {
                Phase::New(_) => progress.phase = Phase::Cancelled,
                Phase::Pending { is_waited_for, .. } => {
                    progress.phase = Phase::Ended;
                    self.queue.disarm(self, is_waited_for);
                }
                Phase::Fired(_) if self.is_periodic() => {
                    progress.phase = Phase::LastRun;
                    return true;
                }
                Phase::Cancelled | Phase::Fired(_) | Phase::LastRun | Phase::Ended => return false,
            }
            let ended = matches!(progress.phase, Phase::Ended);
            let left = (progress.work.take(), progress.inheritance.take());
            drop(progress);
            if ended {
                self.end();
            }
            left
        };
        true
    }

    /// Ends the timer's life, which wakes the threads that join it. It may be called twice.
    pub(super) fn end(&self) {
        if let Some(thread) = self.handle() {
            thread.life().ends(Outcome::Stopped);
            thread.life().will_not_arrive();
        }
    }
}

impl Placed for Plan {
    fn place(&self) -> &Place {
        &self.place
    }
}
