//! How a semaphore lets threads wait, and hands permits to those who do.

use std::{cell::RefCell, panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, Filter, Holder, Parking, Subject, Ticket, Token, WaitKind},
    error::{ReleaseError, WaitError},
    semaphore::{FLAGS, PARKED, SHIFT, STRICT, Semaphore, UNKNOWN, permits},
    wait::Wait,
};

impl Semaphore {
    /// Waits for `n` permits. Returns what to take them has left of the word.
    #[cold]
    pub(super) fn acquire_slow(
        &self,
        n: usize,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<usize, WaitError> {
        if n > self.limit() {
            return Err(WaitError::Impossible);
        }
        let subject = Subject {
            kind: WaitKind::Semaphore,
            name: self.name(),
            holder: Holder::Nobody,
            location,
        };
        let parking = Parking { key: self.key(), amount: n, subject: &subject };
        let flags = if n > 1 { FLAGS } else { PARKED };
        let mut woken = false;
        loop {
            if let Some(left) = self.take(n) {
                return Ok(left);
            }
            let word = self.word.load(Ordering::Relaxed);
            if word & STRICT == 0 {
                if permits(word) >= n {
                    continue;
                }
            } else if woken && self.take_before_the_queue(n) {
                // Whoever was woken came before all that stand in the queue now.
                return Ok(UNKNOWN);
            }
            if !woken {
                wait.check_time()?;
            }
            if !self.mark_waited_for(word, flags) {
                continue;
            }
            match self.stand(&parking, flags, wait)? {
                Some(Token::HANDED_OVER) => return Ok(UNKNOWN),
                token => woken |= token.is_some(),
            }
        }
    }

    /// Notes that a thread is about to wait. False if the word has changed.
    #[inline]
    fn mark_waited_for(&self, word: usize, flags: usize) -> bool {
        let marked = word | flags;
        word == marked
            || self
                .word
                .compare_exchange(word, marked, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Stands in the queue once.
    #[inline]
    fn stand(
        &self,
        parking: &Parking<'_>,
        flags: usize,
        wait: &Wait,
    ) -> Result<Option<Token>, WaitError> {
        let n = parking.amount;
        let validate = || {
            let word = self.word.load(Ordering::Relaxed);
            word & flags == flags && (word & STRICT != 0 || permits(word) < n)
        };
        // Where permits go from hand to hand, there may be some already for whoever stands in the queue.
        let grant_if_strict = || {
            if self.word.load(Ordering::Relaxed) & STRICT != 0 {
                self.grant_available();
            }
        };
        let stood = wait.park_and(parking, validate, grant_if_strict, |_, _| ());
        if stood.is_err() {
            // Those behind may have waited only for this thread, and permits may have come meanwhile.
            grant_if_strict();
        }
        stood
    }

    /// Gives permits that are there to the threads in the queue.
    #[cold]
    fn grant_available(&self) {
        let granted = self.grant(0);
        debug_assert!(granted.is_ok(), "nothing is added");
    }

    /// Takes permits with the queue locked, also where they go from hand to hand.
    #[cold]
    fn take_before_the_queue(&self, n: usize) -> bool {
        let mut taken = false;
        let take = |word: usize| (permits(word) >= n).then(|| word - (n << SHIFT));
        door::unpark_filter(
            self.key(),
            |_| Filter::Stop,
            |_| {
                taken = self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, take).is_ok();
                Token::RETRY
            },
        );
        taken
    }

    /// Adds permits and gives them out, with the queue locked. The last thing that is done with the semaphore is the store of its word.
    #[cold]
    pub(super) fn grant(&self, added: usize) -> Result<(), ReleaseError> {
        let limit = self.limit();
        let granting = RefCell::new(None);
        let mut result = Ok(());
        let begin = || Granting::begin(self.word.load(Ordering::Relaxed), added, limit);
        door::unpark_filter(
            self.key(),
            |ticket| granting.borrow_mut().get_or_insert_with(begin).next(ticket),
            |found| {
                let granting = granting.take().unwrap_or_else(begin);
                let flags =
                    if found.more { PARKED } else { 0 } | if granting.many { STRICT } else { 0 };
                let give = |word: usize| {
                    // `there` is only a bound where nobody stands in the queue, so it is checked again.
                    let there = permits(word).checked_add(added).filter(|there| *there <= limit)?;
                    Some((there - granting.granted) << SHIFT | flags)
                };
                if self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, give).is_err() {
                    result = Err(ReleaseError::TooMany);
                }
                if granting.strict { Token::HANDED_OVER } else { Token::RETRY }
            },
        );
        result
    }
}

/// Goes through the queue and decides who gets what.
///
/// Somebody stands in the queue, which is locked, so `PARKED` is set and permits are only added here:
/// their number can at most fall meanwhile, by acquires that come along, and where `strict` it stays as it is.
struct Granting {
    /// Permits go from hand to hand, in order.
    strict: bool,
    /// Permits that are not promised yet; where not `strict`, threads that may be woken to look for one.
    left: usize,
    /// Permits that were promised.
    granted: usize,
    /// Somebody who stays in the queue wants several.
    many: bool,
}

impl Granting {
    fn begin(word: usize, added: usize, limit: usize) -> Granting {
        let strict = word & STRICT != 0;
        let left = if strict {
            permits(word).checked_add(added).filter(|there| *there <= limit).unwrap_or(0)
        } else if added <= limit {
            // Also where there seems to be no room: there may be when they are added, and who is woken in vain looks again.
            added
        } else {
            0
        };
        Granting { strict, left, granted: 0, many: false }
    }

    fn next(&mut self, ticket: Ticket) -> Filter {
        if !self.strict {
            if self.left == 0 {
                return Filter::Stop;
            }
            self.left -= 1;
            return Filter::Wake;
        }
        if ticket.amount <= self.left {
            self.left -= ticket.amount;
            self.granted += ticket.amount;
            return Filter::Wake;
        }
        // Nobody overtakes the first who has to wait.
        self.left = 0;
        self.many |= ticket.amount > 1;
        Filter::Skip
    }
}
