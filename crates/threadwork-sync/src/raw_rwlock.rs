//! The state machine of a read-write lock.

use std::{cell::Cell, num::NonZeroU64, panic::Location, sync::atomic::Ordering};

use crate::{
    error::WaitError,
    ident,
    park::{self, Filter, Key, Parking, Ticket, Token, Word, const_new},
    probe::{self, Probed},
    wait::Wait,
    waiting::{Holder, Subject, WaitKind},
};

#[cfg(test)]
mod tests;

/// What a lock is held for; the number is the amount on the ticket of who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    /// A read that can become a write; one thread at a time.
    Upgradable,
    Write,
}

/// Who holds the lock, and for what.
///
/// While `PARKED` is set the word is changed only with the queue locked, and nobody takes the lock but from the hand of
/// [`update_locked`](Self::update_locked), in order of arrival.
pub(crate) struct RawRwLock {
    /// The number of plain readers, shifted past the flags.
    word: Word,
    /// The word of the thread that writes, or zero. Its address is the key of the queue, so that who waits can be told for whom.
    writer: Word,
    name: Option<&'static str>,
}

/// Somebody stands in the queue, or is about to. Cleared only with the queue locked.
const PARKED: usize = 1;
/// One thread writes.
const WRITER: usize = 2;
/// One thread holds an upgradable read.
const UPGRADABLE: usize = 4;
/// That thread waits until the other readers are gone; no new ones come.
const UPGRADING: usize = 8;
const READER: usize = 16;

const fn has_readers(word: usize) -> bool {
    word >= READER
}

impl Mode {
    const fn amount(self) -> usize {
        self as usize
    }

    fn of(ticket: Ticket) -> Mode {
        match ticket.amount {
            0 => Mode::Read,
            1 => Mode::Upgradable,
            _ => Mode::Write,
        }
    }

    /// The word after one more has taken the lock in this mode, if that is possible.
    fn take(self, word: usize) -> Option<usize> {
        let (free, taken) = match self {
            Mode::Read => (word & (WRITER | UPGRADING) == 0 && word < usize::MAX - READER, READER),
            Mode::Upgradable => (word & (WRITER | UPGRADABLE) == 0, UPGRADABLE),
            Mode::Write => (word & (WRITER | UPGRADABLE) == 0 && !has_readers(word), WRITER),
        };
        free.then(|| word + taken)
    }

    /// The word after one who holds the lock in this mode has given it back.
    fn give_back(self, word: usize) -> usize {
        word - match self {
            Mode::Read => READER,
            Mode::Upgradable => UPGRADABLE,
            Mode::Write => WRITER,
        }
    }
}

impl RawRwLock {
    const_new! {
        pub(crate) const fn new(name: Option<&'static str>) -> RawRwLock {
            RawRwLock { word: Word::new(0), writer: Word::new(0), name }
        }
    }

