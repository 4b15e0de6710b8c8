//! What makes an executor run a function again and again.

use std::{mem, panic::Location, sync::Arc};

use threadwork_sync::{
    Event, Lock,
    internal::{lock::own_lock, panic::catch},
};

use super::delayed::submit_later;
use crate::{
    error::ResultError,
    executor::{job::Function, pool::Pool},
    outcome::Failure,
    panic::{Panic, reported},
    registry::current,
    task::Task,
    timer::{Due, Period},
};

/// What the runs of a schedule, and those who have it, share.
pub(super) struct Repeat<R> {
    pub(super) pool: Arc<Pool>,
    period: Period,
    pub(super) progress: Lock<Progress<R>>,
    /// Set once no run follows.
    pub(super) over: Event,
    location: &'static Location<'static>,
}

pub(super) struct Progress<R> {
    /// The function, unless it is running. `None` once no run follows.
    function: Option<Repeated<R>>,
    /// The run that is to come, or that is going on.
    run: Option<Arc<Task<()>>>,
    /// How many runs were armed.
    n_armed: u64,
    is_cancelled: bool,
    pub(super) n_runs: u64,
    pub(super) n_faults: u64,
    pub(super) latest: Option<R>,
    pub(super) last_fault: Option<ResultError>,
}

pub(super) type Repeated<R> = Box<dyn FnMut() -> Result<R, Failure> + Send>;

impl<R: Send + 'static> Repeat<R> {
    /// Begins to run the function, one period from now.
    pub(super) fn begin(
        pool: &Arc<Pool>,
        period: Period,
        function: Repeated<R>,
        location: &'static Location<'static>,
    ) -> Arc<Repeat<R>> {
        let progress = Progress {
            function: Some(function),
            run: None,
            n_armed: 0,
            is_cancelled: false,
            n_runs: 0,
            n_faults: 0,
            latest: None,
            last_fault: None,
        };
        let repeat = Arc::new(Repeat {
            pool: Arc::clone(pool),
            period,
            progress: own_lock("the runs of a schedule", progress),
            over: Event::new().named("the end of a schedule"),
            location,
        });
        repeat.arm(Due::now().plus(period.duration()));
        repeat
    }

    /// Has the next run submitted when it is due.
    fn arm(self: &Arc<Self>, due: Due) {
        let number = {
            let mut progress = self.progress.acquire();
            progress.n_armed += 1;
            progress.n_armed
        };
        let (run, delay) = (Run { repeat: Some(Arc::clone(self)), due }, due.since(Due::now()));
        let task = Arc::new(submit_later(&self.pool, delay, false, run, self.location));
        let (is_cancelled, _before) = {
            let mut progress = self.progress.acquire();
            // It may have run meanwhile, and the one after it may be armed.
            let is_latest = progress.n_armed == number;
            (progress.is_cancelled, if is_latest { progress.run.replace(task) } else { None })
        };
        if is_cancelled {
            self.cancel_run();
        }
    }

    /// Prevents any further run. Returns `true` if this call has prevented one.
    pub(super) fn cancel(&self) -> bool {
        let was_cancelled = {
            let mut progress = self.progress.acquire();
            mem::replace(&mut progress.is_cancelled, true)
        };
        let has_prevented = !was_cancelled && !self.is_over();
        self.cancel_run();
        has_prevented
    }

    fn cancel_run(&self) {
        if let Some(run) = self.latest_run() {
            run.cancel();
        }
    }

    pub(super) fn latest_run(&self) -> Option<Arc<Task<()>>> {
        self.progress.acquire().run.clone()
    }

    /// Calls the function, in a worker.
    fn run(self: &Arc<Self>, due: Due) {
        let function = {
            let mut progress = self.progress.acquire();
            if progress.is_cancelled { None } else { progress.function.take() }
        };
        let Some(mut function) = function else { return self.go_on(due) };
        let ran = catch(&mut function).map_err(|it| Panic::caught(current::name(), it));
        let ended = match ran {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(failure)) => Err(ResultError::Failed(failure.of_thread(current::name()))),
            Err(panic) => Err(ResultError::Panicked(panic)),
        };
        let _before = self.progress.acquire().note(ended, function);
        self.go_on(due);
    }

    /// Arms the next run, or ends.
    fn go_on(self: &Arc<Self>, due: Due) {
        let is_over = self.progress.acquire().is_cancelled || self.pool.outside.later.is_closed();
        if is_over { self.end() } else { self.arm(self.period.next(due, Due::now())) }
    }

    fn end(&self) {
        let function = self.progress.acquire().function.take();
        reported("drop of a function", || drop(function));
        self.over.set();
    }
}

impl<R> Repeat<R> {
    /// Returns `true` once no run follows. In the child of a fork none does.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_set() || self.pool.is_left_behind()
    }
}

impl<R> Progress<R> {
    /// Notes how a run has ended. Returns what that replaces, to be dropped with nothing locked.
    fn note(
        &mut self,
        ended: Result<R, ResultError>,
        function: Repeated<R>,
    ) -> (Option<R>, Option<ResultError>) {
        self.function = Some(function);
        self.n_runs += 1;
        match ended {
            Ok(result) => (self.latest.replace(result), None),
            Err(error) => {
                self.n_faults += 1;
                (None, self.last_fault.replace(error))
            }
        }
    }
}

/// One run, which goes on with the next one: also if the executor does not run it.
struct Run<R: Send + 'static> {
    /// `None` once it is run.
    repeat: Option<Arc<Repeat<R>>>,
    due: Due,
}

impl<R: Send + 'static> Function<()> for Run<R> {
    fn call(mut self) -> Result<(), Failure> {
        if let Some(repeat) = self.repeat.take() {
            repeat.run(self.due);
        }
        Ok(())
    }
}

impl<R: Send + 'static> Drop for Run<R> {
    fn drop(&mut self) {
        if let Some(repeat) = self.repeat.take()
            && !repeat.pool.is_left_behind()
        {
            repeat.go_on(self.due);
        }
    }
}
