//! How a scope shall be.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use threadwork_sync::{
    Deadline, StopSource,
    internal::{catch, own_lock},
};

use crate::{
    panic::{Outcome, Panic},
    registry::current,
    scope::{Scope, State},
};

/// How a [`scope`](crate::scope()) shall be.
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
    stops_on_panic: bool,
    timeout: Option<Duration>,
}

impl ScopeBuilder {
    /// A scope as [`scope`](crate::scope()) makes one.
    pub const fn new() -> ScopeBuilder {
        ScopeBuilder { stops_on_panic: false, timeout: None }
    }

    /// When a thread panics, the others are asked to stop.
    pub const fn stop_on_panic(self) -> ScopeBuilder {
        ScopeBuilder { stops_on_panic: true, ..self }
    }

    /// When the time is up, which begins with [`run`](Self::run), the threads are asked to stop; that they do is waited for.
    ///
    /// The time is looked at wherever somebody waits for the threads: in [`ScopedThread::into_result`](crate::ScopedThread::into_result), and at the end of the closure.
    pub const fn timeout(self, timeout: Duration) -> ScopeBuilder {
        ScopeBuilder { timeout: Some(timeout), ..self }
    }

    /// Runs `f` and waits for all threads that were started in the scope.
    ///
    /// # Errors
    ///
    /// [`Panicked`](ScopeError::Panicked) with the first panic of a thread whose result nobody has asked for, or else
    /// [`TimedOut`](ScopeError::TimedOut) if the threads had to be stopped because the time was up.
    ///
    /// # Panics
    ///
    /// If `f` does.
    pub fn run<'env, R>(
        self,
        f: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> R,
    ) -> Result<R, ScopeError> {
        let state = Arc::new(State {
            stop: StopSource::child_of_all(current::stop_token().as_ref()),
            stops_on_panic: self.stops_on_panic,
            deadline: self.timeout.map_or(Deadline::NEVER, Deadline::after),
            timed_out: AtomicBool::new(false),
            threads: own_lock("the threads of a scope", Vec::new()),
            panics: own_lock("the panics of a scope", Vec::new()),
        });
        let returned = thread::scope(|inner| {
            let scope = Scope { inner, state: Arc::clone(&state) };
            let returned = catch(|| f(&scope));
            if returned.is_err() {
                state.request_stop();
            }
            state.join_all();
            returned
        });
        let returned = returned.unwrap_or_else(|payload| payload.resume());
        let panics = std::mem::take(&mut *state.panics.acquire());
        let unseen = panics.into_iter().find(|(_, seen)| !seen.load(Ordering::Acquire));
        if let Some(Outcome::Panicked(panic)) = unseen.and_then(|(thread, _)| thread.outcome()) {
            return Err(ScopeError::Panicked(panic));
        }
        if state.timed_out.load(Ordering::Relaxed) {
            Err(ScopeError::TimedOut)
        } else {
            Ok(returned)
        }
    }
}

/// Why a [`ScopeBuilder::run`] has not gone well. All threads have ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ScopeError {
    /// A thread has panicked.
    Panicked(Panic),
    /// The time was up, and the threads were asked to stop.
    TimedOut,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScopeError::Panicked(panic) => panic.fmt(f),
            ScopeError::TimedOut => {
                f.write_str("the time of the scope was up, and its threads were stopped")
            }
        }
    }
}

impl Error for ScopeError {}
