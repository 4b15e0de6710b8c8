//! The state machine of a read-write lock.

use std::{num::NonZeroU64, panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, Claim, Holder, Key, Label, Subject, WaitKind},
    error::WaitError,
    floor::{self, Word, const_new},
    forms::{Blocking, Else},
    lock::probe::{self, Probed, Releasing},
    named::named,
    number,
    rwlock::{
        wake::{wake, wake_drain},
        word::{DRAINING, Mode, PARKED, READER, UPGRADABLE, WRITER, has_readers},
    },
    wait::Wait,
};

#[cfg(test)]
mod tests;

/// Who holds the lock, and for what.
///
/// One thread at a time has the *claim*: it writes, or waits until the readers are gone to write, or reads and may write later.
/// Everybody else in the queue waits for the claim to be given up: to have it, or to read where somebody writes or is about to.
/// Whoever comes when the lock can be had takes it. Who gives up the claim wakes all that can go on then, and they look again.
pub(crate) struct RawRwLock {
    /// While `WRITER` is set, the writer's number, shifted by [`number::FLAG_BITS`]; otherwise the number of plain readers,
    /// shifted past the flags.
    pub(super) word: Word,
    pub(super) label: Label,
}

impl RawRwLock {
    const_new! {
        pub(crate) const fn new() -> RawRwLock {
            RawRwLock { word: Word::new(0), label: Label::new(false) }
        }
    }

    named!(pub(crate) label: "lock", "waits for");

    pub(crate) fn writer(&self) -> Option<NonZeroU64> {
        match Claim::of(self.word.load(Ordering::Relaxed)) {
            Claim::Writer(word) => number::from_word(word),
            _ => None,
        }
    }

    pub(crate) fn readers(&self) -> usize {
        let word = self.word.load(Ordering::Relaxed);
        let plain = if has_readers(word) { word / READER } else { 0 };
        plain + usize::from(word & (WRITER | UPGRADABLE) == UPGRADABLE)
    }

