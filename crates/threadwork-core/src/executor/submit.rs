//! How a job comes to a worker.

use std::{panic::Location, sync::Arc};

use threadwork_sync::{Event, Wait, WaitError, WaitKind, get_ident};

use super::{
    job::{Job, JobRef},
    line::Put,
    pool::{Pool, WhenFull},
    worker::{refuse, start_worker},
};
use crate::error::Refusal;

/// How a job is submitted.
pub(super) struct Terms<'a> {
    pub(super) priority: i32,
    pub(super) when_full: WhenFull,
    /// How long to wait for room.
    pub(super) wait: &'a Wait,
    pub(super) location: &'static Location<'static>,
}

/// Gives the job to a worker, or leaves it pending.
///
/// # Errors
///
/// Returns why nobody will run it.
pub(super) fn submit(pool: &Arc<Pool>, job: JobRef, terms: &Terms<'_>) -> Result<(), Refusal> {
    if pool.is_left_behind() {
        return Err(Refusal::LeftBehind);
    }
    if pool.stop.stop_requested() {
        pool.has_stopped();
    }
    match pool.line.put(terms.priority, job) {
        Put::Full(job) => when_full(pool, job, terms),
        put => settle(pool, put, terms),
    }
}

/// Does what is left to do for a job that was put into the line.
fn settle(pool: &Arc<Pool>, put: Put<JobRef>, terms: &Terms<'_>) -> Result<(), Refusal> {
    match put {
        Put::Taken => Ok(()),
        Put::Closed => Err(pool.refusal()),
        Put::Full(_) => Err(Refusal::Full),
        Put::Start(job) => {
            let started = start_worker(pool, terms.priority, job);
            started.map_err(|(jobs, failure)| {
                // The first one is this job, whose function the caller may want back.
                refuse(&jobs[1..], &failure);
                Refusal::NoWorker(failure)
            })
        }
    }
}

#[cold]
fn when_full(pool: &Arc<Pool>, job: JobRef, terms: &Terms<'_>) -> Result<(), Refusal> {
    match terms.when_full {
        WhenFull::Refuse => Err(Refusal::Full),
        WhenFull::RunHere => {
            run_here(pool, &job);
            Ok(())
        }
        WhenFull::Wait => wait_for_room(pool, job, terms),
    }
}

/// Runs a job in the current thread.
fn run_here(pool: &Pool, job: &JobRef) {
    let here = (get_ident(), job.life().place());
    pool.outside.run_here.acquire().push(here);
    let is_run = job.run(Arc::<dyn Job>::clone(job));
    if !pool.is_left_behind() {
        pool.outside.run_here.acquire().retain(|it| *it != here);
    }
    if is_run {
        job.life().announce();
    }
}

fn wait_for_room(pool: &Arc<Pool>, mut job: JobRef, terms: &Terms<'_>) -> Result<(), Refusal> {
    let room = Arc::new(Event::new());
    let subject = pool.subject(WaitKind::QueuePut, terms.location);
    loop {
        room.clear();
        match pool.line.put_or_wait(terms.priority, job, Some(&room)) {
            Put::Full(it) => job = it,
            put => return settle(pool, put, terms),
        }
        if let Err(ended) = room.wait_as(&subject, terms.wait) {
            pool.line.give_up_room(&room);
            return Err(match ended {
                WaitError::Stopped => Refusal::WaitStopped,
                _ => Refusal::TimedOut,
            });
        }
    }
}
