//! Waking the threads that wait for a read-write lock.

use crate::{
    door::{self, DRAIN, Filter, Key, Sort, Ticket, Token},
    rwlock::word::{Mode, WRITER},
};

/// Wakes each waiter that can proceed, starting from the given word and letting each woken one take the lock in turn.
#[cold]
pub(super) fn wake(key: Key, mut word: usize) {
    let next = |ticket: Ticket| {
        if ticket.sort != Sort::Waiter {
            // What stands here was left behind by a future of an older object at the address, which was forgotten.
            return Filter::Skip;
        }
        let Some(taken) = Mode::of(ticket).and_then(|it| it.take_or_claim(word, WRITER)) else {
            return Filter::Skip;
        };
        word = taken;
        Filter::Wake
    };
    door::unpark_filter(key, next, Token::retry);
}

/// Wakes the thread that waits until the readers are gone.
#[cold]
pub(super) fn wake_drain(key: Key) {
    let drains = |ticket: Ticket| if ticket.amount == DRAIN { Filter::Wake } else { Filter::Skip };
    door::unpark_filter(key, drains, |_| Token::RETRY);
}