    /// To acquire the lock in this mode.
    #[inline]
    pub(crate) fn in_mode(&self, mode: Mode) -> InMode<'_> {
        InMode { lock: self, mode }
    }

    /// To make an upgradable read a write.
    #[inline]
    pub(crate) fn upgrading(&self) -> Upgrading<'_> {
        Upgrading(self)
    }

    /// Acquires the lock if that is possible at once. Observers of locks are not told.
    #[inline]
    fn take(&self, mode: Mode) -> bool {
        let me = mode.word_of_thread();
        // A lock that is to be written is free, most of the time: to look first would take as long as to try.
        let word = if mode == Mode::Write { 0 } else { self.word.load(Ordering::Relaxed) };
        let taken = mode.take(word, me).is_some_and(|taken| {
            self.exchange(word, taken, Ordering::Acquire).is_ok() || self.try_again(mode, me)
        });
        if taken {
            self.reads_begin(mode);
        }
        taken
    }

    /// After another thread has changed the word meanwhile. Threads that try again at once keep each other from it.
    #[cold]
    fn try_again(&self, mode: Mode, me: usize) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        while let Some(taken) = mode.take(word, me) {
            if self.exchange(word, taken, Ordering::Acquire).is_ok() {
                return true;
            }
            floor::back_off();
            word = self.word.load(Ordering::Relaxed);
        }
        false
    }

    #[inline]
    pub(crate) fn release(&self, mode: Mode) {
        let told = probe::releases(|| self.releasing());
        self.free(mode);
        told.has_released();
    }

    /// Takes the lock to read, if that is possible at once, to show what it guards. Observers of locks are not told.
    pub(crate) fn peek(&self) -> Option<PeekRwLock<'_>> {
        self.take(Mode::Read).then(|| PeekRwLock(self))
    }

    /// [`release`](Self::release), of which nobody is told.
    #[inline]
    fn free(&self, mode: Mode) {
        let key = self.key();
        self.reads_end(mode);
        match mode {
            Mode::Read => {
                let word = self.word.fetch_sub(READER, Ordering::Release);
                if word & DRAINING != 0 && !has_readers(word - READER) {
                    wake_drain(key);
                }
            }
            Mode::Upgradable => self.give_up(|word| word & !UPGRADABLE),
            Mode::Write => {
                if self.word.swap(0, Ordering::Release) & PARKED != 0 {
                    wake(key, 0);
                }
            }
        }
    }

    /// Goes on reading only.
    pub(crate) fn downgrade(&self, from: Mode) {
        self.reads_end(from);
        self.reads_begin(Mode::Read);
        self.give_up(|word| match from {
            Mode::Write => READER,
            _ => (word & !UPGRADABLE) + READER,
        });
    }

    /// Writes if there are no other readers. This thread has the claim.
    pub(super) fn try_write(&self) -> bool {
        let me = Mode::Write.word_of_thread();
        let upgrade = |word| (!has_readers(word)).then_some(word & PARKED | me);
        self.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, upgrade).is_ok()
    }

    pub(super) fn probed(&self) -> Probed<'_> {
        Probed { key: self.key(), kind: WaitKind::RwLock, label: &self.label }
    }

    /// Its guards stay in their threads.
    fn releasing(&self) -> Releasing<'_> {
        Releasing { label: &self.label, holder: Some(number::get_ident()) }
    }

    pub(super) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    pub(super) fn subject(&self, holder: Holder, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::RwLock, name: self.name(), holder, location }
    }

    /// The current thread has taken the lock in this mode, and says so if it blocks elsewhere.
    #[inline]
    pub(super) fn reads_begin(&self, mode: Mode) {
        if let Some(note) = self.note(mode) {
            door::reads_begin(note);
        }
    }

    #[inline]
    pub(super) fn reads_end(&self, mode: Mode) {
        if let Some(note) = self.note(mode) {
            door::reads_end(note);
        }
    }

    /// What a read in this mode is noted as; `None` where nothing is noted.
    #[inline]
    fn note(&self, mode: Mode) -> Option<usize> {
        if mode == Mode::Write { None } else { self.label.id().map(|id| mode.note(id)) }
    }

    #[inline]
    pub(super) fn exchange(
        &self,
        word: usize,
        new: usize,
        success: Ordering,
    ) -> Result<usize, usize> {
        self.word.compare_exchange_weak(word, new, success, Ordering::Relaxed)
    }

    /// Gives up the claim, and wakes those who can go on then: the first in the queue can, and if others are left it owes them a wake-up.
    #[inline]
    pub(super) fn give_up(&self, change: impl Fn(usize) -> usize) {
        let key = self.key();
        let update = |word| Some(change(word) & !PARKED);
        let updated = self.word.fetch_update(Ordering::Release, Ordering::Relaxed, update);
        let word = updated.expect("the change is never refused");
        if word & PARKED != 0 {
            wake(key, change(word));
        }
    }
}

#[cfg(feature = "lock_probe")]
impl Drop for RawRwLock {
    fn drop(&mut self) {
        let is_held = self.readers() > 0 || self.writer().is_some();
        probe::ends(&mut self.label, is_held);
    }
}

/// Acquires a read-write lock in a mode.
pub(crate) struct InMode<'a> {
    lock: &'a RawRwLock,
    mode: Mode,
}

impl Blocking for InMode<'_> {
    type Got = ();

    #[inline]
    fn attempt(&self, or_else: Else) -> Option<()> {
        let taken = self.lock.take(self.mode);
        if taken {
            probe::acquired_free(|| self.lock.probed(), Location::caller(), or_else);
        }
        taken.then_some(())
    }

    #[inline]
    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        self.lock.acquire_slow(self.mode, wait, location)
    }
}

/// Makes an upgradable read a write, once the other readers are gone; new ones wait meanwhile.
pub(crate) struct Upgrading<'a>(&'a RawRwLock);

impl Blocking for Upgrading<'_> {
    type Got = ();

    fn attempt(&self, _: Else) -> Option<()> {
        let upgraded = self.0.try_write();
        if upgraded {
            self.0.reads_end(Mode::Upgradable);
        }
        upgraded.then_some(())
    }

    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        self.0.upgrade_slow(wait, location)
    }
}

/// The lock is held to read until this ends.
pub(crate) struct PeekRwLock<'a>(&'a RawRwLock);

impl Drop for PeekRwLock<'_> {
    fn drop(&mut self) {
        self.0.free(Mode::Read);
    }
}
