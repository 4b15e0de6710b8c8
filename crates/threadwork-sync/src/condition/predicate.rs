//! Waiting on a condition until what threads wait for has come true.

use std::{
    ops::ControlFlow::{self, Break, Continue},
    panic::Location,
    time::Duration,
};

use crate::{condition::Condition, error::WaitError, guard::Guard, wait::Wait};

impl Condition {
    /// Waits until `predicate` returns a value, and returns that value. The predicate is called with the lock held: first immediately,
    /// then after each notification.
    ///
    /// # Panics
    ///
    /// As for [`wait`](Self::wait). If the predicate panics, the lock is held, as it was before the call.
    #[track_caller]
    pub fn wait_for<G: Guard, R>(
        &self,
        guard: &mut G,
        mut predicate: impl FnMut(&mut G) -> Option<R>,
    ) -> R {
        loop {
            if let Some(value) = predicate(guard) {
                return value;
            }
            self.wait(guard);
        }
    }

    /// Like [`wait_for`](Self::wait_for), but for at most `timeout` in total, however many notifications arrive.
    /// The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_timeout<G: Guard, R>(
        &self,
        guard: &mut G,
        timeout: Duration,
        predicate: impl FnMut(&mut G) -> Option<R>,
    ) -> Result<R, WaitError> {
        self.wait_for_with(guard, &Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but until `wait` ends at the latest. The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_with<G: Guard, R>(
        &self,
        guard: &mut G,
        wait: &Wait,
        mut predicate: impl FnMut(&mut G) -> Option<R>,
    ) -> Result<R, WaitError> {
        let look = |guard: &mut G| predicate(guard).map_or(Continue(()), Break);
        self.look_until(guard, wait, look).map_err(|((), error)| error)
    }

    /// Like [`wait_for_timeout`](Self::wait_for_timeout), with a predicate that also says what is missing, as
    /// [`wait_for_ok_with`](Self::wait_for_ok_with).
    ///
    /// # Errors
    ///
    /// Returns the last answer of the predicate, and [`WaitError::TimedOut`] if the timeout expires first.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_ok_timeout<G: Guard, R, N>(
        &self,
        guard: &mut G,
        timeout: Duration,
        predicate: impl FnMut(&mut G) -> Result<R, N>,
    ) -> Result<R, (N, WaitError)> {
        self.wait_for_ok_with(guard, &Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_for_with`](Self::wait_for_with), with a predicate that also says what is missing: `Ok` ends the wait, and the last `Err` is
    /// returned if the wait ends first. Python's `wait_for` returns the last answer of its predicate alike.
    ///
    /// # Errors
    ///
    /// Returns the last answer of the predicate, and [`WaitError::TimedOut`] or [`WaitError::Stopped`], if `wait` ends first.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{Condition, Lock, WaitError};
    ///
    /// let (arrived, changed) = (Lock::new(vec!["one", "two"]), Condition::new());
    /// let mut guard = arrived.acquire();
    /// let all = changed.wait_for_ok_with(&mut guard, &Duration::ZERO.into(), |arrived| match arrived.len() {
    ///     5 => Ok(()),
    ///     n => Err(5 - n),
    /// });
    /// assert_eq!(all, Err((3, WaitError::TimedOut)));
    /// ```
    #[track_caller]
    pub fn wait_for_ok_with<G: Guard, R, N>(
        &self,
        guard: &mut G,
        wait: &Wait,
        mut predicate: impl FnMut(&mut G) -> Result<R, N>,
    ) -> Result<R, (N, WaitError)> {
        let look = |guard: &mut G| match predicate(guard) {
            Ok(value) => Break(value),
            Err(missing) => Continue(missing),
        };
        self.look_until(guard, wait, look)
    }

    /// Waits while `predicate` returns `true` for the value of the lock. The predicate is called with the lock held: first immediately,
    /// then after each notification.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{Condition, Lock};
    ///
    /// let (pending, changed) = (Lock::new(true), Condition::new());
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         let mut pending = pending.acquire();
    ///         *pending = false;
    ///         changed.notify(&pending, 1);
    ///     });
    ///     let mut guard = pending.acquire();
    ///     changed.wait_while(&mut guard, |pending| *pending);
    ///     assert!(!*guard);
    /// });
    /// ```
    #[track_caller]
    pub fn wait_while<G: Guard>(
        &self,
        guard: &mut G,
        mut predicate: impl FnMut(&G::Target) -> bool,
    ) {
        while predicate(guard) {
            self.wait(guard);
        }
    }

    /// Like [`wait_while`](Self::wait_while), but for at most `timeout` in total, however many notifications arrive.
    /// The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires while the predicate is still `true`.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    #[doc(alias = "wait_timeout_while")]
    #[track_caller]
    pub fn wait_while_timeout<G: Guard>(
        &self,
        guard: &mut G,
        timeout: Duration,
        predicate: impl FnMut(&G::Target) -> bool,
    ) -> Result<(), WaitError> {
        self.wait_while_with(guard, &Wait::timeout(timeout), predicate)
    }

    /// Like [`wait_while`](Self::wait_while), but until `wait` ends at the latest. The predicate is called once more at the end.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends while the predicate is still `true`.
    ///
    /// # Panics
    ///
    /// As for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::{collections::VecDeque, time::Duration};
    /// use threadwork::{Condition, Lock, StopSource, Wait, WaitError};
    ///
    /// let (items, not_empty) = (Lock::new(VecDeque::<u32>::new()), Condition::new());
    /// let stop = StopSource::new();
    /// stop.request_stop();
    /// let mut items = items.acquire();
    /// let wait = Wait::timeout(Duration::from_secs(9)).or_stop(&stop.token());
    /// let ended = not_empty.wait_while_with(&mut items, &wait, |items| items.is_empty());
    /// assert_eq!(ended, Err(WaitError::Stopped));
    /// ```
    #[track_caller]
    pub fn wait_while_with<G: Guard>(
        &self,
        guard: &mut G,
        wait: &Wait,
        mut predicate: impl FnMut(&G::Target) -> bool,
    ) -> Result<(), WaitError> {
        self.wait_for_with(guard, wait, |guard| (!predicate(guard)).then_some(()))
    }

    /// Calls `look` with the lock held until it breaks: first immediately, then after each notification, and once more when `wait` has ended.
    #[track_caller]
    fn look_until<G: Guard, R, N>(
        &self,
        guard: &mut G,
        wait: &Wait,
        mut look: impl FnMut(&mut G) -> ControlFlow<R, N>,
    ) -> Result<R, (N, WaitError)> {
        let mut ended = Ok(());
        loop {
            let last = match look(guard) {
                Break(found) => return Ok(found),
                Continue(last) => last,
            };
            if let Err(error) = ended {
                return Err((last, error));
            }
            ended = self.wait_at(guard, wait, Location::caller()).and_then(|()| wait.check_time());
        }
    }
}
