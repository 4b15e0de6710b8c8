//! Waiting until a thread runs.

use std::{panic::Location, time::Duration};

use threadwork_sync::{
    Wait, WaitError, WaitKind,
    internal::door::{Subject, without_end},
};

use super::ThreadHandle;

impl ThreadHandle {
    /// Blocks the current thread until the thread runs: it has its [`native_id`](Self::native_id), and its runnable is about to be called.
    /// Returns at once if it runs or has ended.
    ///
    /// [`start`](crate::Thread::start) does not wait for that. If the thread is not started, this waits until another thread starts it.
    /// A [`Timer`](crate::Timer) runs once it is due for the first time.
    ///
    /// # Happens-before
    ///
    /// What the thread did before, such as taking over the values of [`Local`](crate::Local)s, happens before this returns.
    ///
    /// # Differences from Python
    ///
    /// * There, `start` waits until the thread runs.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    ///
    /// let thread = Thread::spawn(|| ())?;
    /// thread.wait_until_running();
    /// # #[cfg(target_os = "linux")]
    /// assert!(thread.native_id().is_some());
    /// thread.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_until_running(&self) {
        let location = Location::caller();
        without_end(|wait| self.wait_for_running(wait, location));
    }

    /// Blocks the current thread until the thread runs or `timeout` has elapsed.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the thread still does not run.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::time::Duration;
    /// use threadwork::Thread;
    /// # use threadwork_sync::WaitError;
    ///
    /// let thread = Thread::new(|| ());
    /// let soon = Duration::from_millis(1);
    /// assert_eq!(thread.wait_until_running_timeout(soon), Err(WaitError::TimedOut));
    /// thread.start()?;
    /// thread.wait_until_running_timeout(Duration::from_secs(60))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_until_running_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.wait_until_running_with(&Wait::timeout(timeout))
    }

    /// Blocks the current thread until the thread runs or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    /// # use threadwork_sync::{StopSource, Wait, WaitError};
    ///
    /// let thread = Thread::new(|| ());
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let wait = Wait::forever().or_stop(&stop.token());
    /// assert_eq!(thread.wait_until_running_with(&wait), Err(WaitError::Stopped));
    /// ```
    #[track_caller]
    pub fn wait_until_running_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.wait_for_running(wait, Location::caller())
    }

    fn wait_for_running(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        let subject = Subject::of(WaitKind::Event, Some("the beginning of a thread"), location);
        self.life().to_arrive().map_or(Ok(()), |running| running.wait_as(&subject, wait))
    }
}
