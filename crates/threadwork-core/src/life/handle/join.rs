//! Joining a thread.

use std::{num::NonZeroU64, panic::Location, time::Duration};

use threadwork_sync::{Wait, get_ident, internal::door::Subject};

use super::ThreadHandle;
use crate::{error::JoinError, life::state::ThreadState, outcome::Outcome};

impl ThreadHandle {
    /// Blocks the current thread until the thread has ended. Any number of threads may join it, any number of times.
    ///
    /// When this returns, the operating system's thread is gone, too, and its thread-local values are dropped. (A scoped thread, the
    /// main thread and the [handle](crate::Timer::handle) of a repeating timer are the exceptions: for them this waits only until the thread
    /// has ended. The values of [`Local`](crate::Local)s of a [recycled](crate::Builder::recycled) thread are dropped by then, and its
    /// operating system thread stays.)
    ///
    /// # Differences from Python
    ///
    /// * If the thread has panicked, every joiner gets the panic.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::Panicked`] if the thread has panicked, and [`NotStarted`](JoinError::NotStarted),
    /// [`CurrentThread`](JoinError::CurrentThread) or [`ForeignThread`](JoinError::ForeignThread) if there is nothing to wait for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{JoinError, Thread};
    ///
    /// let thread = Thread::new(|| panic!("out of paper"));
    /// thread.start()?;
    /// for _ in 0..2 {
    ///     let Err(JoinError::Panicked(panic)) = thread.join() else { unreachable!() };
    ///     assert_eq!(panic.message(), "out of paper");
    /// }
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn join(&self) -> Result<(), JoinError> {
        self.join_with(&Wait::forever())
    }

    /// Blocks the current thread until the thread has ended or `timeout` has elapsed.
    ///
    /// # Differences from Python
    ///
    /// * The result says whether the thread has ended.
    /// * A timeout too long for the clock means no timeout; it is not an error.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::TimedOut`] if the thread is still alive; otherwise as [`join`](Self::join).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{JoinError, Thread};
    /// # use threadwork_sync::Event;
    ///
    /// static GO: Event = Event::new();
    ///
    /// let thread = Thread::new(|| GO.wait());
    /// thread.start()?;
    /// assert!(matches!(thread.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    /// GO.set();
    /// thread.join_timeout(Duration::MAX)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<(), JoinError> {
        self.join_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the thread has ended or `wait` ends.
    ///
    /// If `wait` has a deadline or a stop token, this returns as soon as the outcome of the thread is known.
    /// Only a `wait` without either also waits, as [`join`](Self::join) does, for the operating system's thread, which may still be dropping
    /// its thread-local values.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::TimedOut`] or [`JoinError::WaitStopped`] if the thread is still alive; otherwise as [`join`](Self::join).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{JoinError, Thread};
    /// # use threadwork_sync::{Event, StopSource, Wait};
    ///
    /// static GO: Event = Event::new();
    ///
    /// let thread = Thread::new(|| GO.wait());
    /// thread.start()?;
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert!(matches!(thread.join_with(&wait), Err(JoinError::WaitStopped)));
    /// GO.set();
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_with(&self, wait: &Wait) -> Result<(), JoinError> {
        let ident = self.to_join()?;
        let life = self.life();
        let subject = Subject::join(ident, Location::caller());
        if life.is_left_behind() {
            // In the child of a fork nothing announces the end of the other threads, and there is nothing to wait for.
        } else if wait.deadline().instant().is_some()
            || wait.stop_token().is_some()
            || life.is_main()
        {
            // If the main thread is the one that forked, its join handle may be locked by a joiner that does not exist in this process.
            life.end.ended.wait_as(&subject, wait)?;
        } else {
            life.join_os_thread(&subject);
        }
        self.joined()
    }

    /// Returns the number of the thread if the current thread can wait for its end.
    pub(crate) fn to_join(&self) -> Result<NonZeroU64, JoinError> {
        let life = self.life();
        let ident = life
            .ident()
            .filter(|_| self.state() != ThreadState::New)
            .ok_or(JoinError::NotStarted)?;
        if ident == get_ident() {
            return Err(JoinError::CurrentThread);
        }
        if life.given.origin.is_foreign() && !life.is_main() {
            return Err(JoinError::ForeignThread);
        }
        Ok(ident)
    }

    /// Returns what a joiner is told of a thread that has ended.
    pub(super) fn joined(&self) -> Result<(), JoinError> {
        match self.life().end.fault.get() {
            Some(Outcome::Panicked(panic)) => Err(JoinError::Panicked(panic.clone())),
            Some(Outcome::Failed(failure)) => Err(JoinError::Failed(failure.clone())),
            _ => Ok(()),
        }
    }
}
