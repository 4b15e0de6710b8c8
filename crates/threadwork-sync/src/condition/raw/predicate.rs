//! Waiting on a condition that includes its lock until what threads wait for has come true.

use std::{
    ops::ControlFlow::{self, Break, Continue},
    panic::Location,
    time::Duration,
};

use crate::{
    condition::raw::{HeldLock, RawCondition},
    error::{ConditionWaitError, NotHolderError, WaitError},
    wait::Wait,
};

impl<L: HeldLock> RawCondition<L> {
    /// Waits until `predicate` returns a value, and returns that value. The predicate is called with the lock held: first immediately,
    /// then after each notification.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock.
    #[track_caller]
    pub fn wait_for<R>(
        &self,
        mut predicate: impl FnMut() -> Option<R>,
    ) -> Result<R, NotHolderError> {
        loop {
            self.check_held()?;
            if let Some(value) = predicate() {
                return Ok(value);
            }
            self.wait()?;
        }
    }

    /// Like [`wait_for`](Self::wait_for), but for at most `timeout` in total, however many notifications arrive.
    /// The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolder`](ConditionWaitError::NotHolder) if the current thread does not hold the lock, and
    /// [`Wait`](ConditionWaitError::Wait) with [`WaitError::TimedOut`] if the timeout expires first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ConditionWaitError, RawCondition, WaitError};
    ///
    /// let condition = RawCondition::new();
    /// condition.acquire();
    /// assert_eq!(condition.wait_for_timeout(Duration::ZERO, || Some(7)), Ok(7));
    /// let never = condition.wait_for_timeout(Duration::from_millis(1), || None::<u32>);
    /// assert_eq!(never, Err(ConditionWaitError::Wait(WaitError::TimedOut)));
    /// ```
    #[track_caller]
    pub fn wait_for_timeout<R>(
        &self,
        timeout: Duration,
        predicate: impl FnMut() -> Option<R>,
    ) -> Result<R, ConditionWaitError> {
        self.wait_for_with(&Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but until `wait` ends at the latest, however many notifications arrive.
    /// The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolder`](ConditionWaitError::NotHolder) if the current thread does not hold the lock, and
    /// [`Wait`](ConditionWaitError::Wait) with [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    #[track_caller]
    pub fn wait_for_with<R>(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut() -> Option<R>,
    ) -> Result<R, ConditionWaitError> {
        let found = self.look_until(wait, || predicate().map_or(Continue(()), Break))?;
        found.map_err(|((), error)| error.into())
    }

    /// Like [`wait_for_timeout`](Self::wait_for_timeout), with a predicate that also says what is missing, as
    /// [`wait_for_ok_with`](Self::wait_for_ok_with).
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock. The inner result is the last answer of the predicate, with
    /// [`WaitError::TimedOut`] if the timeout expires first.
    #[track_caller]
    pub fn wait_for_ok_timeout<R, N>(
        &self,
        timeout: Duration,
        predicate: impl FnMut() -> Result<R, N>,
    ) -> Result<Result<R, (N, WaitError)>, NotHolderError> {
        self.wait_for_ok_with(&Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_for_with`](Self::wait_for_with), with a predicate that also says what is missing: `Ok` ends the wait, and the last `Err` is
    /// returned if the wait ends first. Python's `wait_for` returns the last answer of its predicate alike.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock. The inner result is the last answer of the predicate, with
    /// [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{RawCondition, WaitError};
    ///
    /// let condition = RawCondition::new();
    /// condition.acquire();
    /// let ended = condition.wait_for_ok_with(&Duration::ZERO.into(), || Err::<(), _>("nobody is there"))?;
    /// assert_eq!(ended, Err(("nobody is there", WaitError::TimedOut)));
    /// # Ok::<(), threadwork::NotHolderError>(())
    /// ```
    #[track_caller]
    pub fn wait_for_ok_with<R, N>(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut() -> Result<R, N>,
    ) -> Result<Result<R, (N, WaitError)>, NotHolderError> {
        self.look_until(wait, || match predicate() {
            Ok(value) => Break(value),
            Err(missing) => Continue(missing),
        })
    }

    /// Waits while `predicate` returns `true`. The predicate is called with the lock held: first immediately, then after each notification.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use threadwork::RawCondition;
    ///
    /// static CHANGED: RawCondition = RawCondition::new();
    /// static PENDING: AtomicBool = AtomicBool::new(true);
    ///
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         CHANGED.acquire();
    ///         PENDING.store(false, Ordering::Relaxed);
    ///         CHANGED.notify_all().unwrap();
    ///         CHANGED.release().unwrap();
    ///     });
    ///     CHANGED.acquire();
    ///     CHANGED.wait_while(|| PENDING.load(Ordering::Relaxed)).unwrap();
    ///     CHANGED.release().unwrap();
    /// });
    /// ```
    #[track_caller]
    pub fn wait_while(&self, mut predicate: impl FnMut() -> bool) -> Result<(), NotHolderError> {
        self.wait_for(|| (!predicate()).then_some(()))
    }

    /// Like [`wait_while`](Self::wait_while), but for at most `timeout` in total, however many notifications arrive.
    /// The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// As for [`wait_for_timeout`](Self::wait_for_timeout).
    #[doc(alias = "wait_timeout_while")]
    #[track_caller]
    pub fn wait_while_timeout(
        &self,
        timeout: Duration,
        predicate: impl FnMut() -> bool,
    ) -> Result<(), ConditionWaitError> {
        self.wait_while_with(&Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_while`](Self::wait_while), but until `wait` ends at the latest. The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// As for [`wait_for_with`](Self::wait_for_with).
    #[track_caller]
    pub fn wait_while_with(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut() -> bool,
    ) -> Result<(), ConditionWaitError> {
        self.wait_for_with(wait, || (!predicate()).then_some(()))
    }

    /// Calls `look` with the lock held until it breaks: first immediately, then after each notification, and once more when `wait` has ended.
    #[track_caller]
    fn look_until<R, N>(
        &self,
        wait: &Wait,
        mut look: impl FnMut() -> ControlFlow<R, N>,
    ) -> Result<Result<R, (N, WaitError)>, NotHolderError> {
        let mut ended = Ok(());
        loop {
            self.check_held()?;
            let last = match look() {
                Break(found) => return Ok(Ok(found)),
                Continue(last) => last,
            };
            if let Err(error) = ended {
                return Ok(Err((last, error)));
            }
            self.check_held()?;
            let notified = self.condition.wait_at(&self.lock, wait, Location::caller());
            ended = notified.and_then(|()| wait.check_time());
        }
    }
}
