//! The counts of a thread for each named lock.

use std::{collections::BTreeMap, panic::Location, time::Duration};

use threadwork_sync::internal::observe::LockTaken;

/// The counts for each lock that has a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(pub(super) BTreeMap<&'static str, Stats>);

#[derive(Clone, Debug, Default)]
pub(super) struct Stats {
    pub(super) acquired: u64,
    pub(super) waits: Histogram,
    pub(super) holds: Histogram,
    pub(super) places: BTreeMap<&'static Location<'static>, (u64, Duration)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    pub(super) total: Duration,
    pub(super) max: Duration,
    pub(super) buckets: Vec<u64>,
}

impl Counts {
    pub(super) const NONE: Counts = Counts(BTreeMap::new());

    pub(super) fn acquired(&mut self, taken: &LockTaken) {
        let Some(name) = taken.name else { return };
        let stats = self.0.entry(name).or_default();
        stats.acquired += 1;
        if let Some(waited) = taken.waited {
            stats.waits.add(waited);
            let (contended, total) = stats.places.entry(taken.location).or_default();
            *contended += 1;
            *total += waited;
        }
    }

    pub(super) fn released(&mut self, name: &'static str, held: Duration) {
        self.0.entry(name).or_default().holds.add(held);
    }

    /// Adds the counts of another thread.
    pub(super) fn add(&mut self, others: &Counts) {
        for (name, stats) in &others.0 {
            self.0.entry(name).or_default().add(stats);
        }
    }
}

impl Histogram {
    fn add(&mut self, time: Duration) {
        self.total += time;
        self.max = self.max.max(time);
        // A time whose number has n bits is less than two to the power of n.
        let power = (u128::BITS - time.as_nanos().leading_zeros()) as usize;
        self.extend_to(power + 1);
        self.buckets[power] += 1;
    }

    fn extend_to(&mut self, len: usize) {
        self.buckets.resize(self.buckets.len().max(len), 0);
    }

    fn merge(&mut self, other: &Histogram) {
        self.total += other.total;
        self.max = self.max.max(other.max);
        self.extend_to(other.buckets.len());
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(sum, it)| *sum += it);
    }
}

impl Stats {
    fn add(&mut self, other: &Stats) {
        self.acquired += other.acquired;
        self.waits.merge(&other.waits);
        self.holds.merge(&other.holds);
        for (place, (contended, total)) in &other.places {
            let sum = self.places.entry(place).or_default();
            sum.0 += contended;
            sum.1 += *total;
        }
    }
}
