//! The threads of a group.

use std::time::Duration;

use threadwork_sync::{Wait, get_ident};

pub use self::join_error::JoinAllError;
pub(crate) use self::join_error::names;
use crate::{
    error::StartError,
    group::ThreadGroup,
    life::ThreadHandle,
    outcome::Failure,
    panic::Panic,
    registry,
    tell::handling::in_its_thread,
    thread::{Builder, Thread},
    work::{Ending, Runnable},
};

mod join_error;

impl ThreadGroup {
    /// Returns a builder for threads of this group. A thread without a name of its own is called `group/worker-N`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let pool = threadwork::ThreadGroup::new("pool");
    /// let thread = pool.builder().daemon(true).build(|| ());
    /// assert_eq!(thread.name(), "pool/worker-1");
    /// assert_eq!(thread.group(), Some(pool));
    /// ```
    #[must_use = "a builder does nothing until it builds"]
    pub fn builder(&self) -> Builder {
        Thread::builder().group(self)
    }

    /// Starts a thread of this group that calls `function`, as [`Thread::spawn`] does. What else a thread may need, such as a name or a result,
    /// [`builder`](Self::builder) offers.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`]. The function is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let pool = threadwork::ThreadGroup::new("pool");
    /// let thread = pool.spawn(|| ())?;
    /// assert_eq!(thread.name(), "pool/worker-1");
    /// pool.join_all()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn<F, R>(&self, function: F) -> Result<Thread, StartError>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Ending,
    {
        self.builder().spawn(function)
    }

    /// Starts `count` threads of this group, each with a clone of `prototype`.
    ///
    /// # Errors
    ///
    /// Returns the [`StartError`] of the first thread that cannot be started. The threads started before it are asked to stop.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ThreadGroup;
    ///
    /// let pool = ThreadGroup::new("pool");
    /// let workers = pool.replicate(&|| while threadwork::sleep(std::time::Duration::MAX).is_ok() {}, 3)?;
    /// assert_eq!((workers.len(), pool.count()), (3, 3));
    /// pool.request_stop();
    /// pool.join_all()?;
    ///
    /// pool.set_limit(0);
    /// assert!(pool.replicate(&|| (), 3).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replicate<P>(&self, prototype: &P, count: usize) -> Result<Vec<Thread<P>>, StartError>
    where
        P: Runnable + Clone + 'static,
    {
        let mut started: Vec<Thread<P>> = Vec::with_capacity(count);
        for _ in 0..count {
            let thread = self.builder().build(prototype.clone());
            if let Err(error) = thread.start() {
                started.iter().for_each(|it| _ = it.request_stop());
                return Err(error);
            }
            started.push(thread);
        }
        Ok(started)
    }

    /// Returns the live threads of this group and of the groups below it, in order of their numbers.
    #[must_use]
    pub fn list(&self) -> Vec<ThreadHandle> {
        registry::all(|it| self.contains(it))
    }

    /// Returns `true` if the thread belongs to this group or to a group below it.
    #[must_use]
    pub fn contains(&self, thread: &ThreadHandle) -> bool {
        thread.life().group().is_some_and(|group| group.with_ancestors().any(|it| it == self))
    }

