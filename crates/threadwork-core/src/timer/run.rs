//! A timer that is due.

use std::{mem, sync::Arc};

use threadwork_sync::{
    get_native_id,
    internal::{
        number::reserve_ident,
        panic::{Payload, catch},
    },
};

use super::{
    due::Due,
    plan::{Phase, Plan, TimerLegacy, Work},
};
use crate::{
    error::StartError,
    life::{Owner, ThreadHandle, ThreadState},
    panic::{Outcome, Panic, keeping_place, message_of, report, reported},
    start::{self, Prepared},
    tell::{events::Context, hooks::SpawnCalls},
    work::Nothing,
};

impl Plan {
    /// It is due: starts its thread. The service calls it, which has taken it from the queue.
    pub(super) fn fire(self: &Arc<Self>) {
        let (legacy, is_waited_for) = {
            let mut progress = self.progress.acquire();
            // Somebody has cancelled it since.
            let Phase::Pending { due, is_waited_for } = progress.phase else { return };
            if self.stop_requested() {
                drop(progress);
                self.cancel();
                return;
            }
            self.make(progress.phase);
            progress.phase = Phase::Fired(due);
            (progress.legacy.take(), is_waited_for)
        };
        let _settled = Settled { plan: self, is_waited_for };
        let TimerLegacy { context, calls } = legacy.map(|it| *it).unwrap_or_default();
        let started = catch(|| {
            let _entered = context.as_deref().map(Context::enter);
            if self.is_periodic {
                self.start_run(calls, context.clone())
            } else {
                self.start_thread(calls)
            }
        });
        match started {
            Ok(Ok(())) => (),
            Ok(Err(error)) => self.refused(&error.to_string(), context),
            // What the thread inherits of the values of this one is computed by code of others.
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
        start::start(&thread.handle, Some(Prepared { reserved, calls }), |builder, newborn| {
            builder.spawn(move || newborn.live(|_| plan.run())).map(Some)
        })
    }

    /// Starts one run of a timer that repeats.
    ///
    /// Each run is a thread with a life of its own, below that of the timer, which has the name and the number of the latest.
    fn start_run(
        self: &Arc<Self>,
        calls: SpawnCalls,
        context: Option<Arc<Context>>,
    ) -> Result<(), StartError> {
        let thread = self.thread();
        let plan = Arc::clone(self);
        let owner = Owner::new(self.life_of_run(), Nothing);
        let run = ThreadHandle::of(&owner);
        // Before it runs: that it joins its own timer has to be noticed.
        let reserved = reserve_ident();
        run.life().set_ident(Some(reserved.get()));
        thread.handle.life().set_ident(Some(reserved.get()));
        thread.handle.life().set_state(ThreadState::Running);
        let mut last = None;
        let started = start::start(
            &run,
            Some(Prepared { reserved: Some(reserved), calls }),
            |builder, newborn| {
                // After all that may panic: whoever joins the timer joins this run, if there is one.
                last = thread.run.acquire().replace(run.clone());
                let spawned =
                    builder.spawn(move || newborn.live(|run| plan.run_and_go_on(run, context)));
                if spawned.is_err() {
                    mem::swap(&mut *thread.run.acquire(), &mut last);
                }
                spawned.map(Some)
            },
        );
        // If nobody else speaks of the thread of the last run, what it was given is dropped here.
        reported("drop of a thread", || drop(last));
        started
    }

    /// There is no thread. What is periodic tries again next time; what is not has had its chance.
    fn refused(self: &Arc<Self>, why: &str, context: Option<Arc<Context>>) {
        let name = self.thread().handle.name();
        let why = format!("its thread was not started when it was due: {why}");
        report(&format!("threadwork: timer '{name}': {why}"));
        let now = Due::now();
        let _work = {
            let mut progress = self.progress.acquire();
            let period = progress.work.as_ref().and_then(|it| it.period());
            if let (Phase::Fired(due), Some(period)) = (progress.phase, period) {
                progress.legacy = context.map(|it| {
                    Box::new(TimerLegacy { context: Some(it), calls: SpawnCalls::default() })
                });
                self.arm(&mut progress, period.next(due, now));
                return;
            }
            progress.phase = Phase::Ended;
            progress.work.take()
        };
        if self.is_periodic {
            self.end();
        } else {
            let panic = Panic::caught(name, Payload::new(Box::new(why)));
            self.thread().handle.life().end(Outcome::Panicked(panic));
        }
    }

    /// Calls the function, in its thread. The function, and the plan if nobody else has it, are gone when this returns.
    fn run(self: Arc<Self>) -> Result<(), Payload> {
        catch(move || {
            let work = self.progress.acquire().work.take();
            work.into_iter().for_each(|mut it| it.run());
        })
    }

    /// As [`run`](Self::run), and sees to the next one; a panic of this one does not matter to it.
    fn run_and_go_on(
        self: Arc<Self>,
        run: &ThreadHandle,
        context: Option<Arc<Context>>,
    ) -> Result<(), Payload> {
        let Some(mut work) = self.progress.acquire().work.take() else { return Ok(()) };
        self.thread().handle.life().set_native_id(get_native_id());
        let ran = catch(|| work.run());
        let go_on = || catch(move || self.go_on(run, work, context));
        if ran.is_ok() {
            return go_on();
        }
        // The first panic is the one that is told.
        keeping_place(|| drop(go_on()));
        ran
    }

    fn go_on(
        self: &Arc<Self>,
        run: &ThreadHandle,
        work: Box<dyn Work>,
        context: Option<Arc<Context>>,
    ) {
        if self.is_left_behind() {
            // The function has forked; the child has nobody who would start the next run.
            return;
        }
        let mut legacy = None;
        reported("spawn hook", || legacy = self.legacy(context));
        let now = Due::now();
        let period = work.period();
        let mut work = Some(work);
        {
            let mut progress = self.progress.acquire();
            if let (Phase::Fired(due), Some(period)) = (progress.phase, period)
                && !run.stop_requested()
            {
                progress.work = work.take();
                progress.legacy = legacy.take();
                self.arm(&mut progress, period.next(due, now));
                return;
            }
            progress.phase = Phase::Ended;
        }
        self.end();
    }
}

/// Its drop says that the end of the program finds the timer among the threads now, or need not look for it.
struct Settled<'a> {
    plan: &'a Plan,
    is_waited_for: bool,
}

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        // Where a subscriber has forked, it is not counted in the child.
        if !self.plan.is_left_behind() {
            self.plan.queue().settled(self.is_waited_for);
        }
    }
}
