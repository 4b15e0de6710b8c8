//! Waking the threads that wait for a read-write lock, or giving them the lock.

use std::{cell::Cell, sync::atomic::Ordering};

use crate::{
    door::{self, DRAIN, Filter, Found, HandOver, Key, Sort, Ticket, Token},
    rwlock::{
        raw::RawRwLock,
        word::{Mode, PARKED, READER, WRITER},
    },
};

impl RawRwLock {
    /// Wakes each waiter that can proceed, starting from the given word and letting each woken one take the lock in turn.
    #[cold]
    pub(super) fn wake(&self, word: usize) {
        let mut word = word;
        let next = |ticket: Ticket| match taken_by(ticket, word) {
            Some(taken) => {
                word = taken;
                Filter::Wake
            }
            None => Filter::Skip,
        };
        door::unpark_filter(self.key(), next, |found| {
            if found.woken > 0 {
                self.label.freed_by.has_woken(self.key());
            }
            Token::retry(found)
        });
    }

    /// Gives the claim, which the current thread has, to the waiters that can proceed, or gives it up and wakes them. If others stay in the
    /// queue, the first that is woken owes them a wake-up.
    #[cold]
    pub(super) fn give_up_to_waiters(&self, change: &dyn Fn(usize) -> usize) {
        // Others may begin and end their reads meanwhile, so the waiters are chosen as if somebody read: a writer gets the claim alone.
        let how = HandOver::when(self.key());
        let is_given = self.hand_over_beside(READER, how, |given, parked| {
            let give = |word| Some((change(word) & !PARKED | parked) + (given - READER));
            let _ = self.word.fetch_update(Ordering::Release, Ordering::Relaxed, give);
        });
        if is_given {
            return;
        }
        let give_up = |word| Some(change(word) & !PARKED);
        let given_up = self.word.fetch_update(Ordering::Release, Ordering::Relaxed, give_up);
        self.wake(change(given_up.unwrap_or_else(|word| word)));
    }

    /// Gives the lock, which the current thread writes, to the waiters that can proceed, if `how` allows that. Returns `false` if it does not.
    #[cold]
    pub(super) fn hand_over(&self, how: HandOver) -> bool {
        self.hand_over_beside(0, how, |given, parked| {
            // The lock has its writer, so nothing but `PARKED` can have changed.
            self.word.swap(given | parked, Ordering::Release);
        })
    }

    /// Chooses the waiters that can proceed with `word`, and calls `give` with the word after they have taken what they can, and with `PARKED`
    /// if others are left. Returns `false`, and does nothing, if `how` does not allow that.
    ///
    /// A writer behind readers gets the claim, and waits until they are gone.
    fn hand_over_beside(&self, word: usize, how: HandOver, give: impl Fn(usize, usize)) -> bool {
        if how == HandOver::Never {
            return false;
        }
        let (given, is_refused) = (Cell::new(word), Cell::new(false));
        let next = |ticket: Ticket| {
            if given.get() == word && ticket.sort == Sort::Waiter && !how.suits(ticket) {
                is_refused.set(true);
            }
            if is_refused.get() {
                return Filter::Stop;
            }
            let Some(taken) = taken_by(ticket, given.get()) else { return Filter::Skip };
            given.set(taken);
            Filter::Wake
        };
        let give = |found: Found| {
            if !is_refused.get() {
                give(given.get(), if found.more { PARKED } else { 0 });
                HandOver::note(self.key());
            }
            Token::HANDED_OVER
        };
        door::unpark_filter(self.key(), next, give);
        !is_refused.get()
    }

    /// Wakes the thread that waits until the readers are gone.
    #[cold]
    pub(super) fn wake_drain(key: Key) {
        let drains =
            |ticket: Ticket| if ticket.amount == DRAIN { Filter::Wake } else { Filter::Skip };
        door::unpark_filter(key, drains, |_| Token::RETRY);
    }
}

/// Returns the word after the waiter has taken what it can of a lock with the given word.
fn taken_by(ticket: Ticket, word: usize) -> Option<usize> {
    // What is no waiter was left behind by a future of an older object at the address, which was forgotten.
    let mode = if ticket.sort == Sort::Waiter { Mode::of(ticket) } else { None };
    mode?.take_or_claim(word, ticket.thread | WRITER)
}
