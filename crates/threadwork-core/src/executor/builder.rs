//! The configuration of an executor before it is built.

use std::{
    fmt,
    num::NonZero,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use threadwork_sync::StopToken;

use super::{
    handle::Executor,
    line::Line,
    pool::{Initializer, Pool, WhenFull, WorkerPlan},
};
use crate::{group::ThreadGroup, registry::current, thread::Builder, work::Ending};

/// Configures an executor and then builds it. See [`Executor::builder`].
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Executor, ThreadGroup, WhenFull};
///
/// let server = ThreadGroup::new("server");
/// let executor = Executor::builder()
///     .name("parsers")
///     .workers(4)
///     .group(&server)
///     .backlog(100)
///     .when_full(WhenFull::RunHere)
///     .build();
/// let task = executor.submit(|| threadwork::current_thread().name());
/// assert_eq!(task.into_result()?, "parsers-0");
/// # Ok::<(), threadwork::ResultError>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct ExecutorBuilder {
    name: Option<String>,
    workers: Option<usize>,
    backlog: Option<usize>,
    when_full: WhenFull,
    initializer: Option<Initializer>,
    /// `None` if the group is not set; `Some(None)` if it is set to no group.
    group: Option<Option<ThreadGroup>>,
    worker: Builder,
}

impl ExecutorBuilder {
    /// Sets the name of the executor and of its group. The workers are called `name-0`, `name-1` and so on. By default the name is
    /// `Executor-1`, or has another number.
    pub fn name(self, name: impl Into<String>) -> ExecutorBuilder {
        ExecutorBuilder { name: Some(name.into()).filter(|it| !it.is_empty()), ..self }
    }

    /// Sets the largest possible number of workers. By default it is the number of threads that can run
    /// [at the same time](std::thread::available_parallelism).
    pub fn workers(self, workers: usize) -> ExecutorBuilder {
        ExecutorBuilder { workers: Some(workers), ..self }
    }

    /// Sets how many jobs may be pending while all workers are busy. By default there is no limit. With zero, a job is taken only by a worker that
    /// is free.
    pub fn backlog(self, jobs: usize) -> ExecutorBuilder {
        ExecutorBuilder { backlog: Some(jobs), ..self }
    }

    /// Sets what [`submit`](Executor::submit) does when the backlog is full. By default it waits.
    pub fn when_full(self, when_full: WhenFull) -> ExecutorBuilder {
        ExecutorBuilder { when_full, ..self }
    }

    /// Sets a function that each worker calls before its first job. It returns `()` or a `Result<(), E>`.
    ///
    /// If it panics or fails, the executor is broken: pending jobs and later ones are refused ([`Refusal::Broken`](crate::Refusal::Broken)), and
    /// workers end. The worker in which that happens fails, as any thread does: its failure handler is called.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::cell::Cell;
    /// use threadwork::{Executor, Refusal, ResultError};
    ///
    /// thread_local! {
    ///     static CONNECTION: Cell<u32> = const { Cell::new(0) };
    /// }
    ///
    /// let executor = Executor::builder().initializer(|| CONNECTION.set(7)).build();
    /// assert_eq!(executor.submit(|| CONNECTION.get()).into_result()?, 7);
    ///
    /// let broken = Executor::builder().initializer(|| Err("no connection")).build();
    /// let error = broken.submit(|| ()).into_result().unwrap_err();
    /// assert!(matches!(error, ResultError::Refused(Refusal::Broken(_))));
    /// # Ok::<(), ResultError>(())
    /// ```
    pub fn initializer<F, E>(self, initializer: F) -> ExecutorBuilder
    where
        F: Fn() -> E + Send + Sync + 'static,
        E: Ending,
    {
        let initializer: Initializer = Arc::new(move || initializer().into_result());
        ExecutorBuilder { initializer: Some(initializer), ..self }
    }

