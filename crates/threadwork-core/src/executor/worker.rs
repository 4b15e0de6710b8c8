//! A worker: the thread that runs jobs.

use std::{
    borrow::Cow,
    mem,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use threadwork_sync::{Event, StopToken, Wait, WaitKind, internal::panic::catch};

use super::{
    job::{Fault, Job, JobRef},
    line::{Next, Seat},
    list,
    pool::{Pool, WorkerPlace},
};
use crate::{
    error::Refusal,
    exit,
    life::{Life, Owner, ThreadHandle},
    outcome::Failure,
    panic::message_of,
    registry::current,
    start::start_runnable,
    work::Runnable,
};

/// Runs jobs until there will be no more.
struct Worker {
    pool: Arc<Pool>,
    first: Option<JobRef>,
    seat: Seat,
    running: Arc<AtomicUsize>,
}

impl Runnable for Worker {
    fn try_run(&mut self) -> Result<(), Failure> {
        let first = self.first.take();
        if let Err(failure) = self.initialize() {
            self.pool.breaks(&failure, first);
            while let Some(job) = self.pool.line.leave(false) {
                job.give_up(Fault::Refused(self.pool.refusal()));
            }
            return Err(failure);
        }
        let token = current::stop_token();
        let wait = token.iter().fold(Wait::forever(), Wait::or_stop);
        let mut next = first.map_or_else(|| self.next(token.as_ref(), false), Next::Run);
        loop {
            next = match next {
                Next::Run(job) => self.run_job(job, token.as_ref()),
                Next::Wait => self.wait_for_job(&wait, token.as_ref()),
                Next::Leave => return Ok(()),
            }
        }
    }

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed("worker")
    }
}

impl Worker {
    fn initialize(&self) -> Result<(), Failure> {
        let Some(initializer) = &self.pool.plan.initializer else { return Ok(()) };
        catch(|| initializer()).unwrap_or_else(|payload| {
            let why = message_of(payload.get());
            Err(Failure::from(format!("the initializer panicked: {why}")))
        })
    }

    /// Runs a job, takes the next one, and only then says that the first one has ended: whoever has waited for that and submits another
    /// job finds this worker idle, unless it is not.
    ///
    /// Scenario "the end of a job that its worker announces late" in docs/architecture.md.
    fn run_job(&self, job: JobRef, token: Option<&StopToken>) -> Next<JobRef> {
        if token.is_some_and(StopToken::stop_requested) {
            self.leave(Some(job), false);
            return Next::Leave;
        }
        self.running.store(job.life().place(), Ordering::Relaxed);
        let is_run = job.run(Arc::<dyn Job>::clone(&job));
        self.running.store(0, Ordering::Relaxed);
        if self.pool.is_left_behind() {
            // The job has forked, and this is the child, which does not have the other workers.
            return Next::Leave;
        }
        let next = self.next(token, false);
        if is_run {
            job.life().announce();
        }
        next
    }

    /// Takes the next job, or says what to do without one.
    fn next(&self, token: Option<&StopToken>, was_called: bool) -> Next<JobRef> {
        if token.is_some_and(StopToken::stop_requested) {
            self.leave(None, was_called);
            return Next::Leave;
        }
        self.pool.line.next(&self.seat, was_called, exit::is_ending)
    }

    fn wait_for_job(&self, wait: &Wait, token: Option<&StopToken>) -> Next<JobRef> {
        let subject = self.pool.subject(WaitKind::QueueGet, Location::caller());
        let is_stopped = self.seat.wait_as(&subject, wait).is_err();
        let was_called = !(is_stopped && self.pool.line.stand_up(&self.seat));
        if is_stopped && was_called {
            // It was called before it noticed the stop.
            let _ = self.seat.wait_as(&subject, &Wait::forever());
        }
        // Nobody calls it again before it is among the idle ones again.
        self.seat.clear();
        self.next(token, was_called)
    }

    /// Leaves because of a stop. If it was the stop of this thread alone, another one takes over its job, if it was just given one, and what
    /// is pending.
    fn leave(&self, mut job: Option<JobRef>, mut was_called: bool) {
        if self.pool.stop.stop_requested() {
            self.pool.has_stopped();
        }
        while let Some(job) =
            job.take().or_else(|| self.pool.line.leave(mem::take(&mut was_called)))
        {
            if self.pool.stop.stop_requested() {
                job.give_up(Fault::Cancelled);
                continue;
            }
            // The new worker is counted in place of this one.
            if let Err((jobs, failure)) = start_worker(&self.pool, 0, job) {
                refuse(&jobs, &failure);
            }
            return;
        }
    }
}

/// Starts a worker with its first job. It is counted already.
///
/// # Errors
///
/// Returns the job, and all others that are pending, if the system refuses to start it and there are no other workers.
pub(super) fn start_worker(
    pool: &Arc<Pool>,
    priority: i32,
    job: JobRef,
) -> Result<(), (Vec<JobRef>, Failure)> {
    let number = pool.plan.next_number.fetch_add(1, Ordering::Relaxed);
    if number == 0 {
        list::add(pool);
    }
    let running = Arc::new(AtomicUsize::new(0));
    let worker = Worker {
        pool: Arc::clone(pool),
        first: Some(job),
        seat: Arc::new(Event::new()),
        running: Arc::clone(&running),
    };
    let name = format!("{}-{number}", pool.plan.name);
    let mut owner = Owner::new(Life::new(name, pool.plan.settings.clone()), worker);
    let thread = ThreadHandle::of(&owner);
    drop(pool.add_worker(WorkerPlace { thread: thread.clone(), running }));
    let started = catch(|| start_runnable(&thread));
    let failure = match started {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => Failure::from(error),
        // User code computes the values that the thread inherits from the current one.
        Err(payload) => Failure::from(format!("the start panicked: {}", message_of(payload.get()))),
    };
    pool.remove_worker(&thread);
    let job = owner.take().and_then(|mut it| it.first.take());
    let job = job.expect("a thread that was not started has left its runnable alone");
    pool.line.not_started(priority, job).map_err(|jobs| (jobs, failure))
}

/// Ends jobs that no worker will run.
pub(super) fn refuse(jobs: &[JobRef], why: &Failure) {
    for job in jobs {
        job.give_up(Fault::Refused(Refusal::NoWorker(why.clone())));
    }
}
