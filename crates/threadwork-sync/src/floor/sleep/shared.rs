//! Threads that sleep at a shared word, so that one system call wakes any of them.
//!
//! A futex wakes those who wait at one word; a mask of 32 bits chooses among them. So a thread has a slot: a word, and one of its bits.

use std::{
    mem,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, AtomicUsize, Ordering},
};

use rustix::thread::futex::{self, Flags};

/// The words. If more threads wait than there are slots, some share one: then a wake-up of one ends the sleep of both, and the other
/// sleeps again.
static WORDS: [SharedWord; 64] = [const { SharedWord(AtomicU32::new(0)) }; 64];

/// Counts the wake-ups of its slots, so that a thread that is about to sleep does not miss one.
#[derive(Debug)]
#[repr(align(64))]
struct SharedWord(AtomicU32);

/// Where a thread sleeps: the number of a word, and a bit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    word: usize,
    bit: NonZeroU32,
}

impl Slot {
    /// Returns the next slot. Threads that begin to wait one after the other have the same word.
    pub(super) fn next() -> Slot {
        static GIVEN: AtomicUsize = AtomicUsize::new(0);
        let number = GIVEN.fetch_add(1, Ordering::Relaxed);
        let bit = NonZeroU32::new(1 << (number % 32)).expect("one of 32 bits is set");
        Slot { word: number / 32 % WORDS.len(), bit }
    }

    /// Suspends the current thread until `is_woken` returns `true`. Whoever makes it so wakes the slot after that.
    ///
    /// Scenario "the word at which many sleep" in docs/architecture.md.
    pub(super) fn sleep_until(self, is_woken: impl Fn() -> bool) {
        let SharedWord(count) = &WORDS[self.word];
        loop {
            let before = count.load(Ordering::Acquire);
            if is_woken() {
                return;
            }
            let _ = futex::wait_bitset(count, Flags::PRIVATE, before, None, self.bit);
        }
    }
}

/// Slots of one word that are about to be woken. They are when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Batch {
    word: usize,
    bits: u32,
}

impl Batch {
    pub(super) fn add(&mut self, slot: Slot) {
        if slot.word != self.word {
            self.wake();
            self.word = slot.word;
        }
        self.bits |= slot.bit.get();
    }

    fn wake(&mut self) {
        if let Some(bits) = NonZeroU32::new(mem::take(&mut self.bits)) {
            let SharedWord(count) = &WORDS[self.word];
            count.fetch_add(1, Ordering::Release);
            // Fails only where futexes do not exist at all; then nothing could sleep either.
            let _ = futex::wake_bitset(count, Flags::PRIVATE, i32::MAX as u32, bits);
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Batch, Slot};

    #[test]
    fn a_wake_up_between_the_look_and_the_sleep_ends_the_sleep() {
        let (slot, looks) = (Slot::next(), Cell::new(0));
        slot.sleep_until(|| {
            looks.set(looks.get() + 1);
            let is_woken = looks.get() > 1;
            // The wake-up comes right after the first look, which has not seen it.
            Batch::default().add(slot);
            is_woken
        });
        assert_eq!(looks.get(), 2);
    }

    #[test]
    fn threads_that_come_one_after_the_other_have_the_same_word() {
        let slots: Vec<_> = (0..64).map(|_| Slot::next()).collect();
        let is_next = |pair: &&[Slot]| pair[0].word == pair[1].word;
        assert!(slots.windows(2).filter(is_next).count() >= 32);
    }
}
