//! The slow path of releasing a lock.

use std::{cell::Cell, sync::atomic::Ordering};

use crate::{
    door::{self, Filter, Found, Sort, Token},
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
    /// Wakes those who wait for a lock that was just freed. `word` is what its word was before.
    #[cold]
    pub(super) fn wake_after(&self, word: usize) -> Result<(), ReleaseError> {
        self.wake_one();
        if word == PARKED { Err(ReleaseError::NotAcquired) } else { Ok(()) }
    }

    /// Wakes the first thread in the queue of a lock that is free, and tells it whether it owes the others a wake-up.
    ///
    /// A task owes nothing, because nobody knows when it is polled. So if no thread was woken and tasks are left, the flag stays in the word.
    ///
    /// Scenario "the free lock with a task in its queue" in docs/architecture.md.
    #[cold]
    pub(super) fn wake_one(&self) {
        door::unpark_one(self.key(), |found| {
            if found.woken == 0 && found.more {
                self.word.fetch_or(PARKED, Ordering::Relaxed);
            }
            Token::retry(found)
        });
    }

    /// Wakes the next one in the queue if the lock is free: a task was told of a wake-up, and leaves.
    ///
    /// If the lock is held, its release does that, since the flag is in the word or a woken thread owes it.
    #[cold]
    pub(crate) fn pass_on(&self) {
        if self.word.load(Ordering::Relaxed) & !PARKED == 0 {
            self.wake_one();
        }
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

    /// Makes the first thread in the queue the holder, or frees the lock if no thread is there.
    ///
    /// Tasks before that thread are passed over, and not told: they would find the lock held.
    ///
    /// Another thread may have released the lock first. If the lock is not fair, that can also happen after the first waiter was chosen.
    /// Then there is nothing to hand over, and the chosen thread looks at the lock again.
    pub(super) fn hand_over(&self) -> Result<(), ReleaseError> {
        let next = Cell::new(0);
        let mut released = Ok(());
        let found = door::unpark_filter(
            self.key(),
            |ticket| {
                if next.get() != 0 {
                    return Filter::Stop;
                }
                if ticket.sort != Sort::Waiter {
                    return Filter::Skip;
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
        if found.woken == 0 && found.more {
            self.wake_one();
        }
        released
    }
}
