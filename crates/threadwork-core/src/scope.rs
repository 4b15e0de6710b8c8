//! Threads that borrow.

use std::{
    fmt,
    marker::PhantomData,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use threadwork_sync::{
    Deadline, Lock, StopSource, StopToken, Wait,
    internal::{catch, own_lock},
};

use crate::{
    error::{JoinError, StartError},
    life::{Owner, ThreadHandle},
    panic::{keeping_place, reported},
    scope_builder::{ScopeBuilder, ScopeError},
    scoped_thread::ScopedThread,
    start,
    thread::Builder,
    work::{Nothing, Runnable, type_name},
};

/// Runs `f`, which may start threads that borrow what is outside, and waits for all of them: `std::thread::scope` with this library's threads.
///
/// If a thread panics whose result nobody has asked for ([`ScopedThread::into_result`]), its panic goes on here, with its own payload,
/// once all threads have ended: that of the first, if there are several.
/// If `f` panics, the threads are asked to stop, and waited for. [`ScopeBuilder`] can do more.
///
/// # Panics
///
/// If `f` does, or a thread whose result nobody has asked for.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let numbers = [1, 2, 3, 4];
/// let (left, right) = numbers.split_at(2);
/// let sum = threadwork::scope(|scope| {
///     let left = scope.call(|| left.iter().sum::<i32>())?;
///     let right = scope.call(|| right.iter().sum::<i32>())?;
///     Ok::<_, threadwork::StartError>(left.into_result().unwrap() + right.into_result().unwrap())
/// })?;
/// assert_eq!(sum, 10);
/// # Ok::<(), threadwork::StartError>(())
/// ```
pub fn scope<'env, R>(f: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> R) -> R {
    match ScopeBuilder::new().run(f) {
        Ok(returned) => returned,
        Err(ScopeError::Panicked(panic)) => match panic.take_payload() {
            Some(payload) => resume_unwind(payload),
            None => panic!("{panic}"),
        },
        Err(ScopeError::TimedOut) => unreachable!("it has no time limit"),
    }
}

/// Where threads are started that may borrow: see [`scope`](scope()).
///
/// A clone is the same scope: a thread that is to start others takes one along.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let count = AtomicU32::new(0);
/// threadwork::scope(|scope| {
///     let inner = scope.clone();
///     let count = &count;
///     scope.call(move || {
///         inner.call(move || count.fetch_add(1, Ordering::Relaxed)).unwrap();
///     })
///     .unwrap();
/// });
/// assert_eq!(count.into_inner(), 1);
/// ```
pub struct Scope<'scope, 'env> {
    pub(crate) inner: &'scope thread::Scope<'scope, 'env>,
    pub(crate) state: Arc<State>,
}

/// What the threads of a scope have in common.
pub(crate) struct State {
    pub(crate) stop: StopSource,
    pub(crate) stops_on_panic: bool,
    pub(crate) deadline: Deadline,
    pub(crate) timed_out: AtomicBool,
    /// All that are alive, and some that have ended.
    pub(crate) threads: Lock<Vec<ThreadHandle>>,
    /// In order of the panics; whether somebody has asked for the result.
    pub(crate) panics: Lock<Vec<(ThreadHandle, Arc<AtomicBool>)>>,
}

impl State {
    /// Asks all threads to stop. A panic of what is called then is not theirs, nor that of the scope.
    pub(crate) fn request_stop(&self) {
        reported("stop callback", || _ = self.stop.request_stop());
    }

    #[track_caller]
    pub(crate) fn join(&self, thread: &ThreadHandle) -> Result<(), JoinError> {
        match thread.join_with(&Wait::until(self.deadline)) {
            Err(JoinError::TimedOut) => {
                self.timed_out.store(true, Ordering::Relaxed);
                self.request_stop();
                thread.join()
            }
            joined => joined,
        }
    }

    /// Adds a thread to those that are joined at the end.
    fn add(&self, thread: ThreadHandle) {
        let mut threads = self.threads.acquire();
        // Where the list would grow, those that have ended make room, so that a scope may last and start many.
        let is_full = threads.len() == threads.capacity();
        let has_ended = |it: &mut ThreadHandle| is_full && it.state().has_ended();
        let _ended: Vec<_> = threads.extract_if(.., has_ended).collect();
        threads.push(thread);
        // What belongs to them is dropped after this.
        drop(threads);
    }

