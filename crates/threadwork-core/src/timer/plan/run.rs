//! A timer that is due.

use std::{mem, sync::Arc};

use threadwork_sync::{
    get_native_id,
    internal::{Payload, catch, reserve_ident},
};

use super::{Due, Inherited, Phase, Plan, Work};
use crate::{
    error::StartError,
    life::{Life, Owner, Settings, ThreadHandle, ThreadState},
    panic::{Outcome, Panic, keeping_place, message_of, report, reported},
    start::{self, Prepared},
    tell::{events::Context, hooks::SpawnCalls},
    work::Nothing,
};

impl Plan {
    /// It is due: starts its thread. The service calls it, which has taken it from the queue.
    pub(in crate::timer) fn fire(self: &Arc<Self>) {
        let (inherited, is_waited_for) = {
            let mut state = self.state.acquire();
            // Somebody has cancelled it since.
            let Phase::Pending { due, is_waited_for } = state.phase else { return };
            if self.stop_requested() {
                drop(state);
                self.cancel();
                return;
            }
            self.make(state.phase);
            state.phase = Phase::Fired(due);
            (state.inherited.take(), is_waited_for)
        };
        let _settled = Settled { plan: self, is_waited_for };
        let Inherited { origin, first } = inherited.map(|it| *it).unwrap_or_default();
        let started = catch(|| {
            let _entered = origin.as_deref().map(Context::enter);
            self.start_thread(first, origin.clone())
        });
        match started {
            Ok(Ok(())) => (),
            Ok(Err(error)) => self.refused(&error.to_string(), origin),
            // What the thread inherits of the values of this one is computed by code of others.
            Err(payload) => {
                self.refused(&format!("panicked: {}", message_of(payload.get())), origin);
            }
        }
    }

    fn start_thread(
        self: &Arc<Self>,
        first: SpawnCalls,
        origin: Option<Arc<Context>>,
    ) -> Result<(), StartError> {
        let made = self.made();
        let plan = Arc::clone(self);
        if !self.is_periodic {
            let reserved = made.reserved.acquire().take();
            return start::start(
                &made.thread,
                Some(Prepared { reserved, calls: first }),
                |builder, newborn| builder.spawn(move || newborn.live(|_| plan.run())).map(Some),
            );
        }
        // Each run is a thread with a life of its own, below that of the timer, which has the name and the number of the latest.
        let life = made.thread.life();
        let settings = self.settings.as_deref().cloned().unwrap_or_default();
        let stop_parent = Some(made.thread.stop_token());
        let settings = Settings { daemon: life.is_daemon(), stop_parent, ..settings };
        let owner = Owner::new(Life::new(life.name(), settings), Nothing);
        let run = ThreadHandle::of(&owner);
        // Before it runs: that it joins its own timer has to be noticed.
        let reserved = reserve_ident();
        run.life().set_ident(Some(reserved.get()));
        life.set_ident(Some(reserved.get()));
        life.set_state(ThreadState::Running);
        let mut last = None;
        let started = start::start(
            &run,
            Some(Prepared { reserved: Some(reserved), calls: first }),
            |builder, newborn| {
                // After all that may panic: whoever joins the timer joins this run, if there is one.
                last = made.run.acquire().replace(run.clone());
                let spawned =
                    builder.spawn(move || newborn.live(|run| plan.run_and_go_on(run, origin)));
                if spawned.is_err() {
                    mem::swap(&mut *made.run.acquire(), &mut last);
                }
                spawned.map(Some)
            },
        );
        // If nobody else speaks of the thread of the last run, what it was given is dropped here.
        reported("drop of a thread", || drop(last));
        started
    }

    /// There is no thread. What is periodic tries again next time; what is not has had its chance.
    fn refused(self: &Arc<Self>, why: &str, origin: Option<Arc<Context>>) {
        let name = self.made().thread.name();
        let why = format!("its thread was not started when it was due: {why}");
        report(&format!("threadwork: timer '{name}': {why}"));
        let now = Due::now();
        let _work = {
            let mut state = self.state.acquire();
            let period = state.work.as_ref().and_then(|it| it.period());
            if let (Phase::Fired(due), Some(period)) = (state.phase, period) {
                state.inherited = origin.map(|it| {
                    Box::new(Inherited { origin: Some(it), first: SpawnCalls::default() })
                });
                self.arm(&mut state, period.next(due, now));
                return;
            }
            state.phase = Phase::Ended;
            state.work.take()
        };
        if self.is_periodic {
            self.end();
        } else {
            let panic = Panic::caught(name, Payload::new(Box::new(why)));
            self.made().thread.life().end(Outcome::Panicked(panic));
        }
    }

    /// Calls the function, in its thread. The function, and the plan if nobody else has it, are gone when this returns.
    fn run(self: Arc<Self>) -> Result<(), Payload> {
        catch(move || {
            let work = self.state.acquire().work.take();
            work.into_iter().for_each(|mut it| it.run());
        })
    }

    /// As [`run`](Self::run), and sees to the next one; a panic of this one does not matter to it.
    fn run_and_go_on(
        self: Arc<Self>,
        run: &ThreadHandle,
        origin: Option<Arc<Context>>,
    ) -> Result<(), Payload> {
        let Some(mut work) = self.state.acquire().work.take() else { return Ok(()) };
        self.made().thread.life().set_native_id(get_native_id());
        let ran = catch(|| work.run());
        let go_on = || catch(move || self.go_on(run, work, origin));
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
        origin: Option<Arc<Context>>,
    ) {
        if self.is_left_behind() {
            // The function has forked; the child has nobody who would start the next run.
            return;
        }
        let mut inherited = None;
        reported("spawn hook", || inherited = self.inherit(origin));
        let now = Due::now();
        let period = work.period();
        let mut work = Some(work);
        {
            let mut state = self.state.acquire();
            if let (Phase::Fired(due), Some(period)) = (state.phase, period)
                && !run.stop_requested()
            {
                state.work = work.take();
                state.inherited = inherited.take();
                self.arm(&mut state, period.next(due, now));
                return;
            }
            state.phase = Phase::Ended;
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
            self.plan.timers.settled(self.is_waited_for);
        }
    }
}
