//! The slow path of releasing a lock.

use std::{cell::Cell, sync::atomic::Ordering};

use crate::{
    door::{self, Filter, Found, Key, Token},
    error::ReleaseError,
    lock::raw::{PARKED, RawLock},
};

#[cfg(feature = "lock_probe")]
impl Drop for RawLock {
    fn drop(&mut self) {
        let is_held = self.is_locked();
        crate::lock::probe::ends(&mut self.label, is_held);
    }
}

impl RawLock {
    /// Wakes the first thread in the queue of a lock that is free, and tells it whether it owes the others a wake-up.
    #[cold]
    pub(super) fn wake_one(key: Key) {
        door::unpark_one(key, Token::retry);
    }

    /// Releases a fair lock.
    #[cold]
    pub(super) fn release_in_order(&self) -> Result<(), ReleaseError> {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & !PARKED == 0 {
                return Err(ReleaseError::NotAcquired);
            }
            if word & PARKED != 0 {
                return self.hand_over();
            }
            match self.word.compare_exchange_weak(word, 0, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(changed) => word = changed,
            }
        }
    }

    /// Makes the first thread in the queue the holder, or frees the lock if the queue is empty.
    ///
    /// Another thread may have released the lock first. If the lock is not fair, that can also happen after the first waiter was chosen.
    /// Then there is nothing to hand over, and the chosen thread looks at the lock again.
    pub(super) fn hand_over(&self) -> Result<(), ReleaseError> {
        let next = Cell::new(0);
        let mut released = Ok(());
        door::unpark_filter(
            self.key(),
            |ticket| {
                if next.get() != 0 {
                    return Filter::Stop;
                }
                next.set(ticket.thread);
                Filter::Wake
            },
            |found: Found| {
                let parked = if found.more { PARKED } else { 0 };
                let pass = |word: usize| (word & !PARKED != 0).then_some(next.get() | parked);
                if self.word.fetch_update(Ordering::Release, Ordering::Relaxed, pass).is_ok() {
                    return Token::HANDED_OVER;
                }
                released = Err(ReleaseError::NotAcquired);
                Token::retry(found)
            },
        );
        released
    }
}
