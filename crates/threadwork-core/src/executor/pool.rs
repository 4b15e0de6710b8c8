//! What an executor consists of.

use std::{
    num::NonZeroU64,
    panic::Location,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use once_cell::race::OnceBox;
use threadwork_sync::{
    Lock, StopSource, WaitKind,
    internal::{door::Subject, lock::own_lock},
};

use self::later::Later;
use super::{
    job::{Fault, JobRef},
    line::Line,
};
use crate::{
    error::Refusal,
    group::ThreadGroup,
    life::{Settings, ThreadHandle},
    outcome::Failure,
    process::this_process,
};

mod later;

/// What [`submit`](crate::Executor::submit) does while as many jobs are pending as the [backlog](crate::ExecutorBuilder::backlog) allows.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Executor, Refusal, ResultError, WhenFull};
///
/// # use threadwork_sync::Event;
/// static GO: Event = Event::new();
///
/// let executor = Executor::builder().workers(1).backlog(0).when_full(WhenFull::Refuse).build();
/// let first = executor.submit(|| GO.wait());
/// let second = executor.submit(|| ());
/// assert!(matches!(second.into_result(), Err(ResultError::Refused(Refusal::Full))));
/// GO.set();
/// first.into_result()?;
/// # Ok::<(), ResultError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhenFull {
    /// It blocks the current thread until there is room. A job that submits to its own executor may wait for ever then.
    #[default]
    Wait,
    /// It refuses the job: [`Refusal::Full`].
    Refuse,
    /// It runs the job in the current thread.
    RunHere,
}

/// Called once in each worker, before its first job.
pub(super) type Initializer = Arc<dyn Fn() -> Result<(), Failure> + Send + Sync>;

/// What the executor, its jobs and its workers share.
pub(super) struct Pool {
    pub(super) line: Line<JobRef>,
    pub(super) when_full: WhenFull,
    pub(super) plan: WorkerPlan,
    /// A stop of the executor, its group or the token that it was given: workers leave, and no pending job is run.
    pub(super) stop: StopSource,
    /// Why the initializer has failed.
    broken: OnceBox<Failure>,
    /// The process that the executor belongs to.
    process: u32,
    pub(super) workers: Lock<Vec<WorkerPlace>>,
    pub(super) outside: Outside,
}

/// The jobs that are neither pending nor with a worker.
pub(super) struct Outside {
    pub(super) later: Later,
    /// The threads that run jobs of their own, for which there was no room, and the places of these jobs.
    pub(super) run_here: Lock<Vec<(NonZeroU64, usize)>>,
}

impl Outside {
    fn new() -> Outside {
        Outside {
            later: Later::new(),
            run_here: own_lock("the jobs that run outside of an executor", Vec::new()),
        }
    }
}

/// How workers are made.
pub(super) struct WorkerPlan {
    pub(super) name: String,
    pub(super) settings: Settings,
    pub(super) initializer: Option<Initializer>,
    /// The number of the next worker.
    pub(super) next_number: AtomicUsize,
}

/// A worker, as others see it.
#[derive(Clone)]
pub(super) struct WorkerPlace {
    pub(super) thread: ThreadHandle,
    /// The place of the job that it runs; zero if it runs none. A reader of reports may find it outdated.
    pub(super) running: Arc<AtomicUsize>,
}

impl Pool {
    pub(super) fn new(line: Line<JobRef>, when_full: WhenFull, mut plan: WorkerPlan) -> Pool {
        let group = plan.settings.group.as_ref().map(ThreadGroup::stop_token);
        let stop = StopSource::child_of_all(plan.settings.stop_parent.iter().chain(&group));
        plan.settings.stop_parent = Some(stop.token());
        Pool {
            line,
            when_full,
            plan,
            stop,
            broken: OnceBox::new(),
            process: this_process(),
            workers: own_lock("the workers of an executor", Vec::new()),
            outside: Outside::new(),
        }
    }

    /// Returns the number by which reports tell the executor from others.
    pub(super) fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    /// Returns what a wait at the executor is for.
    pub(super) fn subject(&self, kind: WaitKind, location: &'static Location<'static>) -> Subject {
        Subject::of_executor(kind, self.address(), location)
    }

    /// Returns `true` in the child of a fork: the workers are in another process, and one of them may have locked anything at the fork.
    pub(super) fn is_left_behind(&self) -> bool {
        self.process != this_process()
    }

    /// Returns why no jobs are taken any more.
    pub(super) fn refusal(&self) -> Refusal {
        match self.broken.get() {
            Some(failure) => Refusal::Broken(failure.clone()),
            None => Refusal::ShutDown,
        }
    }

    pub(super) fn close(&self) {
        if !self.is_left_behind() {
            self.line.close();
            self.outside.later.close();
        }
    }

    /// Ends the pending jobs. Returns how many there were.
    pub(super) fn cancel_pending(&self) -> usize {
        if self.is_left_behind() {
            return 0;
        }
        let jobs = self.line.take_pending();
        jobs.iter().filter(|it| it.give_up(Fault::Cancelled)).count()
    }

    /// Takes no more jobs and cancels the pending ones, since a stop was requested.
    pub(super) fn has_stopped(&self) {
        self.line.close();
        self.outside.later.close();
        self.cancel_pending();
    }

    /// Takes no more jobs and refuses the pending ones, since the initializer of a worker has failed.
    pub(super) fn breaks(&self, failure: &Failure, first: Option<JobRef>) {
        // Another worker may have failed first.
        let _ = self.broken.set(Box::new(failure.clone()));
        self.line.close();
        self.outside.later.close();
        for job in first.into_iter().chain(self.line.take_pending()) {
            job.give_up(Fault::Refused(self.refusal()));
        }
    }

    /// Adds a worker. Returns those that have ended, which the caller drops with nothing locked.
    pub(super) fn add_worker(&self, worker: WorkerPlace) -> Vec<WorkerPlace> {
        let mut workers = self.workers.acquire();
        let ended = workers.extract_if(.., |it| it.thread.state().has_ended()).collect();
        workers.push(worker);
        ended
    }

    pub(super) fn remove_worker(&self, thread: &ThreadHandle) {
        let mut workers = self.workers.acquire();
        let place = workers.iter().position(|it| it.thread == *thread);
        let _removed = place.map(|it| workers.swap_remove(it));
        drop(workers);
    }

    /// Returns the numbers of the workers and the places of the jobs that they run.
    pub(super) fn running(&self) -> Vec<(NonZeroU64, usize)> {
        let workers = self.workers.acquire();
        let alive = workers.iter().filter(|it| !it.thread.state().has_ended());
        alive
            .filter_map(|it| Some((it.thread.ident()?, it.running.load(Ordering::Relaxed))))
            .collect()
    }
}
