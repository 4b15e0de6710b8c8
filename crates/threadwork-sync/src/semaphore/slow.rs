//! How a semaphore waits for permits, and gives them to waiters.

use std::{cell::RefCell, panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, Filter, HandOver, Holder, Key, Parking, Sort, Subject, Ticket, Token, WaitKind},
    error::{ReleaseError, WaitError},
    forms::{Blocking, Else, without_end},
    semaphore::{
        FLAGS, PARKED, Permits, SHIFT, STRICT, Semaphore, SemaphorePermit, UNKNOWN, permits,
    },
    wait::Wait,
};

impl Blocking for Permits<'_> {
    type Got = usize;

    #[inline]
    fn attempt(&self, _: Else) -> Option<usize> {
        self.semaphore.take(self.n)
    }

    /// As the provided method. That one needs this object in memory, this one only if it has to wait.
    #[inline]
    #[track_caller]
    fn forever(&self) -> usize {
        let (Permits { semaphore, n }, location) = (*self, Location::caller());
        semaphore
            .take(n)
            .unwrap_or_else(|| without_end(move |wait| semaphore.acquire_slow(n, wait, location)))
    }

    #[inline]
    fn wait_for(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<usize, WaitError> {
        self.semaphore.acquire_slow(self.n, wait, location)
    }
}

impl SemaphorePermit<'_> {
    /// Releases the permits after the word has changed. A function of its own, so that the drop stays small.
    #[cold]
    pub(super) fn release_after_change(&self) {
        // This exceeds the limit only if a thread released permits that it had not acquired. Then there is nothing to put back.
        let _ = self.semaphore.release(self.count);
    }
}

impl Semaphore {
    /// Waits for `n` permits. Returns the word after they were taken.
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
        let subject = self.subject(location);
        let mut parking =
            Parking { key: self.key(), amount: n, subject: &subject, overtaken: false };
        let flags = if n > 1 { FLAGS } else { PARKED };
        loop {
            if let Some(left) = self.take(n) {
                return Ok(left);
            }
            let word = self.word.load(Ordering::Relaxed);
            if word & STRICT == 0 {
                if permits(word) >= n {
                    continue;
                }
            } else if parking.overtaken && self.take_before_the_queue(n) {
                // A woken thread arrived before all threads that are in the queue now.
                return Ok(UNKNOWN);
            }
            if !parking.overtaken {
                // Scenario "the wait whose time is up before it begins" in docs/architecture.md.
                wait.check_time()?;
            }
            if !self.mark_waited_for(word, flags) {
                continue;
            }
            match self.wait_in_queue(&parking, flags, wait)? {
                Some(Token::HANDED_OVER) => return Ok(UNKNOWN),
                token => parking.overtaken |= token.is_some(),
            }
        }
    }

    /// What a wait for permits is for.
    pub(super) fn subject(&self, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::Semaphore, name: self.name(), holder: Holder::Nobody, location }
    }

    /// Sets `flags` because this thread, or a task, is about to wait. Returns `false` if the word changed in the meantime.
    #[inline]
    pub(super) fn mark_waited_for(&self, word: usize, flags: usize) -> bool {
        let marked = word | flags;
        word == marked
            || self
                .word
                .compare_exchange(word, marked, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Waits in the queue once.
    #[inline]
    fn wait_in_queue(
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
        // While permits are handed over, available permits may already be enough for a thread in the queue, this one included.
        let grant_if_strict = || {
            if self.word.load(Ordering::Relaxed) & STRICT != 0 {
                self.grant_available();
            }
        };
        let ended = wait.park_and(parking, validate, grant_if_strict, |_, _| ());
        if ended.is_err() {
            // The threads behind may have been blocked only by this thread, and permits may have arrived in the meantime.
            // Scenario "the permit that is handed over" in docs/architecture.md.
            grant_if_strict();
        }
        ended
    }

    /// Gives available permits to the threads in the queue, and tells tasks of those that are left.
    #[cold]
    pub(super) fn grant_available(&self) {
        let granted = self.grant(0);
        debug_assert!(granted.is_ok(), "adding no permits cannot exceed the limit");
    }

    /// Takes permits with the queue locked, even while they are handed over in order.
    #[cold]
    fn take_before_the_queue(&self, n: usize) -> bool {
        door::with_locked(self.key(), |_| self.take_from_the_rest(n))
    }

    /// Takes permits that were not handed over to anybody. The queue is locked.
    pub(super) fn take_from_the_rest(&self, n: usize) -> bool {
        let take = |word: usize| (permits(word) >= n).then(|| word - (n << SHIFT));
        self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, take).is_ok()
    }

    /// Adds permits and gives them out with the queue locked. Storing the word is the last access to the semaphore.
    #[cold]
    pub(super) fn grant(&self, added: usize) -> Result<(), ReleaseError> {
        let limit = self.limit();
        let granting = RefCell::new(None);
        let mut result = Ok(());
        // With nothing added there is nothing to hand over that others cannot take meanwhile.
        let how = if added > 0 { HandOver::when(self.key()) } else { HandOver::Never };
        let begin = || Granting::begin(self.word.load(Ordering::Relaxed), added, limit, how);
        door::unpark_filter(
            self.key(),
            |ticket| granting.borrow_mut().get_or_insert_with(begin).next(ticket),
            |found| {
                let granting = granting.take().unwrap_or_else(begin);
                let flags =
                    if found.more { PARKED } else { 0 } | if granting.many { STRICT } else { 0 };
                let give = |word: usize| {
                    // The word may have changed since `begin`, so the limit is checked again.
                    let there = permits(word).checked_add(added).filter(|there| *there <= limit)?;
                    Some((there - granting.granted) << SHIFT | flags)
                };
                if self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, give).is_err() {
                    result = Err(ReleaseError::TooMany);
                }
                granting.token(self.key())
            },
        );
        result
    }
}

