//! Releasing a lock.

use std::{cell::Cell, sync::atomic::Ordering};

use crate::{
    door::{self, Filter, Found, HandOver, Sort, Token},
    error::ReleaseError,
    floor::{fence, free_by_store, let_others_run},
    lock::raw::{PARKED, RawLock},
    number,
};

#[cfg(feature = "lock_probe")]
impl Drop for RawLock {
    fn drop(&mut self) {
        let is_held = self.is_locked();
        crate::lock::probe::ends(&mut self.label, is_held);
    }
}

impl RawLock {
    /// Returns `true` if the holder frees the lock by a store now.
    pub(crate) fn is_freed_by_store(&self) -> bool {
        self.label.freed_by.is_store()
    }

    /// Like [`release_held`](Self::release_held), but does not notify observers.
    #[inline]
    pub(super) fn free_held(&self) {
        if !self.label.freed_by.is_store() {
            return self.free_held_by_swap();
        }
        // Scenario "the lock that is freed by a store" in docs/architecture.md.
        free_by_store(&self.word);
        fence::light();
        if !self.label.freed_by.is_store() {
            self.wake_one();
        }
    }

    /// Like [`release`](Self::release), but does not notify observers.
    #[inline]
    pub(super) fn free(&self) -> Result<(), ReleaseError> {
        let yields = self.label.freed_by.count_release(self.key());
        // The word is not read first: that would take a tenth longer.
        // Scenario "the word that is not read after it was written" in docs/architecture.md.
        let me = number::current_word();
        let freed = self.word.compare_exchange(me, 0, Ordering::Release, Ordering::Relaxed);
        let released = if freed.is_ok() { Ok(()) } else { self.free_slow() };
        if yields {
            let_others_run();
        }
        released
    }

    /// Frees the lock for its holder, who does not know whether somebody waits.
    fn free_held_by_swap(&self) {
        let freed = self.free();
        debug_assert!(freed.is_ok(), "the lock is held");
    }

    /// Frees a lock that the current thread did not find held by itself, or that others wait for, or hands it over.
    #[cold]
    fn free_slow(&self) -> Result<(), ReleaseError> {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & !PARKED == 0 {
                return Err(ReleaseError::NotAcquired);
            }
            if word & PARKED != 0 {
                let how =
                    if self.is_fair() { HandOver::Always } else { HandOver::when(self.key()) };
                return self.hand_over(how);
            }
            match self.word.compare_exchange_weak(word, 0, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(changed) => word = changed,
            }
        }
    }

    /// Frees the lock and wakes the first in its queue.
    fn free_and_wake(&self) -> Result<(), ReleaseError> {
        let word = self.word.swap(0, Ordering::Release);
        if word & PARKED != 0 {
            self.wake_one();
        }
        if word & !PARKED == 0 { Err(ReleaseError::NotAcquired) } else { Ok(()) }
    }

    /// Wakes the first thread in the queue of a lock that is free, and tells it whether it owes the others a wake-up.
    ///
    /// A task owes nothing, because nobody knows when it is polled. So if no thread was woken and tasks are left, the flag stays in the word.
    ///
    /// Scenario "the free lock with a task in its queue" in docs/architecture.md.
    #[cold]
    pub(super) fn wake_one(&self) {
        door::unpark_one(self.key(), |found| {
            if found.woken > 0 {
                self.label.freed_by.has_woken(self.key());
            }
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

    /// Releases the lock: hands it over to the first thread in the queue, or frees it and wakes that thread.
    pub(super) fn hand_over(&self, how: HandOver) -> Result<(), ReleaseError> {
        if how == HandOver::Never { self.free_and_wake() } else { self.hand_over_if(how) }
    }

    /// Makes the first thread in the queue the holder if `how` allows it. Otherwise, or if no thread is there, frees the lock.
    ///
    /// Tasks before that thread are passed over, and not told: they would find the lock held.
    ///
    /// Another thread may have released the lock first. If the lock is not fair, that can also happen after the first waiter was chosen.
    /// Then there is nothing to hand over, and the chosen thread looks at the lock again.
    fn hand_over_if(&self, how: HandOver) -> Result<(), ReleaseError> {
        let (next, is_refused) = (Cell::new(0), Cell::new(false));
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
                if !how.suits(ticket) {
                    is_refused.set(true);
                    return Filter::Stop;
                }
                next.set(ticket.thread);
                Filter::Wake
            },
            |found: Found| {
                if is_refused.get() {
                    return Token::RETRY;
                }
                HandOver::note(self.key());
                let parked = if found.more { PARKED } else { 0 };
                let pass = |word: usize| (word & !PARKED != 0).then_some(next.get() | parked);
                if self.word.fetch_update(Ordering::Release, Ordering::Relaxed, pass).is_ok() {
                    return Token::HANDED_OVER;
                }
                released = Err(ReleaseError::NotAcquired);
                Token::retry(found)
            },
        );
        if is_refused.get() {
            return self.free_and_wake();
        }
        if found.woken == 0 && found.more {
            self.wake_one();
        }
        released
    }
}
