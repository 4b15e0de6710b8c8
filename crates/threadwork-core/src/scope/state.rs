//! The state that the threads and the jobs of a scope share.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use once_cell::race::OnceBox;
use threadwork_sync::{Deadline, Lock, StopCallback, StopSource, Wait, internal::lock::own_lock};

use super::{
    error::ScopeError,
    work::{Member, Notes, Work},
};
use crate::{
    error::ResultError, life::Ran, panic::reported, registry::current, stop::stop_requested,
};

/// The rule of a scope: what makes it ask its other threads and jobs to stop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StopsOn {
    pub(super) panic: bool,
    pub(super) failure: bool,
    pub(super) success: bool,
}

/// The threads and jobs of a scope, how they ended, and their stop source.
pub(super) struct ScopeState {
    pub(super) stop: StopSource,
    stops_on: StopsOn,
    deadline: Deadline,
    timed_out: AtomicBool,
    /// All that are alive, and some that have ended.
    members: Lock<Vec<Member>>,
    /// Those that panicked or failed, in that order.
    faults: Lock<Vec<Member>>,
    /// How many have succeeded before a stop.
    n_successes: AtomicUsize,
    /// Stops the jobs with the scope. Threads have its token instead.
    stops_jobs: OnceBox<StopCallback>,
}

impl ScopeState {
    /// Creates the state of a scope that the current thread opens. A stop of the current thread also stops the scope.
    ///
    /// Scenario "the stop that spreads" in docs/architecture.md.
    pub(super) fn new(stops_on: StopsOn, deadline: Deadline) -> ScopeState {
        ScopeState {
            stop: StopSource::child_of_all(current::stop_token().as_ref()),
            stops_on,
            deadline,
            timed_out: AtomicBool::new(false),
            members: own_lock("the threads of a scope", Vec::new()),
            faults: own_lock("the faults of a scope", Vec::new()),
            n_successes: AtomicUsize::new(0),
            stops_jobs: OnceBox::new(),
        }
    }

    /// Asks all to stop. A panic of a stop callback is reported, and affects neither the threads nor the scope.
    pub(super) fn request_stop(&self) {
        reported("stop callback", || _ = self.stop.request_stop());
    }

    /// Notes how a function has run, just before its thread or its job ends.
    pub(super) fn has_run(&self, ran: &Ran, notes: &Arc<Notes>, work: impl FnOnce() -> Work) {
        let is_to_stop = match ran {
            Ok(Ok(())) => return self.has_succeeded(notes),
            Ok(Err(_)) => self.stops_on.failure,
            Err(_) => self.stops_on.panic,
        };
        self.faults.acquire().push(Member { work: work(), notes: Arc::clone(notes) });
        if is_to_stop {
            self.request_stop();
        }
    }

    /// Notes that a function has returned. One that was asked to stop before may have given up, so it does not count.
    fn has_succeeded(&self, notes: &Notes) {
        if self.stops_on.success && !stop_requested() {
            notes.succeeds(self.n_successes.fetch_add(1, Ordering::Relaxed));
            self.request_stop();
        }
    }

    /// Notes that an executor has refused a job.
    fn was_refused(&self, member: Member) {
        self.faults.acquire().push(member);
        if self.stops_on.failure {
            self.request_stop();
        }
    }

    /// Returns how the first one has ended that panicked or failed and whose result was not asked for. All have ended.
    pub(super) fn unseen_fault(&self) -> Option<ScopeError> {
        let faults = mem::take(&mut *self.faults.acquire());
        let fault = faults.into_iter().find(|it| !it.notes.is_seen())?;
        fault.work.outcome()?.err().map(ScopeError::without_result)
    }

    /// Returns the error of the scope, if there is one. All have ended.
    pub(super) fn checked(&self) -> Result<(), ScopeError> {
        match self.unseen_fault() {
            Some(error) => Err(error),
            None if self.timed_out.load(Ordering::Relaxed) => Err(ScopeError::TimedOut),
            None => Ok(()),
        }
    }

    #[track_caller]
    pub(super) fn join(&self, work: &Work) -> Result<(), ResultError> {
        match work.join(&Wait::until(self.deadline)) {
            Err(ResultError::StillRunning) => {
                self.timed_out.store(true, Ordering::Relaxed);
                self.request_stop();
                work.join(&Wait::forever())
            }
            joined => joined,
        }
    }

    /// Adds a thread or a job that is joined at the end.
    pub(super) fn add(&self, member: Member) {
        let mut members = self.members.acquire();
        // When the list would grow, those that have ended are removed first, so that a long-lived scope can start any number of them.
        let is_full = members.len() == members.capacity();
        let has_ended = |it: &mut Member| is_full && it.work.has_ended() && !it.is_refused();
        let _ended: Vec<_> = members.extract_if(.., has_ended).collect();
        members.push(member);
        // The removed handles are dropped after this, with nothing locked.
        drop(members);
    }

    /// Adds a job, and stops it if the scope is stopped.
    ///
    /// Scenario "the stop that spreads" in docs/architecture.md.
    pub(super) fn add_job(self: &Arc<Self>, member: Member) {
        if member.is_refused() {
            return self.was_refused(member);
        }
        self.add(member.clone());
        if self.stops_jobs.get().is_none() {
            let state = Arc::downgrade(self);
            let stop_jobs = move || state.upgrade().into_iter().for_each(|it| it.stop_jobs());
            // If the stop was already requested, it is called here.
            let stops_jobs = StopCallback::new(&self.stop.token(), stop_jobs);
            // Another thread may have been faster, and its callback is as good.
            let _ = self.stops_jobs.set(Box::new(stops_jobs));
        }
        if self.stop.stop_requested() {
            member.work.cancel();
            member.work.request_stop();
        }
    }

    fn stop_jobs(&self) {
        let mut members = self.members.acquire().clone();
        members.retain(|it| it.work.is_job());
        // Those that have not begun go first: otherwise a worker would begin with one when the job before it has stopped.
        for member in &members {
            reported("drop of a function", || _ = member.work.cancel());
        }
        for member in &members {
            reported("stop callback", || _ = member.work.request_stop());
        }
    }

    pub(super) fn join_all(&self) {
        // A thread may start others until it ends, and adds them before that.
        while let Some(member) = self.last() {
            // The outcome is checked later.
            let _ = self.join(&member.work);
            self.remove(&member);
            if member.is_refused() {
                self.was_refused(member);
            }
        }
    }

    fn last(&self) -> Option<Member> {
        self.members.acquire().last().cloned()
    }

    /// Removes one that has ended. Until then a stop of the scope finds it.
    fn remove(&self, member: &Member) {
        let mut members = self.members.acquire();
        let place = members.iter().rposition(|it| Arc::ptr_eq(&it.notes, &member.notes));
        let _removed = place.map(|it| members.swap_remove(it));
        drop(members);
    }
}