    pub(crate) fn join_all(&self) {
        // A thread starts others before it ends.
        loop {
            let Some(thread) = self.threads.acquire().pop() else { return };
            // How it has ended is seen later.
            let _ = self.join(&thread);
        }
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread that runs `runnable`, and gives it back.
    ///
    /// # Errors
    ///
    /// As those of [`Thread::start`](crate::Thread::start).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Runnable;
    ///
    /// struct Sum<'a>(&'a [u32], u32);
    /// impl Runnable for Sum<'_> {
    ///     fn run(&mut self) {
    ///         self.1 = self.0.iter().sum();
    ///     }
    /// }
    ///
    /// let numbers = vec![1, 2, 3];
    /// let sum = threadwork::scope(|scope| {
    ///     scope.start(Sum(&numbers, 0)).unwrap().into_result().unwrap().1
    /// });
    /// assert_eq!(sum, 6);
    /// ```
    pub fn start<T>(&self, runnable: T) -> Result<ScopedThread<'scope, T>, StartError>
    where
        T: Runnable + 'scope,
    {
        self.start_as(Builder::default(), runnable)
    }

    /// As [`start`](Self::start), for a thread as `builder` says.
    ///
    /// # Errors
    ///
    /// As those of [`Thread::start`](crate::Thread::start).
    pub fn start_as<T>(
        &self,
        builder: Builder,
        mut runnable: T,
    ) -> Result<ScopedThread<'scope, T>, StartError>
    where
        T: Runnable + 'scope,
    {
        let name = runnable.name().into_owned();
        self.spawn(builder, name, move || {
            if let Err(payload) = catch(|| runnable.run()) {
                // Two panics at once would end the program.
                keeping_place(|| reported("drop of a runnable", || drop(runnable)));
                payload.resume();
            }
            runnable
        })
    }

    /// Starts a thread that calls `f`, and keeps what that returns.
    ///
    /// # Errors
    ///
    /// As those of [`Thread::start`](crate::Thread::start).
    pub fn call<F, R>(&self, f: F) -> Result<ScopedThread<'scope, R>, StartError>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        self.call_as(Builder::default(), f)
    }

    /// As [`call`](Self::call), for a thread as `builder` says.
    ///
    /// # Errors
    ///
    /// As those of [`Thread::start`](crate::Thread::start).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Thread, current_thread};
    ///
    /// let name = threadwork::scope(|scope| {
    ///     let builder = Thread::builder().name("borrower");
    ///     scope.call_as(builder, || current_thread().name()).unwrap().into_result().unwrap()
    /// });
    /// assert_eq!(name, "borrower");
    /// ```
    pub fn call_as<F, R>(
        &self,
        builder: Builder,
        f: F,
    ) -> Result<ScopedThread<'scope, R>, StartError>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        self.spawn(builder, type_name::short(std::any::type_name::<F>()), f)
    }

    fn spawn<R: Send + 'scope>(
        &self,
        builder: Builder,
        name: String,
        f: impl FnOnce() -> R + Send + 'scope,
    ) -> Result<ScopedThread<'scope, R>, StartError> {
        let life = builder.or_stop_token(&self.state.stop.token()).life(|| name.into());
        // What it runs is not in its cell, which outlives the scope.
        let owner = Owner::new(life, Nothing);
        let thread = ThreadHandle::of(&owner);
        let result = Arc::new(own_lock("the result of a scoped thread", None));
        let seen = Arc::new(AtomicBool::new(false));
        let (its_result, its_seen) = (Arc::clone(&result), Arc::clone(&seen));
        let state = Arc::clone(&self.state);
        start::start(&thread, None, |builder, newborn| {
            let run = move |thread: &ThreadHandle| {
                let ran = catch(move || {
                    let returned = f();
                    let _old = its_result.acquire().replace(returned);
                    // If nobody else has the result any more, it is dropped here.
                    drop(its_result);
                });
                if ran.is_err() {
                    state.panics.acquire().push((thread.clone(), its_seen));
                    if state.stops_on_panic {
                        state.request_stop();
                    }
                }
                ran
            };
            builder.spawn_scoped(self.inner, move || newborn.live(run))?;
            Ok(None)
        })?;
        self.state.add(thread.clone());
        Ok(ScopedThread {
            thread,
            result,
            seen,
            state: Arc::clone(&self.state),
            scope: PhantomData,
        })
    }

    /// Asks all threads of the scope to stop, also those that are started later. Returns whether this was the first request.
    #[expect(clippy::must_use_candidate, reason = "most callers do not mind who was first")]
    pub fn request_stop(&self) -> bool {
        self.state.stop.request_stop()
    }

    /// What the threads of the scope learn of that request by.
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.state.stop.token()
    }
}

impl Clone for Scope<'_, '_> {
    fn clone(&self) -> Self {
        Scope { inner: self.inner, state: Arc::clone(&self.state) }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("stop_requested", &self.state.stop.stop_requested())
            .finish_non_exhaustive()
    }
}