    /// Sets the panic handler of this group. It replaces the [excepthook](crate::set_excepthook) for the group's threads.
    ///
    /// It is called when a thread of this group or of a group below panics, unless the thread itself
    /// ([`Builder::on_panic`](crate::Builder::on_panic)) or a nearer group has a handler.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::OnceLock;
    /// use threadwork::ThreadGroup;
    ///
    /// static FIRST: OnceLock<String> = OnceLock::new();
    ///
    /// let pool = ThreadGroup::new("pool");
    /// pool.set_panic_handler(|thread, panic| {
    ///     FIRST.set(format!("{}: {}", thread.name(), panic.message())).unwrap();
    /// });
    /// let thread = pool.builder().build(|| panic!("out of paper"));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// assert_eq!(FIRST.get().unwrap(), "pool/worker-1: out of paper");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn set_panic_handler(
        &self,
        handler: impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static,
    ) {
        let handler = in_its_thread(handler);
        self.change_handlers(|it| it.on_panic.replace(handler));
    }

    /// Sets the failure handler of this group. It replaces [that of the process](crate::set_failure_handler) for the group's threads.
    ///
    /// It is called when a thread of this group or of a group below [fails](crate::Failure), unless the thread itself
    /// ([`Builder::on_failure`](crate::Builder::on_failure)) or a nearer group has a handler.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::OnceLock;
    /// use threadwork::ThreadGroup;
    ///
    /// static FIRST: OnceLock<String> = OnceLock::new();
    ///
    /// let pool = ThreadGroup::new("pool");
    /// pool.set_failure_handler(|thread, failure| {
    ///     FIRST.set(format!("{}: {}", thread.name(), failure.message())).unwrap();
    /// });
    /// let thread = pool.builder().build(|| Err::<(), _>("out of paper"));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// assert_eq!(FIRST.get().unwrap(), "pool/worker-1: out of paper");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn set_failure_handler(
        &self,
        handler: impl Fn(&ThreadHandle, &Failure) + Send + Sync + 'static,
    ) {
        let handler = in_its_thread(handler);
        self.change_handlers(|it| it.on_failure.replace(handler));
    }

    /// Blocks the current thread until no other thread of this group or of the groups below it is alive.
    ///
    /// Threads that are started in the meantime are waited for too. How a thread ended is not reported here: see
    /// [`set_panic_handler`](Self::set_panic_handler) and [`set_failure_handler`](Self::set_failure_handler).
    ///
    /// # Errors
    ///
    /// Never returns an error, since it waits for as long as the threads take. The return type is that of all joins.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ThreadGroup;
    ///
    /// let pool = ThreadGroup::new("pool");
    /// let workers = pool.replicate(&|| (), 3)?;
    /// pool.join_all()?;
    /// assert!(workers.iter().all(|it| !it.is_alive()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_all(&self) -> Result<(), JoinAllError> {
        self.join_all_with(&Wait::forever())
    }

    /// Like [`join_all`](Self::join_all), but waits for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`JoinAllError`] with the threads that are still alive when the time is up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::ThreadGroup;
    ///
    /// let pool = ThreadGroup::new("pool");
    /// let worker = pool.builder().build(|| _ = threadwork::sleep(Duration::MAX));
    /// worker.start()?;
    /// let late = pool.join_all_timeout(Duration::from_millis(1)).unwrap_err();
    /// assert_eq!(late.alive(), [worker.handle().clone()]);
    /// pool.request_stop();
    /// pool.join_all_timeout(Duration::from_secs(9))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_all_timeout(&self, timeout: Duration) -> Result<(), JoinAllError> {
        self.join_all_with(&Wait::timeout(timeout))
    }

    /// Like [`join_all`](Self::join_all), but gives up when `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`JoinAllError`] with the threads that are still alive, and with [the reason](JoinAllError::why) why the wait ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ThreadGroup;
    /// # use threadwork_sync::{StopSource, Wait, WaitError};
    ///
    /// let pool = ThreadGroup::new("pool");
    /// pool.builder().build(|| _ = threadwork::sleep(std::time::Duration::MAX)).start()?;
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let error = pool.join_all_with(&Wait::forever().or_stop(&stop.token())).unwrap_err();
    /// assert_eq!(error.why(), WaitError::Stopped);
    /// # pool.request_stop();
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn join_all_with(&self, wait: &Wait) -> Result<(), JoinAllError> {
        let here = get_ident();
        registry::join_all(|it| it.ident() != Some(here) && self.contains(it), wait)
            .map_err(|(alive, why)| JoinAllError { alive, why })
    }
}
