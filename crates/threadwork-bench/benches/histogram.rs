//! Many durations in little room.

use std::time::Duration;

/// How many parts each power of two is divided into, as a power of two.
const PARTS: u32 = 4;

/// How many buckets there are: one for each nanosecond below the first power that is divided, and the parts of the others.
const BUCKETS: usize = ((u64::BITS - PARTS + 1) << PARTS) as usize;

/// Counts durations by their size. Adding one allocates nothing. A duration is known to a sixteenth.
#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Box<[u64; BUCKETS]>,
    longest: u64,
}

impl Histogram {
    pub(crate) fn new() -> Histogram {
        Histogram { counts: Box::new([0; BUCKETS]), longest: 0 }
    }

    #[inline]
    pub(crate) fn add(&mut self, duration: Duration) {
        // 584 years.
        let nanos = duration.as_nanos() as u64;
        self.counts[bucket_of(nanos)] += 1;
        self.longest = self.longest.max(nanos);
    }

    /// Adds what another one counted.
    pub(crate) fn merge(&mut self, other: &Histogram) {
        self.counts.iter_mut().zip(other.counts.iter()).for_each(|(mine, its)| *mine += its);
        self.longest = self.longest.max(other.longest);
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest)
    }

    /// Returns the least duration of a bucket such that at least this part of all durations are in it or in a lower one.
    pub(crate) fn quantile(&self, part: f64) -> Duration {
        let all: u64 = self.counts.iter().sum();
        let wanted = (all as f64 * part).ceil() as u64;
        let mut so_far = 0;
        let bucket = self.counts.iter().position(|count| {
            so_far += count;
            so_far >= wanted
        });
        Duration::from_nanos(bucket.map_or(0, least_of))
    }
}

fn bucket_of(nanos: u64) -> usize {
    let power = (nanos | 1).ilog2();
    if power < PARTS {
        return nanos as usize;
    }
    let shift = power - PARTS;
    ((u64::from(shift) << PARTS) + (nanos >> shift)) as usize
}

/// Returns the least duration of a bucket, in nanoseconds.
fn least_of(bucket: usize) -> u64 {
    let (shift, part) = ((bucket as u64) >> PARTS, bucket as u64 & ((1 << PARTS) - 1));
    if shift == 0 { part } else { ((1 << PARTS) + part) << (shift - 1) }
}
