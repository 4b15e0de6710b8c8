//! The state machine of a read-write lock.

use std::{num::NonZeroU64, panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, Claim, HandOver, Holder, Key, Label, Subject, WaitKind},
    error::WaitError,
    floor::{self, Word, const_new, fence, free_by_store, let_others_run},
    forms::named,
    forms::{Blocking, Else},
    lock::probe::{self, Probed, Releasing},
    number,
    rwlock::word::{DRAINING, Mode, PARKED, READER, UPGRADABLE, WRITER, has_readers},
    wait::Wait,
};

#[cfg(test)]
mod tests;

/// The state of a read-write lock: which threads hold it, and in which mode.
///
/// At most one thread has the *claim*: it writes, or it waits for the readers to leave so that it can write, or it has an upgradable read.
/// All other threads in the queue wait until the claim is given up: to take it themselves, or to read if its owner writes or is about to write.
/// A thread that finds the lock available takes it. A thread that gives up the claim wakes all waiters that can then proceed, and they
/// look at the lock again.
// Scenario "the writer that waits for readers" in docs/architecture.md.
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

    /// Returns the operation that acquires the lock in `mode`.
    #[inline]
    pub(crate) fn in_mode(&self, mode: Mode) -> InMode<'_> {
        InMode { lock: self, mode }
    }

    /// Returns the operation that upgrades an upgradable read to a write.
    #[inline]
    pub(crate) fn upgrading(&self) -> Upgrading<'_> {
        Upgrading(self)
    }

    /// Attempts to acquire the lock without blocking. Observers are not notified.
    #[inline]
    fn take(&self, mode: Mode) -> bool {
        let me = mode.word_of_thread();
        // A lock that is acquired for writing is usually free, so reading the word first would cost as much as the attempt itself.
        let word = if mode == Mode::Write { 0 } else { self.word.load(Ordering::Relaxed) };
        let taken = mode.take(word, me).is_some_and(|taken| {
            self.exchange(word, taken, Ordering::Acquire).is_ok() || self.try_again(mode, me)
        });
        if taken {
            self.reads_begin(mode);
        }
        taken
    }

    /// Tries again after another thread changed the word. Backs off, because threads that retry immediately slow each other down.
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

    /// Attempts to acquire the lock for reading, without blocking or notifying observers, to format its value.
    pub(crate) fn peek(&self) -> Option<PeekRwLock<'_>> {
        self.take(Mode::Read).then(|| PeekRwLock(self))
    }

    /// Like [`release`](Self::release), but does not notify observers.
    #[inline]
    fn free(&self, mode: Mode) {
        let key = self.key();
        self.reads_end(mode);
        match mode {
            Mode::Read => {
                let word = self.word.fetch_sub(READER, Ordering::Release);
                if word & DRAINING != 0 && !has_readers(word - READER) {
                    RawRwLock::wake_drain(key);
                }
            }
            Mode::Upgradable => self.give_up(|word| word & !UPGRADABLE),
            Mode::Write if self.label.freed_by.is_store() => {
                // Scenario "the lock that is freed by a store" in docs/architecture.md.
                free_by_store(&self.word);
                fence::light();
                if !self.label.freed_by.is_store() {
                    self.wake(0);
                }
            }
            Mode::Write => self.free_by_swap(),
        }
    }

    /// Frees the lock for its writer, who does not know whether somebody waits, or hands it over.
    fn free_by_swap(&self) {
        let yields = self.label.freed_by.count_release(self.key());
        let me = Mode::Write.word_of_thread();
        let freed = self.word.compare_exchange(me, 0, Ordering::Release, Ordering::Relaxed);
        if freed.is_err() && !self.hand_over(HandOver::when(self.key())) {
            self.word.swap(0, Ordering::Release);
            self.wake(0);
        }
        if yields {
            let_others_run();
        }
    }

    /// Turns a write or an upgradable read into a plain read.
    pub(crate) fn downgrade(&self, from: Mode) {
        self.reads_end(from);
        self.reads_begin(Mode::Read);
        self.give_up(|word| match from {
            Mode::Write => READER,
            _ => (word & !UPGRADABLE) + READER,
        });
    }

    /// Starts writing if there are no other readers. This thread has the claim.
    pub(super) fn try_write(&self) -> bool {
        let me = Mode::Write.word_of_thread();
        let upgrade = |word| (!has_readers(word)).then_some(word & PARKED | me);
        self.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, upgrade).is_ok()
    }

    pub(super) fn probed(&self) -> Probed<'_> {
        Probed { key: self.key(), kind: WaitKind::RwLock, label: &self.label }
    }

    /// The holder is the current thread: guards stay in their threads.
    fn releasing(&self) -> Releasing<'_> {
        Releasing { label: &self.label, holder: Some(number::get_ident()) }
    }

    pub(super) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    pub(super) fn subject(&self, holder: Holder, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::RwLock, name: self.name(), holder, location }
    }

    /// Notes that the current thread reads in this mode, for readers of its records if it blocks elsewhere.
    // Scenario "the lock that takes another's address" in docs/architecture.md: the lock's number identifies it in notes.
    #[inline]
    pub(super) fn reads_begin(&self, mode: Mode) {
        if let Some(note) = self.note(mode) {
            door::reads_begin(note);
        }
    }

    /// Removes the note that [`reads_begin`](Self::reads_begin) made.
    #[inline]
    pub(super) fn reads_end(&self, mode: Mode) {
        if let Some(note) = self.note(mode) {
            door::reads_end(note);
        }
    }

    /// Returns the note for a read in this mode; `None` if such reads are not noted.
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

    /// Gives up the claim, to the waiters that can proceed. `change` takes it out of the word.
    #[inline]
    pub(super) fn give_up(&self, change: impl Fn(usize) -> usize) {
        let update = |word| (word & PARKED == 0).then(|| change(word));
        if self.word.fetch_update(Ordering::Release, Ordering::Relaxed, update).is_err() {
            self.give_up_to_waiters(&change);
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

/// The operation that acquires a read-write lock in a mode.
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

/// The operation that upgrades an upgradable read to a write once the other readers are gone. New readers wait in the meantime.
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

/// Holds the lock for reading until it is dropped.
pub(crate) struct PeekRwLock<'a>(&'a RawRwLock);

impl Drop for PeekRwLock<'_> {
    fn drop(&mut self) {
        self.0.free(Mode::Read);
    }
}
