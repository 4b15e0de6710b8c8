//! Scopes: how they are configured and run.

use std::{panic::resume_unwind, sync::Arc, thread, time::Duration};

use threadwork_sync::{Deadline, internal::panic::catch};

use super::{
    error::ScopeError,
    handle::Scope,
    scoped_task::ScopedTask,
    state::{ScopeState, StopsOn},
};
use crate::{error::StartError, life::lending};

/// Configures a [`scope`](crate::scope()) before it runs.
///
/// A scope has a rule: what its result is, and what makes it ask its other threads and jobs to stop. It waits for all of them in any case.
///
/// | Rule | Form | Java's `StructuredTaskScope.Joiner` |
/// |---|---|---|
/// | all run to their ends | [`run`](Self::run), [`run_all`](Self::run_all) | `awaitAll` |
/// | all succeed; the first failure stops the rest | [`stop_on_failure`](Self::stop_on_failure), then [`run_all`](Self::run_all) or [`run`](Self::run) | `allSuccessfulOrThrow` |
/// | the first success counts, and stops the rest | [`run_first`](Self::run_first) | `anySuccessfulOrThrow` |
///
/// `run_all` returns the results in the order in which they were asked for, `run_first` the one that came first, and `run` whatever its closure
/// returns. Python's `asyncio.TaskGroup` has the second rule.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::{ScopeBuilder, ScopeError};
///
/// let error = ScopeBuilder::new()
///     .stop_on_panic()
///     .timeout(Duration::from_secs(60))
///     .run(|scope| {
///         scope.call(|| threadwork::sleep(Duration::MAX)).unwrap();
///         scope.call(|| panic!("out of paper")).unwrap();
///     })
///     .unwrap_err();
/// let ScopeError::Panicked(panic) = error else { unreachable!() };
/// assert_eq!(panic.message(), "out of paper");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a scope does nothing until it runs"]
pub struct ScopeBuilder {
    stops_on: StopsOn,
    timeout: Option<Duration>,
}

impl ScopeBuilder {
    /// Creates a builder with the settings of [`scope`](crate::scope()): no timeout, and neither a panic nor a failure stops the other threads.
    pub const fn new() -> ScopeBuilder {
        ScopeBuilder {
            stops_on: StopsOn { panic: false, failure: false, success: false },
            timeout: None,
        }
    }

    /// Asks the other threads to stop when a thread panics, but not when one fails.
    pub const fn stop_on_panic(self) -> ScopeBuilder {
        ScopeBuilder { stops_on: StopsOn { panic: true, ..self.stops_on }, ..self }
    }

    /// Asks the other threads to stop when a thread panics or [fails](crate::Failure).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ScopeBuilder, ScopeError};
    ///
    /// let error = ScopeBuilder::new()
    ///     .stop_on_failure()
    ///     .run(|scope| {
    ///         scope.call(|| threadwork::sleep(Duration::MAX)).unwrap();
    ///         scope.start(|| Err::<(), _>("out of paper")).unwrap();
    ///     })
    ///     .unwrap_err();
    /// let ScopeError::Failed(failure) = error else { unreachable!() };
    /// assert_eq!(failure.message(), "out of paper");
    /// ```
    pub const fn stop_on_failure(self) -> ScopeBuilder {
        ScopeBuilder { stops_on: StopsOn { panic: true, failure: true, ..self.stops_on }, ..self }
    }

    /// Asks the threads to stop when this time has passed since the start of [`run`](Self::run). The scope still waits until they have ended.
    ///
    /// The time is checked wherever the threads are waited for: in [`ScopedThread::into_result`](crate::ScopedThread::into_result),
    /// and at the end of the closure.
    pub const fn timeout(self, timeout: Duration) -> ScopeBuilder {
        ScopeBuilder { timeout: Some(timeout), ..self }
    }

