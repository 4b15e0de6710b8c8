//! What happens when a timer is due: its thread is started and runs its function.

use std::{mem, sync::Arc};

use threadwork_sync::{
    get_native_id,
    internal::{number::reserve_ident, panic::catch},
};

use super::{
    due::Due,
    plan::{Phase, Plan, TimerInheritance, Work},
};
use crate::{
    context::TraceContext,
    error::StartError,
    life::{Owner, Ran, ThreadHandle, ThreadState},
    outcome::{Failure, Outcome},
    panic::{keeping_place, message_of, report, reported},
    start::{self, Prepared},
    tell::{faults, hooks::SpawnCalls},
    work::Nothing,
};

impl Plan {
    /// Does what the timer is for, now that it is due. The service calls this after it has taken the timer from the queue.
    pub(super) fn fire(self: &Arc<Self>) {
        if self.is_alarm() { self.ring() } else { self.start_due() }
    }

    /// Calls the function of an alarm, here in the service.
    fn ring(self: &Arc<Self>) {
        let (work, is_waited_for) = {
            let mut progress = self.progress.acquire();
            // Otherwise it was cancelled in the meantime.
            let Phase::Pending { is_waited_for, .. } = progress.phase else { return };
            progress.phase = Phase::Ended;
            (progress.work.take(), is_waited_for)
        };
        // Until the function has returned, the end of the program waits for the alarm; after that, for what the function has begun.
        let _settled = Settled { plan: self, is_waited_for };
        self.end();
        if let Some(mut work) = work {
            // It cannot fail.
            let _ = work.run();
        }
    }

    /// Starts the thread of a timer that is due.
    fn start_due(self: &Arc<Self>) {
        let (inheritance, is_waited_for) = {
            let mut progress = self.progress.acquire();
            // Otherwise it was cancelled in the meantime.
            let Phase::Pending { due, is_waited_for } = progress.phase else { return };
            if self.stop_requested() {
                drop(progress);
                self.cancel();
                return;
            }
            self.make(progress.phase);
            progress.phase = Phase::Fired(due);
            (progress.inheritance.take(), is_waited_for)
        };
        let _settled = Settled { plan: self, is_waited_for };
        let TimerInheritance { context, calls } = inheritance.map(|it| *it).unwrap_or_default();
        let started = catch(|| {
            let _entered = context.as_deref().map(TraceContext::enter);
            if self.is_periodic() {
                self.start_run(calls, context.clone())
            } else {
                self.start_thread(calls)
            }
        });
        match started {
            Ok(Ok(())) => (),
            Ok(Err(error)) => self.refused(&error.to_string(), context),
            // User code computes the values that the thread inherits from the current one.
            Err(payload) => {
                self.refused(&format!("panicked: {}", message_of(payload.get())), context);
            }
        }
    }

    /// Starts the thread of a timer that fires once.
    fn start_thread(self: &Arc<Self>, calls: SpawnCalls) -> Result<(), StartError> {
        let thread = self.thread();
        let plan = Arc::clone(self);
        let reserved = thread.reserved.acquire().take();
        start::start(&thread.handle, Some(Prepared { reserved, calls }), |spawn| {
            spawn.run(move |_| plan.run())
        })
    }

    /// Starts one run of a repeating timer.
    ///
    /// Each run is a thread with a life of its own, below the timer's life. The timer has the number of the latest run.
    fn start_run(
        self: &Arc<Self>,
        calls: SpawnCalls,
        context: Option<Arc<TraceContext>>,
    ) -> Result<(), StartError> {
        let thread = self.thread();
        let plan = Arc::clone(self);
        let owner = Owner::new(self.life_of_run(), Nothing);
        let run = ThreadHandle::of(&owner);
        // Set before the thread runs, so that a join of its own timer is detected.
        let reserved = reserve_ident();
        run.life().set_ident(Some(reserved.get()));
        thread.handle.life().set_ident(Some(reserved.get()));
        thread.handle.life().set_state(ThreadState::Running);
        thread.handle.life().will_not_arrive();
        let mut last = None;
        let started =
            start::start(&run, Some(Prepared { reserved: Some(reserved), calls }), |spawn| {
                // After everything that may panic: a join of the timer also joins this run, so it must exist.
                last = thread.run.acquire().replace(run.clone());
                let spawned = spawn.run(move |run| plan.run_and_go_on(run, context));
                if spawned.is_err() {
                    mem::swap(&mut *thread.run.acquire(), &mut last);
                }
                spawned
            });
        // If this is the last handle of the previous run, what belongs to that thread is dropped here.
        reported("drop of a thread", || drop(last));
        started
    }

