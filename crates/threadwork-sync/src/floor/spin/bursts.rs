//! Standing back where threads work in bursts.
//!
//! Two threads that put and take items one by one hand the lock of their queue to each other for each item, and that takes several times as
//! long as the work. If one stands back until the other has done several, they do as much in a fraction of the time.
//! The times were found with the benchmark `queues`, on two x86-64 processors.
//!
//! Scenario "the ends that work in bursts" in docs/architecture.md.

use std::{
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::floor::spin::pause::pause_for;

/// How long a thread stands back after its first look. The time is doubled after each look.
const FIRST: Duration = Duration::from_nanos(100);

/// How many looks there are with pauses in between. They take 13 us together.
const LOOKS: u32 = 7;

/// How often other threads run after that, if there are any. A switch to them takes longer than a burst, so this comes last.
const YIELDS: u32 = 12;

/// How long a thread with the lock takes for one item.
const TURN: Duration = Duration::from_nanos(25);

/// The maximum number of items for which a thread stands back.
const MOST: u32 = 256;

/// The maximum number of bursts, and after how many of them a thread lets others run that wait for its processor.
const BURSTS: u32 = 32;
const UNDISTURBED: u32 = 8;

/// The number of processors that run the process, or 0 if nobody has asked.
static PROCESSORS: AtomicUsize = AtomicUsize::new(0);

/// Returns `true` if others can work while a thread pauses.
fn others_work_meanwhile() -> bool {
    let mut processors = PROCESSORS.load(Ordering::Relaxed);
    if processors == 0 {
        processors = thread::available_parallelism().map_or(2, NonZero::get);
        PROCESSORS.store(processors, Ordering::Relaxed);
    }
    processors > 1
}

/// Looks until `has_changed` returns `true`. Returns `false` if it does not soon.
pub(crate) fn changes_soon(has_changed: impl Fn() -> bool) -> bool {
    look(others_work_meanwhile(), has_changed)
}

fn look(with_pauses: bool, has_changed: impl Fn() -> bool) -> bool {
    #[cfg(test)]
    crate::door::testing::note_look();
    for look in 0..if with_pauses { LOOKS } else { 0 } {
        if has_changed() {
            return true;
        }
        pause_for(FIRST * (1 << look));
    }
    for _ in 0..YIELDS {
        if has_changed() {
            return true;
        }
        thread::yield_now();
    }
    has_changed()
}

/// The bursts of others that a thread lets pass before it waits for a lock as others do.
///
/// A lock of which bursts are made is free for moments only, so a try often fails. A wait in its queue would make each release dearer for
/// a while (scenario "the lock that is freed by a store").
#[derive(Debug)]
pub(crate) struct Bursts {
    passed: u32,
}

impl Bursts {
    pub(crate) const fn new() -> Bursts {
        Bursts { passed: 0 }
    }

    /// Leaves the lock alone while another thread does this many turns, or many. Returns `false` once that was done often enough.
    pub(crate) fn pass(&mut self, turns: impl FnOnce() -> usize) -> bool {
        if self.passed == BURSTS {
            return false;
        }
        if !others_work_meanwhile() {
            thread::yield_now();
        } else {
            // The holder may be waiting for this processor.
            if self.passed >= UNDISTURBED {
                thread::yield_now();
            }
            pause_for(TURN * u32::try_from(turns()).unwrap_or(MOST).clamp(1, MOST));
        }
        self.passed += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Instant};

    use super::*;

    #[test]
    fn a_change_ends_the_looks() {
        let looks = Cell::new(0);
        for (with_pauses, most) in [(true, LOOKS + YIELDS), (false, YIELDS)] {
            let changes_after = |n| {
                looks.set(0);
                look(with_pauses, || looks.replace(looks.get() + 1) == n)
            };
            for n in 0..=most {
                assert!(changes_after(n));
                assert_eq!(looks.get(), n + 1);
            }
            assert!(!changes_after(most + 1));
        }
    }

    #[test]
    fn more_turns_take_longer_and_at_some_time_it_is_enough() {
        let least = |turns| {
            let (since, mut bursts) = (Instant::now(), Bursts::new());
            let passed = (0..).take_while(|_| bursts.pass(|| turns)).count();
            assert_eq!(passed, BURSTS as usize);
            since.elapsed() / BURSTS
        };
        let (some, many) = (least(64), least(usize::MAX));
        if others_work_meanwhile() {
            assert!(some >= TURN * 64);
            assert!(many >= TURN * MOST);
        }
    }
}