    /// Runs `f` and waits for all threads that were started in the scope.
    ///
    /// # Errors
    ///
    /// If threads have panicked or failed whose results were not asked for, returns how the first of them has ended:
    /// [`Panicked`](ScopeError::Panicked) or [`Failed`](ScopeError::Failed). Or else returns [`TimedOut`](ScopeError::TimedOut) if the threads
    /// were asked to stop because the time was up.
    ///
    /// # Panics
    ///
    /// Panics if `f` panics.
    pub fn run<'env, R>(
        self,
        f: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> R,
    ) -> Result<R, ScopeError> {
        let (returned, state) = self.run_in_state(f);
        state.checked()?;
        Ok(returned)
    }

    /// Runs `f`, which starts threads and submits jobs, waits for all of them, and returns their results in the order in which `f` returns them.
    ///
    /// They are [`spawn`](Scope::spawn)ed, or [`spawn_fallible`](Scope::spawn_fallible) if they can fail. All of them have to succeed. With
    /// [`stop_on_failure`](Self::stop_on_failure) the first one that does not stops the rest; without it, the others run to their ends all the
    /// same. Threads whose tasks `f` does not return are waited for, too.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run). If a thread was not started, the others are asked to stop, and the error is [`ScopeError::Failed`] with the
    /// [`StartError`] inside.
    ///
    /// # Panics
    ///
    /// Panics if `f` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{ScopeBuilder, ScopeError};
    ///
    /// fn parsed(lines: &[&str]) -> Result<Vec<u32>, ScopeError> {
    ///     ScopeBuilder::new().stop_on_failure().run_all(|scope| {
    ///         lines.iter().map(|line| scope.spawn_fallible(|| Ok(line.parse::<u32>()?))).collect()
    ///     })
    /// }
    ///
    /// assert_eq!(parsed(&["7", "8", "9"])?, [7, 8, 9]);
    /// assert!(matches!(parsed(&["7", "eight"]), Err(ScopeError::Failed(_))));
    /// # Ok::<(), ScopeError>(())
    /// ```
    pub fn run_all<'env, R>(
        self,
        f: impl for<'scope> FnOnce(
            &Scope<'scope, 'env>,
        ) -> Result<Vec<ScopedTask<'scope, R>>, StartError>,
    ) -> Result<Vec<R>, ScopeError> {
        let (results, state) = self.run_in_state(|scope| {
            let tasks = f(scope).inspect_err(|_| scope.state.request_stop())?;
            Ok(tasks.into_iter().map(ScopedTask::into_result_unseen).collect::<Vec<_>>())
        });
        // The first fault in time goes before the first in order.
        state.checked()?;
        let results = results.map_err(ScopeError::not_started)?;
        results.into_iter().collect::<Result<_, _>>().map_err(ScopeError::without_result)
    }

    /// Runs `f`, which starts threads and submits jobs, and returns the result of the first one that succeeds. The rest are asked to stop, and
    /// waited for.
    ///
    /// A thread succeeds if it neither panics nor [fails](crate::Failure). One that returns after it was asked to stop may have given up, so it
    /// does not count. Panics and failures of those that `f` returns do not matter once one has succeeded.
    ///
    /// # Errors
    ///
    /// If none has succeeded, returns the first panic or failure, or [`TimedOut`](ScopeError::TimedOut), or else
    /// [`NoSuccess`](ScopeError::NoSuccess). Otherwise returns a panic or a failure of a thread that is not among those that `f` returns.
    /// If a thread was not started: as [`run_all`](Self::run_all).
    ///
    /// # Panics
    ///
    /// Panics if `f` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ScopeBuilder, sleep};
    ///
    /// let mirrors = [("slow", Duration::MAX), ("quick", Duration::from_millis(1))];
    /// let first = ScopeBuilder::new().run_first(|scope| {
    ///     let ask = |(name, delay)| scope.spawn_fallible(move || {
    ///         sleep(delay)?;
    ///         Ok(name)
    ///     });
    ///     mirrors.into_iter().map(ask).collect()
    /// })?;
    /// assert_eq!(first, "quick");
    /// # Ok::<(), threadwork::ScopeError>(())
    /// ```
    pub fn run_first<'env, R>(
        mut self,
        f: impl for<'scope> FnOnce(
            &Scope<'scope, 'env>,
        ) -> Result<Vec<ScopedTask<'scope, R>>, StartError>,
    ) -> Result<R, ScopeError> {
        self.stops_on.success = true;
        let (first, state) = self.run_in_state(|scope| {
            let tasks = f(scope).inspect_err(|_| scope.state.request_stop())?;
            Ok(first_success(tasks))
        });
        match first.map_err(ScopeError::not_started)? {
            Some(result) => state.unseen_fault().map_or(Ok(result), Err),
            None => Err(state.checked().err().unwrap_or(ScopeError::NoSuccess)),
        }
    }

    /// Runs `f` and waits for all threads that were started in the scope. Returns how they have ended, too.
    fn run_in_state<'env, R>(
        self,
        f: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> R,
    ) -> (R, Arc<ScopeState>) {
        let deadline = self.timeout.map_or(Deadline::NEVER, Deadline::after);
        let state = Arc::new(ScopeState::new(self.stops_on, deadline));
        let returned = thread::scope(|spawner| {
            lending(|lender| {
                let (lender, its_state) = (lender.clone(), Arc::clone(&state));
                let scope = Scope { spawner, lender, state: its_state };
                let returned = catch(|| f(&scope));
                if returned.is_err() {
                    state.request_stop();
                }
                state.join_all();
                returned
            })
        });
        (returned.unwrap_or_else(|payload| payload.resume()), state)
    }
}

/// Waits for all, and returns the result of the first one that has succeeded. If there is one, the faults of the others do not matter.
fn first_success<R>(tasks: Vec<ScopedTask<'_, R>>) -> Option<R> {
    tasks.iter().for_each(ScopedTask::settle);
    let first =
        tasks.iter().enumerate().filter_map(|(at, it)| Some((it.notes().rank()?, at))).min();
    let (_, first) = first?;
    tasks.iter().for_each(|it| it.notes().see());
    tasks.into_iter().nth(first)?.into_result_unseen().ok()
}

/// Runs `f`, which may start threads that borrow local variables, and waits for all of them.
///
/// This is `std::thread::scope` with this library's threads.
/// If a thread panics and its result is not asked for ([`ScopedThread::into_result`](crate::ScopedThread::into_result)), the panic is
/// resumed here, with its own payload, once all threads have ended. If such a thread [fails](crate::Failure), this panics with the message of
/// the failure, since it has no other way to tell. If there are several of both, the first one counts. If `f` panics, the threads are asked to
/// stop, and are waited for. [`ScopeBuilder`] can do more: its [`run`](ScopeBuilder::run) returns an error instead.
///
/// # Panics
///
/// Panics if `f` panics, or if a thread panics or fails whose result is not asked for.
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
#[track_caller]
pub fn scope<'env, R>(f: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> R) -> R {
    match ScopeBuilder::new().run(f) {
        Ok(returned) => returned,
        Err(ScopeError::Panicked(panic)) => match panic.take_payload() {
            Some(payload) => resume_unwind(payload),
            None => panic!("{panic}"),
        },
        Err(ScopeError::Failed(failure)) => panic!("{failure}"),
        Err(ScopeError::TimedOut | ScopeError::NoSuccess) => {
            unreachable!("this scope has no time limit, and a success does not matter")
        }
    }
}
