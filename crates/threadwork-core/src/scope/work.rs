//! The work of a scope: a thread, or a job of an executor, and what the scope notes of it.

use std::{
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use once_cell::race::OnceBox;
use threadwork_sync::{Wait, Waitable, internal::any::Target};

use crate::{
    error::{JoinError, ResultError},
    life::{Awaited, ThreadHandle, ThreadState},
    outcome::Outcome,
    task::Task,
};

/// A thread of a scope, or a job that it has submitted to an executor.
#[derive(Clone)]
pub(crate) enum Work {
    Thread(ThreadHandle),
    Job(Arc<Job>),
}

/// A job of a scope, which may begin before its task is known here.
#[derive(Default)]
pub(crate) struct Job {
    task: OnceBox<Task<()>>,
}

impl Job {
    pub(super) fn is_submitted(&self, task: Task<()>) {
        // It is submitted once.
        let _ = self.task.set(Box::new(task));
    }

    /// Returns the task. The job was submitted.
    fn task(&self) -> &Task<()> {
        self.task.get().expect("a job is asked for by those who have submitted it")
    }
}

impl Work {
    pub(super) fn thread(&self) -> Option<&ThreadHandle> {
        match self {
            Work::Thread(thread) => Some(thread),
            Work::Job(_) => None,
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        match self {
            Work::Thread(thread) => thread.state().has_ended(),
            Work::Job(job) => job.task().is_done(),
        }
    }

    /// Returns `true` if it has ended with a panic or a failure, or was refused.
    pub(crate) fn has_failed(&self) -> bool {
        match self {
            Work::Thread(thread) => {
                matches!(thread.state(), ThreadState::Panicked | ThreadState::Failed)
            }
            Work::Job(job) => job.task().has_failed(),
        }
    }

    /// Returns how it has ended, if it has.
    pub(crate) fn outcome(&self) -> Option<Result<(), ResultError>> {
        match self {
            Work::Thread(thread) => thread.outcome().map(|it| match it {
                Outcome::Panicked(panic) => Err(ResultError::Panicked(panic)),
                Outcome::Failed(failure) => Err(ResultError::Failed(failure)),
                Outcome::Finished | Outcome::Stopped => Ok(()),
            }),
            Work::Job(job) => {
                let task = job.task.get().filter(|it| it.is_done())?;
                Some(task.get_result().copied())
            }
        }
    }

    /// Waits until it has ended, or until `wait` ends, and returns how.
    #[track_caller]
    pub(super) fn join(&self, wait: &Wait) -> Result<(), ResultError> {
        match self {
            Work::Thread(thread) => Ok(thread.join_with(wait)?),
            Work::Job(job) => job.task().wait_result_with(wait).copied(),
        }
    }

    pub(super) fn request_stop(&self) -> bool {
        match self {
            Work::Thread(thread) => thread.request_stop(),
            Work::Job(job) => job.task().request_stop(),
        }
    }

    /// Prevents a job from beginning. Returns `true` if it is cancelled, now or since an earlier call.
    pub(super) fn cancel(&self) -> bool {
        match self {
            Work::Thread(_) => false,
            Work::Job(job) => job.task().cancel(),
        }
    }

    pub(super) fn is_job(&self) -> bool {
        matches!(self, Work::Job(_))
    }

    /// Returns its end, for a wait at `location`.
    pub(crate) fn awaited(
        &self,
        location: &'static Location<'static>,
    ) -> Result<Awaited<'_>, JoinError> {
        match self {
            Work::Thread(thread) => thread.awaited(location),
            Work::Job(job) => job.task().awaited(location),
        }
    }
}

impl Waitable for Work {
    fn target(&self, location: &'static Location<'static>) -> Target<'_> {
        match self {
            Work::Thread(thread) => thread.target(location),
            Work::Job(job) => job.task().as_waitable().target(location),
        }
    }
}

/// A thread or a job of a scope, and what the scope notes of it.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) work: Work,
    pub(super) notes: Arc<Notes>,
}

impl Member {
    /// Returns `true` if the executor did not take it, or has ended it without being asked for that.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.work.outcome(), Some(Err(ResultError::Refused(_))))
    }
}

/// What a scope notes of one of its threads or jobs.
pub(super) struct Notes {
    /// Whether its panic or failure was told to somebody who has asked for the result.
    is_seen: AtomicBool,
    /// Its number among those that have succeeded before a stop, from 0, or [`NONE`](Self::NONE).
    rank: AtomicUsize,
}

impl Notes {
    const NONE: usize = usize::MAX;

    pub(super) fn new() -> Notes {
        Notes { is_seen: AtomicBool::new(false), rank: AtomicUsize::new(Notes::NONE) }
    }

    pub(super) fn see(&self) {
        self.is_seen.store(true, Ordering::Release);
    }

    pub(super) fn is_seen(&self) -> bool {
        self.is_seen.load(Ordering::Acquire)
    }

    pub(super) fn succeeds(&self, rank: usize) {
        self.rank.store(rank, Ordering::Release);
    }

    /// Returns its number among those that have succeeded.
    pub(super) fn rank(&self) -> Option<usize> {
        Some(self.rank.load(Ordering::Acquire)).filter(|it| *it != Notes::NONE)
    }
}
