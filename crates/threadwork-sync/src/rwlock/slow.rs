//! The slow paths of a read-write lock: waiting for it, and waking other waiters.

use std::{panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, DRAIN, HandOver, Holder, Parking, Token},
    error::WaitError,
    floor::{self, Spin},
    lock::probe,
    rwlock::{
        raw::RawRwLock,
        word::{DRAINING, Mode, PARKED, WRITER, has_readers},
    },
    wait::Wait,
};

/// What a thread has taken of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// The lock in the wanted mode.
    All,
    /// The claim only: the thread is a writer that must wait until the readers are gone.
    OnlyClaimed,
}

impl RawRwLock {
    #[cold]
    pub(super) fn acquire_slow(
        &self,
        mode: Mode,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        wait.check_time()?;
        let since = probe::since();
        if self.take_or_claim(mode, wait, location)? == Taken::OnlyClaimed {
            self.drain(wait, location).inspect_err(|_| self.give_up(|word| word & !DRAINING))?;
            // It has waited, so the lock is not taken from it again at once.
            HandOver::note(self.key());
        }
        probe::acquired(|| self.probed(), location, since);
        Ok(())
    }

    fn take_or_claim(
        &self,
        mode: Mode,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<Taken, WaitError> {
        let me = mode.word_of_thread();
        let subject = self.subject(Holder::Claim(self.label.id()), location);
        let mut parking =
            Parking { key: self.key(), amount: mode.amount(), subject: &subject, overtaken: false };
        let mut spin = door::spin_before(&subject);
        // `PARKED` while this thread owes the queue a wake-up: it was woken while other threads stayed in the queue.
        // Scenario "the woken thread that owes a wake-up" in docs/architecture.md.
        let mut owed = 0;
        // Flags that this thread ignores: a woken reader came before any writer that waits for readers by now.
        let mut ignored = 0;
        loop {
            let word = self.word.load(Ordering::Relaxed);
            if let Some(taken) = mode.take_or_claim(word & !ignored, me) {
                let taken = taken | word & ignored | owed;
                if self.exchange(word, taken, Ordering::Acquire).is_err() {
                    floor::back_off();
                    continue;
                }
                self.reads_begin(mode);
                let only_claimed = mode == Mode::Write && taken & WRITER == 0;
                return Ok(if only_claimed { Taken::OnlyClaimed } else { Taken::All });
            }
            if word & PARKED == 0
                && (spin.spin() || self.exchange(word, word | PARKED, Ordering::Relaxed).is_err())
            {
                continue;
            }
            let token = self.wait_in_queue(&parking, wait, |word| {
                mode.take_or_claim(word & !ignored, me).is_some()
            })?;
            if token == Some(Token::HANDED_OVER) {
                return Ok(self.was_handed(mode));
            }
            if token.is_some() {
                parking.overtaken = true;
                ignored = if mode == Mode::Read { DRAINING } else { 0 };
                owed = if token == Some(Token::RETRY_MORE) { PARKED } else { 0 };
            }
            spin = Spin::new();
        }
    }

    /// Returns what this thread, which waited in the queue, was given of the lock.
    fn was_handed(&self, mode: Mode) -> Taken {
        self.reads_begin(mode);
        // A writer has either the lock or the claim, and nobody else can change that.
        let writes = self.word.load(Ordering::Acquire) & WRITER != 0;
        if mode == Mode::Write && !writes { Taken::OnlyClaimed } else { Taken::All }
    }

    /// Waits in the queue once. The thread with the claim owes the queue a wake-up, so this thread owes none, however the wait ends.
    #[inline]
    fn wait_in_queue(
        &self,
        parking: &Parking<'_>,
        wait: &Wait,
        can_take: impl Fn(usize) -> bool,
    ) -> Result<Option<Token>, WaitError> {
        let validate = || {
            self.label.freed_by.must_swap(parking.key);
            let word = self.word.load(Ordering::Relaxed);
            word & PARKED != 0 && !can_take(word)
        };
        // Other threads stayed in the queue because this thread was expected to take the lock. Now it has been overtaken,
        // and some of them may be able to proceed after all.
        let before_sleep = || {
            if parking.overtaken {
                self.wake_others();
            }
        };
        let ended = wait.park_and(parking, validate, before_sleep, |_, _| ());
        if ended.is_err() && parking.overtaken {
            self.wake_others();
        }
        ended
    }

    /// Upgrades an upgradable read to a write once the other readers are gone. New readers wait in the meantime.
    #[cold]
    pub(super) fn upgrade_slow(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        wait.check_time()?;
        self.word.fetch_or(DRAINING, Ordering::Relaxed);
        let drained = self.drain(wait, location);
        if drained.is_ok() {
            self.reads_end(Mode::Upgradable);
        } else {
            // This thread keeps the claim, but threads that want to read can proceed again. The rest of the queue is still owed a wake-up.
            let word = self.word.fetch_and(!DRAINING, Ordering::Release);
            if word & PARKED != 0 {
                self.wake(word & !DRAINING);
            }
        }
        drained
    }

    /// Waits until the readers are gone, and then writes. After an error it does not write, and it has not changed the word.
    #[cold]
    pub(super) fn drain(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        let subject = self.subject(Holder::Readers(self.label.id()), location);
        let parking =
            Parking { key: self.key(), amount: DRAIN, subject: &subject, overtaken: false };
        while !self.try_write() {
            let validate = || has_readers(self.word.load(Ordering::Relaxed));
            wait.park_and(&parking, validate, || (), |_, _| ())?;
        }
        Ok(())
    }

    /// Wakes the waiters that can proceed with the current word.
    fn wake_others(&self) {
        self.wake(self.word.load(Ordering::Relaxed));
    }
}
