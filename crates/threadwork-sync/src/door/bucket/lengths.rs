//! What a thread has learnt of its waits: where they are long.

use std::{
    ptr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::door::Subject;

/// Where the last wait of a thread was long. Only that thread uses this.
///
/// Scenario "the wait that is long each time" in docs/architecture.md.
///
/// Waits are told apart by the line that waits and by the kind of the object, not by the object: many objects are waited for once,
/// as a thread is for its end. A line has one of 64 bits, which it may share.
#[derive(Debug)]
pub(in crate::door) struct Lengths(AtomicU64);

/// How long a long sleep takes at least.
///
/// A thread that looks for 10 us before a sleep of this length wastes 2 % of the time.
/// Threads that take turns would never begin to look again if their turns were longer than this while all of them sleep at once.
/// Each wake-up of a turn takes 2 us to 25 us or more (`floor/spin`), and some wait for many: with 200 us, a barrier of 64 threads on two
/// processors took up to half as long again as without this, and with 500 us as long (benchmark `sync_ratios`).
const LONG: Duration = Duration::from_micros(500);

/// A line that waits, and the kind of what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::door) struct Where(u64);

impl Where {
    /// Returns the place of a wait that is for nothing, of which nothing is remembered.
    pub(in crate::door) const NOWHERE: Where = Where(0);

    #[inline]
    pub(in crate::door) fn of(subject: &Subject) -> Where {
        // Fibonacci hashing, as for the buckets.
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let place = ptr::from_ref(subject.location).addr() as u64 ^ subject.kind as u64;
        Where(1 << (place.wrapping_mul(GOLDEN) >> (u64::BITS - u64::BITS.ilog2())))
    }
}

impl Lengths {
    pub(in crate::door) const fn new() -> Lengths {
        Lengths(AtomicU64::new(0))
    }

    /// Forgets everything, for a new thread.
    pub(in crate::door) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Returns `true` if the last wait there was long.
    #[inline]
    pub(in crate::door) fn was_long(&self, at: Where) -> bool {
        self.0.load(Ordering::Relaxed) & at.0 != 0
    }

    /// Notes how long a sleep took. One that no other thread ended was long: looking for longer would not have helped.
    pub(in crate::door) fn note(&self, at: Where, slept: Duration, was_woken: bool) {
        let all = self.0.load(Ordering::Relaxed);
        let is_long = !was_woken || slept >= LONG;
        // No other thread writes here.
        self.0.store(if is_long { all | at.0 } else { all & !at.0 }, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;
    use crate::WaitKind;

    #[test]
    fn a_wait_is_long_by_its_time_or_because_nobody_ended_it() {
        let at = Where::of(&Subject::sleep(Location::caller()));
        let lengths = Lengths::new();
        let is_long_after = |slept, was_woken| {
            lengths.note(at, slept, was_woken);
            lengths.was_long(at)
        };
        assert!(!lengths.was_long(at));
        let almost = LONG - Duration::from_nanos(1);
        for (slept, was_woken, is_long) in [
            (LONG, true, true),
            (almost, true, false),
            (almost, false, true),
            (Duration::ZERO, true, false),
        ] {
            assert_eq!(is_long_after(slept, was_woken), is_long, "{slept:?} {was_woken}");
        }
        assert!(is_long_after(LONG, true));
        lengths.note(Where::NOWHERE, Duration::ZERO, true);
        assert!(lengths.was_long(at));
        lengths.note(Where::NOWHERE, LONG, true);
        assert!(!lengths.was_long(Where::NOWHERE));
        lengths.forget();
        assert!(!lengths.was_long(at));
    }

    #[test]
    fn lines_and_kinds_use_all_bits() {
        let location = Location::caller();
        let kinds = [WaitKind::Lock, WaitKind::Event, WaitKind::Barrier, WaitKind::Join];
        // Locations in a row, as a compiler puts them.
        let locations = [*location; 64];
        let mut used = 0;
        for location in Box::leak(Box::new(locations)).iter() {
            for kind in kinds {
                let Where(bit) = Where::of(&Subject::of(kind, None, location));
                assert_eq!(bit.count_ones(), 1);
                used |= bit;
            }
        }
        assert!(used.count_ones() > 48, "{used:b}");
    }
}