    pub(crate) const fn name(&self) -> Option<&'static str> {
        self.name
    }

    pub(crate) fn writer(&self) -> Option<NonZeroU64> {
        ident::from_word(self.writer.load(Ordering::Relaxed))
    }

    pub(crate) fn readers(&self) -> usize {
        let word = self.word.load(Ordering::Relaxed);
        word / READER + usize::from(word & UPGRADABLE != 0)
    }

    #[inline]
    #[track_caller]
    pub(crate) fn try_acquire(&self, mode: Mode) -> bool {
        let taken = self.try_take(mode);
        if taken {
            probe::acquired_free(|| self.probed(), Location::caller());
        }
        taken
    }

    #[inline]
    fn try_take(&self, mode: Mode) -> bool {
        let take = |word: usize| if word & PARKED == 0 { mode.take(word) } else { None };
        let taken = self.word.fetch_update(Ordering::Acquire, Ordering::Relaxed, take).is_ok();
        if taken && mode == Mode::Write {
            self.writer.store(ident::current_word(), Ordering::Relaxed);
        }
        taken
    }

    #[inline]
    #[track_caller]
    pub(crate) fn acquire(&self, mode: Mode, wait: &Wait) -> Result<(), WaitError> {
        if self.try_acquire(mode) {
            return Ok(());
        }
        let (location, since) = (Location::caller(), probe::since());
        self.acquire_slow(mode, wait, location)?;
        probe::acquired(|| self.probed(), location, since);
        Ok(())
    }

    #[inline]
    pub(crate) fn release(&self, mode: Mode) {
        probe::released(|| self.key());
        if mode == Mode::Write {
            self.writer.store(0, Ordering::Relaxed);
        }
        self.change(|word| Some(mode.give_back(word)));
    }

    /// Goes on holding the lock, for less than before.
    pub(crate) fn downgrade(&self, from: Mode, to: Mode) {
        if from == Mode::Write {
            self.writer.store(0, Ordering::Relaxed);
        }
        self.change(|word| to.take(from.give_back(word)));
    }

    /// Makes an upgradable read a write, if there are no other readers.
    pub(crate) fn try_upgrade(&self) -> bool {
        let upgraded = self.change(|word| {
            (!has_readers(word)).then_some(word & !(UPGRADABLE | UPGRADING) | WRITER)
        });
        if upgraded {
            self.writer.store(ident::current_word(), Ordering::Relaxed);
        }
        upgraded
    }

    /// Makes an upgradable read a write, once the other readers are gone; new ones wait meanwhile.
    #[track_caller]
    pub(crate) fn upgrade(&self, wait: &Wait) -> Result<(), WaitError> {
        // The word of this queue's address counts readers, and names nobody.
        let subject = Subject { holder: Holder::Nobody, ..self.subject(Location::caller()) };
        loop {
            if self.try_upgrade() {
                return Ok(());
            }
            self.change(|word| Some(word | UPGRADING));
            let validate = || has_readers(self.word.load(Ordering::Relaxed));
            if let Err(error) = wait.park(self.upgrade_key(), &subject, validate, |_, _| ()) {
                if self.try_upgrade() {
                    return Ok(());
                }
                self.change(|word| Some(word & !UPGRADING));
                return Err(error);
            }
        }
    }

    fn probed(&self) -> Probed {
        Probed { key: self.key(), kind: WaitKind::RwLock, name: self.name }
    }

    /// Where threads wait for the lock. No other object wakes threads of this queue.
    fn key(&self) -> Key {
        Key::exact(&self.writer)
    }

    /// Where the one thread waits that upgrades.
    fn upgrade_key(&self) -> Key {
        Key::of(&self.word)
    }

    fn subject(&self, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::RwLock, name: self.name, holder: Holder::InWord, location }
    }

    #[cold]
    fn acquire_slow(
        &self,
        mode: Mode,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        let subject = self.subject(location);
        let parking = Parking { key: self.key(), amount: mode.amount(), subject: &subject };
        loop {
            if self.try_take(mode) {
                return Ok(());
            }
            let word = self.word.load(Ordering::Relaxed);
            if word & PARKED == 0
                && (mode.take(word).is_some()
                    || self
                        .word
                        .compare_exchange(word, word | PARKED, Ordering::Relaxed, Ordering::Relaxed)
                        .is_err())
            {
                continue;
            }
            let validate = || self.word.load(Ordering::Relaxed) & PARKED != 0;
            // The lock may have become free before this thread stood in the queue.
            let before_sleep = || _ = self.update_locked(Some);
            match wait.park_and(&parking, validate, before_sleep, |_, _| ()) {
                Ok(Some(Token::HANDED_OVER)) => return Ok(()),
                Ok(_) => (),
                Err(error) => {
                    // Those behind may have waited only for this thread.
                    self.change(Some);
                    return Err(error);
                }
            }
        }
    }

    /// Changes the word, unless `change` says no; returns whether it did.
    #[inline]
    fn change(&self, change: impl Fn(usize) -> Option<usize>) -> bool {
        let upgrade_key = self.upgrade_key();
        let mut word = self.word.load(Ordering::Relaxed);
        let new = loop {
            if word & PARKED != 0 {
                break self.update_locked(&change);
            }
            let Some(new) = change(word) else { break None };
            // Once the lock is free its next owner may free the memory: from here on there is only the address.
            match self.word.compare_exchange_weak(word, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break Some(new),
                Err(changed) => word = changed,
            }
        };
        if new.is_some_and(|new| new & UPGRADING != 0 && !has_readers(new)) {
            park::unpark_all(upgrade_key, Token::RETRY);
        }
        new.is_some()
    }

    /// Changes the word with the queue locked, and hands the lock to those who can have it then, in order of arrival.
    ///
    /// Returns the new word. Storing it is the last thing that is done with the lock.
    #[cold]
    fn update_locked(&self, change: impl Fn(usize) -> Option<usize>) -> Option<usize> {
        // The word as it will be; somebody stands in the queue where it is used, so `PARKED` is set and the word stays as it is.
        let planned = Cell::new(None);
        let result = Cell::new(None);
        park::unpark_filter(
            self.key(),
            |ticket| {
                let word = planned.get().or_else(|| change(self.word.load(Ordering::Relaxed)));
                planned.set(word);
                let mode = Mode::of(ticket);
                let Some(taken) = word.and_then(|word| mode.take(word)) else {
                    return Filter::Stop;
                };
                planned.set(Some(taken));
                if mode == Mode::Write {
                    self.writer.store(ticket.thread, Ordering::Relaxed);
                }
                Filter::Wake
            },
            |found| {
                let parked = if found.more { PARKED } else { 0 };
                let update = |word: usize| {
                    let new = planned.get().or_else(|| change(word))? & !PARKED | parked;
                    result.set(Some(new));
                    Some(new)
                };
                if self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, update).is_err() {
                    result.set(None);
                }
                Token::HANDED_OVER
            },
        );
        result.get()
    }
}
