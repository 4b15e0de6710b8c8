//! The handle of a scope, for its closure and its threads.

use std::{any::type_name, fmt, marker::PhantomData, sync::Arc, thread};

use threadwork_sync::{StopToken, internal::panic::catch};

use super::{
    returned::Returned,
    scoped_task::ScopedTask,
    scoped_thread::ScopedThread,
    state::ScopeState,
    work::{Member, Work},
};
use crate::{
    error::StartError,
    life::{Lender, Owner, ThreadHandle},
    outcome::Failure,
    panic::{keeping_place, reported},
    start,
    stop::has_only_stopped,
    thread::Builder,
    work::type_name,
    work::{Nothing, Runnable},
};

/// Starts threads that may borrow local variables: see [`scope`](crate::scope()).
///
/// A clone refers to the same scope. A thread that starts other threads takes a clone along.
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
    pub(super) spawner: &'scope thread::Scope<'scope, 'env>,
    pub(super) lender: Lender<'scope>,
    pub(super) state: Arc<ScopeState>,
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread that runs `runnable`; the thread's result is the runnable itself.
    ///
    /// If the runnable [fails](crate::Runnable::try_run), it is dropped, and the result is [`ResultError::Failed`](crate::ResultError::Failed).
    /// A closure that returns a `Result` is a runnable, too.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
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
    ///
    /// let failed = threadwork::scope(|scope| {
    ///     let parse = || -> Result<(), std::num::ParseIntError> { "seven".parse::<u32>().map(drop) };
    ///     scope.start(parse).unwrap().into_result().is_err()
    /// });
    /// assert!(failed);
    /// ```
    pub fn start<T>(&self, runnable: T) -> Result<ScopedThread<'scope, T>, StartError>
    where
        T: Runnable + 'scope,
    {
        self.start_as(Builder::default(), runnable)
    }

    /// Like [`start`](Self::start), with the settings of `builder`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
    pub fn start_as<T>(
        &self,
        builder: Builder,
        mut runnable: T,
    ) -> Result<ScopedThread<'scope, T>, StartError>
    where
        T: Runnable + 'scope,
    {
        let name = runnable.name().into_owned();
        self.start_thread(builder, name, move || {
            let fault = match catch(|| runnable.try_run()) {
                Ok(Ok(())) => return Ok(runnable),
                Ok(Err(failure)) if has_only_stopped(&failure) => {
                    return Ok(runnable);
                }
                Ok(Err(failure)) => Ok(failure),
                Err(payload) => Err(payload),
            };
            // A second panic during the first would abort the process, and one after a failure would take its place.
            keeping_place(|| reported("drop of a runnable", || drop(runnable)));
            Err(fault.unwrap_or_else(|payload| payload.resume()))
        })
    }

    /// Starts a thread that calls `f`; the thread's result is the return value of `f`.
    ///
    /// If that is a `Result`, an `Err` is a value like any other, and no failure of the thread. With [`start`](Self::start) it is one.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
    pub fn call<F, R>(&self, f: F) -> Result<ScopedThread<'scope, R>, StartError>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        self.call_as(Builder::default(), f)
    }

    /// Like [`call`](Self::call), with the settings of `builder`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
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
        self.start_thread(builder, type_name::short(type_name::<F>()), || Ok(f()))
    }

    /// Starts a thread that calls `f`, which can fail: an `Err` is the [failure](crate::Failure) of the thread, and the thread's result is what
    /// is in the `Ok`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ResultError;
    ///
    /// let text = String::from("seven");
    /// threadwork::scope(|scope| {
    ///     let parsed = scope.call_fallible(|| Ok(text.parse::<u32>()?)).unwrap();
    ///     assert!(matches!(parsed.into_result(), Err(ResultError::Failed(_))));
    /// });
    /// ```
    pub fn call_fallible<F, R>(&self, f: F) -> Result<ScopedThread<'scope, R>, StartError>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'scope,
        R: Send + 'scope,
    {
        self.call_fallible_as(Builder::default(), f)
    }

    /// Like [`call_fallible`](Self::call_fallible), with the settings of `builder`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
    pub fn call_fallible_as<F, R>(
        &self,
        builder: Builder,
        f: F,
    ) -> Result<ScopedThread<'scope, R>, StartError>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'scope,
        R: Send + 'scope,
    {
        self.start_thread(builder, type_name::short(type_name::<F>()), f)
    }

    /// Starts a thread that calls `f`, like [`call`](Self::call), and returns the result that is on its way:
    /// [`Task::spawn`](crate::Task::spawn), for a function that borrows.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let words = ["one", "two"];
    /// let lengths = threadwork::scope(|scope| {
    ///     let tasks = words.iter().map(|word| scope.spawn(|| word.len()).unwrap());
    ///     let tasks: Vec<_> = tasks.collect();
    ///     tasks.into_iter().map(|it| it.into_result().unwrap()).sum::<usize>()
    /// });
    /// assert_eq!(lengths, 6);
    /// ```
    pub fn spawn<F, R>(&self, f: F) -> Result<ScopedTask<'scope, R>, StartError>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        self.call(f).map(ScopedThread::into_task)
    }

    /// Starts a thread that calls `f`, which can fail, like [`call_fallible`](Self::call_fallible), and returns the result that is on its way.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Thread::start`](crate::Thread::start).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let text = String::from("7");
    /// let seven = threadwork::scope(|scope| {
    ///     scope.spawn_fallible(|| Ok(text.parse::<u32>()?)).unwrap().into_result()
    /// });
    /// assert_eq!(seven, Ok(7));
    /// ```
    pub fn spawn_fallible<F, R>(&self, f: F) -> Result<ScopedTask<'scope, R>, StartError>
    where
        F: FnOnce() -> Result<R, Failure> + Send + 'scope,
        R: Send + 'scope,
    {
        self.call_fallible(f).map(ScopedThread::into_task)
    }

    fn start_thread<R: Send + 'scope>(
        &self,
        builder: Builder,
        name: String,
        f: impl FnOnce() -> Result<R, Failure> + Send + 'scope,
    ) -> Result<ScopedThread<'scope, R>, StartError> {
        let life = builder.or_stop_token(&self.state.stop.token()).life(|| name.into());
        // The cell may outlive the scope, so it does not hold what the thread runs.
        let owner = Owner::new(life, Nothing);
        let thread = ThreadHandle::of(&owner);
        let returned = Returned::new();
        let (result, notes) = (returned.place(), Arc::clone(returned.notes()));
        let state = Arc::clone(&self.state);
        start::start(&thread, None, |spawn| {
            let run = move |thread: &ThreadHandle| {
                let ran = catch(move || {
                    let returned = f().map_err(Failure::in_place_of_result)?;
                    let _old = result.acquire().replace(returned);
                    // If the `ScopedThread` is gone, the result is dropped here.
                    drop(result);
                    Ok(())
                });
                state.has_run(&ran, &notes, || Work::Thread(thread.clone()));
                ran
            };
            spawn.run_scoped(self.spawner, run)
        })?;
        let notes = Arc::clone(returned.notes());
        self.state.add(Member { work: Work::Thread(thread.clone()), notes });
        Ok(ScopedThread { thread, returned, state: Arc::clone(&self.state), scope: PhantomData })
    }

    /// Asks the threads of the scope to stop, including threads that are started later, but not those whose builder was given another
    /// [stop token](crate::Builder::stop_token). Returns `true` if this was the first request.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers do not ask whether they were first"
    )]
    pub fn request_stop(&self) -> bool {
        self.state.stop.request_stop()
    }

    /// Returns the token through which the threads of the scope notice a stop request.
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.state.stop.token()
    }
}

impl Clone for Scope<'_, '_> {
    fn clone(&self) -> Self {
        let (lender, state) = (self.lender.clone(), Arc::clone(&self.state));
        Scope { spawner: self.spawner, lender, state }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("stop_requested", &self.state.stop.stop_requested())
            .finish_non_exhaustive()
    }
}
