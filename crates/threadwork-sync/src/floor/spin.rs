//! Spinning before a thread sleeps.
//!
//! Putting a thread to sleep and waking it takes longer than most waits between threads that take turns, above all on an idle or virtual
//! processor. So a thread spins for a while before it sleeps: it pauses the processor, and lets other threads run in between.
//! Where its waits are long it does not (`door/bucket/lengths`).
//! The duration was found with the benchmark `sync_ratios`, on two x86-64 processors.
//!
//! Scenario "the flag on the waiter's own stack" in docs/architecture.md.

use std::{thread, time::Duration};

use crate::floor::{elapsed, now};

mod pause;
mod bursts;

pub(crate) use self::bursts::{Bursts, changes_soon};
use self::pause::{pause, pause_for};

/// How long a thread spins before it sleeps. Spinning for as long as a sleep costs at most doubles the cost of the wait
/// (Karlin, Li, Manasse and Owicki, "Empirical studies of competitive spinning for a shared-memory multiprocessor", 1991).
/// An idle virtual processor takes 25 us and more to wake up, one that is not idle takes 2 us.
const WHILE: Duration = Duration::from_micros(10);

/// Spins until `happened` returns `true`. Returns `false` if it does not within [`WHILE`].
///
/// This is for a thread's own flag, which is set once. Many threads may spin at the same time, and each would keep others from running.
/// So they yield: if other threads have work to do, they run, and the time is soon over.
pub(crate) fn happens_soon(happened: impl Fn() -> bool) -> bool {
    happens_within(WHILE, happened)
}

/// Spins for a moment only, as [`happens_soon`] does at first.
pub(crate) fn happens_at_once(happened: impl Fn() -> bool) -> bool {
    for _ in 0..3 {
        if happened() {
            return true;
        }
        pause(2);
    }
    false
}

fn happens_within(time: Duration, happened: impl Fn() -> bool) -> bool {
    if happens_at_once(&happened) {
        return true;
    }
    #[cfg(test)]
    crate::door::testing::note_look();
    let since = now();
    loop {
        thread::yield_now();
        if happened() {
            return true;
        }
        if elapsed(since) > time {
            return false;
        }
    }
}

/// A few rounds of spinning on a word that many threads read and change.
///
/// Between two reads a thread leaves the word alone, for longer each time: a read takes the word away from the thread that works on it,
/// which is the thread that all others wait for (Anderson, "The performance of spin lock alternatives for shared-memory multiprocessors",
/// 1990). So a short wait loses a moment at most, and a long wait disturbs little. The number of reads is limited, not the time, because
/// with many threads others may run for long in between. On a processor of its own a thread spins for 20 us.
#[derive(Debug)]
pub(crate) struct Spin {
    /// The number of rounds so far, and the maximum.
    rounds: u32,
    most: u32,
}

/// The maximum number of rounds.
const ROUNDS: u32 = 12;

/// How many rounds are shorter than the time that two readings of the clock take. Threads that take turns wait for moments, and a thread that
/// sees the end of the other's turn late is late with its own: two threads with 1 us inside and 1 us outside of a lock took 5 to 10 %
/// longer without these rounds (benchmark `sync_ratios`).
const SHORT: u32 = 2;

/// How long the word is left alone in the first round after these, and how many times that time is doubled.
const FIRST: Duration = Duration::from_nanos(100);
const DOUBLINGS: u32 = 5;

impl Spin {
    pub(crate) const fn new() -> Spin {
        Spin { rounds: 0, most: ROUNDS }
    }

    /// Creates one that spins for a moment only.
    pub(crate) const fn short() -> Spin {
        Spin { rounds: 0, most: SHORT }
    }

    /// Waits for one round. Returns `false` once the maximum number of rounds is reached.
    pub(crate) fn spin(&mut self) -> bool {
        #[cfg(test)]
        crate::door::testing::note_visit();
        if self.rounds == self.most {
            return false;
        }
        match self.rounds.checked_sub(SHORT) {
            None => pause(2 << self.rounds),
            Some(round) => leave_alone(round),
        }
        self.rounds += 1;
        true
    }
}

/// Lets other threads run, and leaves a word alone for longer in each round.
fn leave_alone(round: u32) {
    if round > 0 {
        thread::yield_now();
    }
    pause_for(FIRST * (1 << round.min(DOUBLINGS)));
}

/// Lets other threads run that wait for the processor of the current one.
#[cold]
pub(crate) fn let_others_run() {
    thread::yield_now();
}

/// Leaves a word to other threads for a moment, because another thread changed it first.
#[cold]
pub(crate) fn back_off() {
    pause(32);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_condition_that_holds_is_not_waited_for() {
        let looks = Cell::new(0);
        let after = |n: u32| {
            looks.set(0);
            happens_soon(|| looks.replace(looks.get() + 1) == n)
        };
        assert!(after(0) && looks.get() == 1, "{looks:?}");
        assert!(after(2) && looks.get() == 3, "{looks:?}");
        assert!(after(3) && looks.get() == 4, "at least once after others ran: {looks:?}");
    }

    #[test]
    fn a_condition_that_does_not_hold_is_waited_for_until_the_time_is_over() {
        let (since, time) = (now(), Duration::from_millis(20));
        assert!(!happens_within(time, || false));
        assert!(since.elapsed() > time);
    }

    #[test]
    fn spin_leaves_the_word_alone_longer_each_round_and_then_gives_up() {
        let mut spin = Spin::new();
        let mut alone = Vec::new();
        loop {
            let since = now();
            if !spin.spin() {
                break;
            }
            alone.push(since.elapsed());
        }
        let least = [0, 0, 1, 2, 4, 8, 16, 32, 32, 32, 32, 32].map(|times| FIRST * times);
        assert_eq!(alone.len(), least.len());
        assert!(alone.iter().zip(least).all(|(alone, least)| *alone >= least), "{alone:?}");
    }
}
