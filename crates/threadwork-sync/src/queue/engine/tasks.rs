//! The tasks of a queue: the items that were put and not reported as done.

use std::sync::atomic::Ordering;

use crate::{
    door::{self, Key, Subject, Token},
    error::WaitError,
    floor::{Word, const_new},
    wait::Wait,
};

/// How often all tasks of a queue were done, and who waits for that.
pub(in crate::queue) struct Tasks {
    /// How often all tasks were done, shifted past the flag `PARKED`: somebody waits, or is about to. Changed with the queue's lock held,
    /// except for the flag.
    ///
    /// A waiter waits for the number to change, so a put does not hide the end of the tasks before it.
    word: Word,
}

const PARKED: usize = 1;
const ONE: usize = 2;

impl Tasks {
    const_new! {
        pub(super) const fn new() -> Tasks {
            Tasks { word: Word::new(0) }
        }
    }

    /// A wake-up only says "look again", but the queue is there until it returns.
    pub(in crate::queue) fn key(&self) -> Key {
        Key::of(&self.word)
    }

    /// Returns how often all tasks were done.
    pub(in crate::queue) fn times(&self) -> usize {
        self.word.load(Ordering::Acquire) & !PARKED
    }

    /// Notes that all tasks are done. Returns `true` if somebody has to be [woken](Self::wake). The queue's lock is held.
    pub(super) fn end(&self) -> bool {
        let next = |word: usize| Some((word & !PARKED).wrapping_add(ONE));
        let before = self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, next);
        before.is_ok_and(|before| before & PARKED != 0)
    }

    pub(super) fn wake(&self) {
        door::unpark_all(self.key(), Token::RETRY);
    }

    /// Says that somebody is about to wait. Returns `false` if all tasks were done since that had happened `times` times.
    pub(in crate::queue) fn announce(&self, times: usize) -> bool {
        let park = |word: usize| (word & !PARKED == times).then_some(word | PARKED);
        self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, park).is_ok()
    }

    /// Returns `true` if nothing has changed since the announcement. The bucket is locked.
    pub(in crate::queue) fn is_announced(&self, times: usize) -> bool {
        self.word.load(Ordering::Relaxed) == times | PARKED
    }

    /// Waits until all tasks were done more than `times` times.
    #[cold]
    pub(super) fn wait(
        &self,
        times: usize,
        subject: &Subject,
        wait: &Wait,
    ) -> Result<(), WaitError> {
        while self.times() == times {
            wait.check_time()?;
            if !self.announce(times) {
                continue;
            }
            let ended = wait.park(self.key(), subject, || self.is_announced(times), |_, _| ());
            // If they are done, the wait succeeds, even if it was also stopped or timed out.
            match ended {
                Err(error) if self.times() == times => return Err(error),
                _ => (),
            }
        }
        Ok(())
    }
}