    /// Reports that no thread was started. A periodic timer is armed again for the next time; any other timer ends.
    fn refused(self: &Arc<Self>, why: &str, context: Option<Arc<TraceContext>>) {
        let name = self.thread().handle.name();
        let why = format!("its thread was not started when it was due: {why}");
        report(&format!("threadwork: timer '{name}': {why}"));
        let now = Due::now();
        let _work = {
            let mut progress = self.progress.acquire();
            let period = progress.work.as_ref().and_then(|it| it.period());
            if let (Phase::Fired(due), Some(period)) = (progress.phase, period) {
                progress.inheritance = context.map(|it| {
                    Box::new(TimerInheritance { context: Some(it), calls: SpawnCalls::default() })
                });
                self.arm(&mut progress, period.next(due, now));
                return;
            }
            progress.phase = Phase::Ended;
            progress.work.take()
        };
        if self.is_periodic() {
            self.end();
        } else {
            let outcome = Outcome::Failed(Failure::from(why).of_thread(name));
            faults::remember(&self.thread().handle, &outcome);
            self.thread().handle.life().ends(outcome);
            self.thread().handle.life().will_not_arrive();
        }
    }

    /// Calls the function, in its thread. The function is dropped when this returns, and so is the plan if this was its last reference.
    fn run(self: Arc<Self>) -> Ran {
        catch(move || {
            let work = self.progress.acquire().work.take();
            work.map_or(Ok(()), |mut it| it.run())
        })
    }

    /// Calls the function, then arms the next run or ends the timer, even if this run panics or fails.
    fn run_and_go_on(
        self: Arc<Self>,
        run: &ThreadHandle,
        context: Option<Arc<TraceContext>>,
    ) -> Ran {
        let Some(mut work) = self.progress.acquire().work.take() else { return Ok(Ok(())) };
        self.thread().handle.life().set_native_id(get_native_id());
        let ran = catch(|| work.run());
        let go_on = || catch(move || self.go_on(run, work, context));
        if let Ok(Ok(())) = ran {
            return go_on().map(Ok);
        }
        // Only the first panic or failure is returned.
        keeping_place(|| drop(go_on()));
        ran
    }

    fn go_on(
        self: &Arc<Self>,
        run: &ThreadHandle,
        work: Box<dyn Work>,
        context: Option<Arc<TraceContext>>,
    ) {
        if self.is_left_behind() {
            // The function has forked, and this is the child, which does not have the service that would start the next run.
            return;
        }
        let mut inheritance = None;
        reported("spawn hook", || inheritance = self.inheritance(context));
        let now = Due::now();
        let period = work.period();
        let mut work = Some(work);
        {
            let mut progress = self.progress.acquire();
            if let (Phase::Fired(due), Some(period)) = (progress.phase, period)
                && !run.stop_requested()
            {
                progress.work = work.take();
                progress.inheritance = inheritance.take();
                self.arm(&mut progress, period.next(due, now));
                return;
            }
            progress.phase = Phase::Ended;
        }
        self.end();
    }
}

/// Uncounts the timer on drop: the end of the program now finds it among the threads, or need not wait for it.
struct Settled<'a> {
    plan: &'a Plan,
    is_waited_for: bool,
}

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        // If a subscriber has forked, the timer is not counted in the child.
        if !self.plan.is_left_behind() {
            self.plan.queue().settled(self.is_waited_for);
        }
    }
}
