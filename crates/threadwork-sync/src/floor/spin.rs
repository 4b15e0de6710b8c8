//! Waiting on the processor, before a thread sleeps.
//!
//! To put a thread to sleep and wake it takes longer than most waits between threads that take turns, most of all on an idle or a virtual
//! processor. So a thread looks for a while before it sleeps, letting others run in between, with pauses of the processor.
//! How long was found with the benchmark `sync_ratios`, on two x86-64 processors.

use std::{hint, thread, time::Duration};

use crate::floor::now;

/// For how long a thread looks before it sleeps. If that is what its sleep would cost, it never loses more than by sleeping at once
/// where it has to sleep after all (Karlin, Li, Manasse and Owicki, "Empirical studies of competitive spinning for a shared-memory
/// multiprocessor", 1991). A virtual processor that is idle takes 25 us and more to wake up, one that is not idle takes 2.
const WHILE: Duration = Duration::from_micros(10);

/// Waits on the processor for what is about to happen. False if it does not within that time.
///
/// It is for a thread's own flag, which is set once. There may be many such threads, of which each would keep others from running:
/// where others have something to do, they run, and the time is soon over.
pub(crate) fn happens_soon(happened: impl Fn() -> bool) -> bool {
    happens_within(WHILE, happened)
}

fn happens_within(time: Duration, happened: impl Fn() -> bool) -> bool {
    for _ in 0..3 {
        if happened() {
            return true;
        }
        pause(2);
    }
    let since = now();
    loop {
        thread::yield_now();
        if happened() {
            return true;
        }
        if since.elapsed() > time {
            return false;
        }
    }
}

/// A few rounds of waiting for a word that many look at and change.
///
/// Between two looks the word is left alone, each time for longer: a look takes it away from the thread that works on it, and that is
/// the one that all wait for (Anderson, "The performance of spin lock alternatives for shared-memory multiprocessors", 1990).
/// So whoever waits for a moment loses a moment at most, and whoever waits for long disturbs little. It is the number of looks that ends it,
/// because with many threads others may run for long in between. On a processor of its own a thread looks for 20 us.
#[derive(Debug)]
pub(crate) struct Spin {
    /// The rounds that were waited for.
    rounds: u32,
}

/// How many rounds are enough.
const ROUNDS: u32 = 10;

/// For how long the word is left alone in the first round, and how often that is doubled.
const FIRST: Duration = Duration::from_nanos(100);
const DOUBLINGS: u32 = 5;

impl Spin {
    pub(crate) const fn new() -> Spin {
        Spin { rounds: 0 }
    }

    /// Waits for a round. False if there have been enough.
    pub(crate) fn spin(&mut self) -> bool {
        #[cfg(test)]
        crate::door::testing::note_visit();
        if self.rounds == ROUNDS {
            return false;
        }
        if self.rounds > 0 {
            thread::yield_now();
        }
        // By the clock: a pause takes 10 cycles on some processors and up to 140 on others
        // (Intel, "64 and IA-32 architectures optimization reference manual", PAUSE).
        let (since, time) = (now(), FIRST * (1 << self.rounds.min(DOUBLINGS)));
        loop {
            pause(4);
            if since.elapsed() >= time {
                break;
            }
        }
        self.rounds += 1;
        true
    }
}

/// Leaves a word to others for a moment: another thread has just changed it under this one's hand.
#[cold]
pub(crate) fn back_off() {
    pause(32);
}

fn pause(times: u32) {
    (0..times).for_each(|_| hint::spin_loop());
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_has_happened_is_not_waited_for() {
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
    fn what_does_not_happen_is_waited_for_a_while() {
        let (since, time) = (now(), Duration::from_millis(20));
        assert!(!happens_within(time, || false));
        assert!(since.elapsed() > time);
    }

    #[test]
    fn a_word_is_looked_at_so_often_and_left_alone_for_longer_each_time() {
        let mut spin = Spin::new();
        let mut alone = Vec::new();
        loop {
            let since = now();
            if !spin.spin() {
                break;
            }
            alone.push(since.elapsed());
        }
        let least = [1, 2, 4, 8, 16, 32, 32, 32, 32, 32].map(|times| FIRST * times);
        assert_eq!(alone.len(), least.len());
        assert!(alone.iter().zip(least).all(|(alone, least)| *alone >= least), "{alone:?}");
    }
}