/// What a thread that watches the semaphore beside other objects needs.
impl Semaphore {
    /// Returns `true` if a thread that asks for a permit now gets one without waiting.
    pub(crate) fn has_permit(&self) -> bool {
        let word = self.word.load(Ordering::Acquire);
        word & STRICT == 0 && permits(word) > 0
    }

    /// Makes the next release visit the queue. If there is a permit, the caller looks again instead of waiting.
    pub(crate) fn announce(&self) {
        let parked = |word: usize| {
            let has_permit = word & STRICT == 0 && permits(word) > 0;
            (!has_permit && word & PARKED == 0).then_some(word | PARKED)
        };
        // It is not stored if there is a permit, or if the flag is set.
        let _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, parked);
    }

    /// Returns `true` if there is no permit to take, and the next release visits the queue. The queue is locked.
    pub(crate) fn is_awaited(&self) -> bool {
        self.word.load(Ordering::Relaxed) & PARKED != 0 && !self.has_permit()
    }
}

/// Goes through the queue and decides how permits are given out.
///
/// Tasks are told of permits and are given none, because nobody knows when they are polled. So a task does not hold up the threads behind it,
/// nor does it count as one that wants several permits.
///
/// A thread is in the queue, which is locked, so `PARKED` stays set and only this thread adds permits. Meanwhile their number can only
/// fall, by acquires of other threads; if `strict`, it does not change.
struct Granting {
    /// Permits are handed over in order of arrival.
    strict: bool,
    /// Permits that are not given out yet. If not `strict`: the number of threads that may still be woken to look for a permit.
    left: usize,
    /// Permits that were given out.
    granted: usize,
    /// A thread that stays in the queue wants several permits.
    many: bool,
    /// Permits that are there for tasks, and of which none was told yet.
    for_tasks: usize,
    /// If not `strict`: whether the added permits are handed over all the same. The first waiter decides.
    how: HandOver,
}

impl Granting {
    fn begin(word: usize, added: usize, limit: usize, how: HandOver) -> Granting {
        let strict = word & STRICT != 0;
        let there = permits(word).checked_add(added).filter(|there| *there <= limit).unwrap_or(0);
        let left = if strict {
            there
        } else if added <= limit {
            // Even if there seems to be no room now: there may be room when the permits are added, and a thread woken in vain looks again.
            added
        } else {
            0
        };
        // What is handed over must be there for certain.
        let how = if there < added { HandOver::Never } else { how };
        Granting { strict, left, granted: 0, many: false, for_tasks: there, how }
    }

    /// Returns `true` if the chosen waiters are given permits, and `false` if they are woken to look for some.
    fn hands_out(&self) -> bool {
        self.strict || self.granted > 0
    }

    /// Returns what the chosen waiters are told.
    fn token(&self, key: Key) -> Token {
        if !self.hands_out() {
            return Token::RETRY;
        }
        if !self.strict {
            HandOver::note(key);
        }
        Token::HANDED_OVER
    }

    fn next(&mut self, ticket: Ticket) -> Filter {
        match ticket.sort {
            Sort::Watcher => Filter::Wake,
            Sort::Task => self.next_task(ticket.amount),
            Sort::Waiter => self.next_waiter(ticket),
        }
    }

    /// Tells a task if there are permits for it. The threads behind it are given permits or woken as if it were not there.
    fn next_task(&mut self, amount: usize) -> Filter {
        if amount <= self.for_tasks {
            self.for_tasks -= amount;
            Filter::Wake
        } else if self.left == 0 && self.for_tasks == 0 && !self.strict {
            Filter::Stop
        } else {
            Filter::Skip
        }
    }

    fn next_waiter(&mut self, ticket: Ticket) -> Filter {
        if !self.strict {
            if self.left == 0 {
                return Filter::Stop;
            }
            if self.how.suits(ticket) {
                self.how = HandOver::Always;
                self.granted += 1;
            } else {
                self.how = HandOver::Never;
            }
            self.left -= 1;
            self.for_tasks = self.for_tasks.saturating_sub(1);
            return Filter::Wake;
        }
        if ticket.amount <= self.left {
            self.left -= ticket.amount;
            self.granted += ticket.amount;
            self.for_tasks = self.for_tasks.saturating_sub(ticket.amount);
            return Filter::Wake;
        }
        // Nobody overtakes the first thread that must stay.
        (self.left, self.for_tasks) = (0, 0);
        self.many |= ticket.amount > 1;
        Filter::Skip
    }
}
