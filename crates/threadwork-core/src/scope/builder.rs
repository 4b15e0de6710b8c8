//! Scopes: how they are configured and run.

use std::{
    error::Error,
    fmt, mem,
    panic::resume_unwind,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use threadwork_sync::{Deadline, internal::panic::catch};

use super::{
    handle::Scope,
    state::{ScopeState, StopsOn},
};
use crate::{
    outcome::{Failure, Outcome},
    panic::Panic,
};

/// Configures a [`scope`](crate::scope()) before it runs.
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
        ScopeBuilder { stops_on: StopsOn { panic: false, failure: false }, timeout: None }
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
        ScopeBuilder { stops_on: StopsOn { panic: true, failure: true }, ..self }
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
        let deadline = self.timeout.map_or(Deadline::NEVER, Deadline::after);
        let state = Arc::new(ScopeState::new(self.stops_on, deadline));
        let returned = thread::scope(|spawner| {
            let scope = Scope { spawner, state: Arc::clone(&state) };
            let returned = catch(|| f(&scope));
            if returned.is_err() {
                state.request_stop();
            }
            state.join_all();
            returned
        });
        let returned = returned.unwrap_or_else(|payload| payload.resume());
        let faults = mem::take(&mut *state.faults.acquire());
        let unseen = faults.into_iter().find(|(_, seen)| !seen.load(Ordering::Acquire));
        match unseen.and_then(|(thread, _)| thread.outcome()) {
            Some(Outcome::Panicked(panic)) => Err(ScopeError::Panicked(panic)),
            Some(Outcome::Failed(failure)) => Err(ScopeError::Failed(failure)),
            _ if state.timed_out.load(Ordering::Relaxed) => Err(ScopeError::TimedOut),
            _ => Ok(returned),
        }
    }
}

/// An error of [`ScopeBuilder::run`]. All threads of the scope have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// A thread has panicked.
    Panicked(Panic),
    /// The runnable of a thread has returned an error.
    Failed(Failure),
    /// The time was up, and the threads were asked to stop.
    TimedOut,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScopeError::Panicked(panic) => panic.fmt(f),
            ScopeError::Failed(failure) => failure.fmt(f),
            ScopeError::TimedOut => f.write_str(
                "the scope timed out, and its threads were asked to stop; \
                     allow it more time, or give its threads less to do",
            ),
        }
    }
}

impl Error for ScopeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ScopeError::Panicked(panic) => Some(panic),
            ScopeError::Failed(failure) => Some(failure.error()),
            ScopeError::TimedOut => None,
        }
    }
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
        Err(ScopeError::TimedOut) => unreachable!("this scope has no time limit"),
    }
}
