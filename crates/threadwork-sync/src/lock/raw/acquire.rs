//! The slow path of acquiring a lock.

use std::{panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, Holder, Parking, Subject, Token, WaitKind},
    error::WaitError,
    floor::{self, Spin},
    forms::{Else, without_end},
    lock::{
        probe,
        raw::{PARKED, RawLock},
    },
    number,
    wait::Wait,
};

impl RawLock {
    /// Acquires the lock for code that was called from `location`.
    pub(crate) fn acquire_at(&self, location: &'static Location<'static>) {
        if self.take(number::current_word()) {
            probe::acquired_free(|| self.probed(WaitKind::Lock), location, Else::Wait);
        } else {
            without_end(|wait| self.acquire_slow(WaitKind::Lock, wait, location));
        }
    }

    /// Acquires the lock after a wait on a condition. `token` is what the thread received if it was woken from the lock's queue.
    #[cold]
    pub(crate) fn acquire_again(
        &self,
        token: Option<Token>,
        kind: WaitKind,
        location: &'static Location<'static>,
    ) {
        let since = probe::since();
        without_end(|wait| self.acquire_after(token, kind, wait, location));
        probe::acquired(|| self.probed(kind), location, since);
    }

    #[cold]
    pub(crate) fn acquire_slow(
        &self,
        kind: WaitKind,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        let since = probe::since();
        self.acquire_after(None, kind, wait, location)?;
        probe::acquired(|| self.probed(kind), location, since);
        Ok(())
    }

    /// Acquires the lock. `token` is what the thread received if it was woken from the lock's queue.
    ///
    /// `owed` is `PARKED` while this thread owes the queue a wake-up: it was woken while other threads stayed in the queue.
    // Scenario "the woken thread that owes a wake-up" in docs/architecture.md.
    fn acquire_after(
        &self,
        token: Option<Token>,
        kind: WaitKind,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        let me = number::current_word();
        let subject = Subject { kind, name: self.name(), holder: Holder::InWord, location };
        let mut owed = if token == Some(Token::RETRY_MORE) { PARKED } else { 0 };
        let overtaken = token.is_some();
        let mut parking = Parking { key: self.key(), amount: 0, subject: &subject, overtaken };
        let mut spin = door::spin_before(&subject);
        loop {
            let word = self.word.load(Ordering::Relaxed);
            if word & !PARKED == 0 {
                let mine = word | me | owed;
                if self
                    .word
                    .compare_exchange_weak(word, mine, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
                {
                    return Ok(());
                }
                floor::back_off();
                continue;
            }
            // Scenario "the wait whose time is up before it begins" in docs/architecture.md.
            if owed == 0 {
                wait.check_time()?;
            }
            // Scenario "the flag on the waiter's own stack" in docs/architecture.md: locks also spin before they enter the queue.
            if word & PARKED == 0 && (spin.spin() || !self.mark_waited_for(word)) {
                continue;
            }
            let woken = self.wait_in_queue(&parking, wait)?;
            match woken {
                Some(Token::HANDED_OVER) => return Ok(()),
                Some(Token::RETRY_MORE) => owed = PARKED,
                Some(_) => owed = 0,
                None => (),
            }
            parking.overtaken |= woken.is_some();
            spin = Spin::new();
        }
    }

    /// Acquires the lock if it is free and tasks wait for it.
    #[inline]
    pub(super) fn take_from_tasks(&self, me: usize) -> bool {
        self.word.load(Ordering::Relaxed) == PARKED && self.take_waited_for(me)
    }

    #[cold]
    fn take_waited_for(&self, me: usize) -> bool {
        self.word
            .compare_exchange(PARKED, me | PARKED, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Acquires the lock for the thread that polls a task, if the lock is free, whoever waits for it.
    pub(crate) fn take_for_task(&self, me: usize) -> bool {
        self.take(me) || self.take_from_tasks(me)
    }

    /// Returns `true` if a thread holds the lock and its release will visit the queue, which is locked.
    pub(crate) fn must_wait(&self) -> bool {
        self.label.freed_by.must_swap(self.key());
        let word = self.word.load(Ordering::Relaxed);
        word & PARKED != 0 && word & !PARKED != 0
    }

    /// Sets `PARKED` because this thread is about to wait. Returns `false` if the word changed in the meantime.
    #[inline]
    fn mark_waited_for(&self, word: usize) -> bool {
        self.word
            .compare_exchange_weak(word, word | PARKED, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// Waits in the queue once. The holder owes the queue a wake-up, so this thread owes none, however the wait ends.
    #[inline]
    fn wait_in_queue(
        &self,
        parking: &Parking<'_>,
        wait: &Wait,
    ) -> Result<Option<Token>, WaitError> {
        let validate = || self.must_wait();
        let gave_up = |_, was_last| self.left_queue(was_last);
        wait.park_and(parking, validate, || (), gave_up)
    }
}