    /// Puts the workers into a group, or with `None` into no group. By default they are in a group of their own with the name of the executor, below the
    /// group of the thread that builds it, if that has one.
    pub fn group<'a>(self, group: impl Into<Option<&'a ThreadGroup>>) -> ExecutorBuilder {
        ExecutorBuilder { group: Some(group.into().cloned()), ..self }
    }

    /// Sets whether the program ends without waiting for the workers and the pending jobs. By default the workers are daemons if the thread is one that
    /// builds the executor.
    pub fn daemon(self, daemon: bool) -> ExecutorBuilder {
        ExecutorBuilder { worker: self.worker.daemon(daemon), ..self }
    }

    /// Sets the size of the stack of each worker in bytes; 0 means the default, which is [`stack_size`](crate::stack_size).
    pub fn stack_size(self, bytes: usize) -> ExecutorBuilder {
        ExecutorBuilder { worker: self.worker.stack_size(bytes), ..self }
    }

    /// Makes a stop of `token` also a stop of the executor. By default it inherits the token that the building thread was given, if any.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Executor;
    /// # use threadwork_sync::StopSource;
    ///
    /// let stop = StopSource::new();
    /// let executor = Executor::builder().stop_token(&stop.token()).build();
    /// let task = executor.submit(|| threadwork::sleep(std::time::Duration::MAX).is_err());
    /// stop.request_stop();
    /// executor.shutdown()?;
    /// assert!(task.is_done() && executor.is_shut_down());
    /// # Ok::<(), threadwork::JoinError>(())
    /// ```
    pub fn stop_token(self, token: &StopToken) -> ExecutorBuilder {
        ExecutorBuilder { worker: self.worker.stop_token(token), ..self }
    }

    /// Sets whether diagnostics, if they are on, print the lines of the workers. By default they do.
    pub fn verbose(self, verbose: bool) -> ExecutorBuilder {
        ExecutorBuilder { worker: self.worker.verbose(verbose), ..self }
    }

    /// Builds the executor. No worker is started yet.
    ///
    /// # Panics
    ///
    /// Panics if the number of workers was set to zero.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Executor {
        let max = self.workers.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get));
        assert!(max > 0, "an executor without workers runs no job; give it at least one");
        let name = self.name.unwrap_or_else(next_name);
        let group = self.group.unwrap_or_else(|| Some(group_below_current(&name)));
        let settings = self.worker.name(name.as_str()).group(group.as_ref()).inherit();
        let plan = WorkerPlan {
            name,
            settings,
            initializer: self.initializer,
            next_number: AtomicUsize::new(0),
        };
        let line = Line::new(max, self.backlog.unwrap_or(usize::MAX));
        Executor { pool: Arc::new(Pool::new(line, self.when_full, plan)) }
    }
}

impl Executor {
    /// Creates an executor with at most `workers` threads, named `Executor-1-0`, `Executor-1-1` and so on.
    ///
    /// # Panics
    ///
    /// Panics if `workers` is zero.
    #[must_use]
    #[track_caller]
    pub fn new(workers: usize) -> Executor {
        Executor::builder().workers(workers).build()
    }

    /// Returns a builder for an executor with a name, a group, a limit of pending jobs and so on.
    pub fn builder() -> ExecutorBuilder {
        ExecutorBuilder::default()
    }
}

fn next_name() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    format!("Executor-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Creates a group below that of the current thread.
fn group_below_current(name: &str) -> ThreadGroup {
    let parent = current::with(|it| it.life().group().cloned()).flatten();
    parent.map_or_else(|| ThreadGroup::new(name), |it| it.child(name))
}

// A builder only stores the initializer: it is called elsewhere, and its panics are caught.
impl UnwindSafe for ExecutorBuilder {}
impl RefUnwindSafe for ExecutorBuilder {}

impl fmt::Debug for ExecutorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecutorBuilder")
            .field("name", &self.name)
            .field("workers", &self.workers)
            .field("backlog", &self.backlog)
            .field("when_full", &self.when_full)
            .field("group", &self.group)
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}
