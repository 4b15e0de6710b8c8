//! Who woke whom.

use std::collections::HashMap;

use super::{
    recording::Row,
    track::{Wait, Wake, What},
};

#[cfg(test)]
mod tests;

/// From a thread that ended a wait to the thread whose wait it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The row of the thread that woke the other, and what it did: one of its slices, or the end of its life.
    pub(super) from: usize,
    pub(super) by: Option<usize>,
    /// When.
    pub(super) at: u64,
    /// The row of the thread that was woken, and which of its slices is the wait.
    pub(super) to: usize,
    pub(super) wait: usize,
}

/// A wake-up that may have ended waits.
struct Candidate {
    row: usize,
    slice: usize,
    since: u64,
    until: u64,
    left: usize,
}

/// How many wake-ups of the same thing are looked at for a wait, the newest first.
const LOOKED_AT: usize = 64;

/// Finds the wake-up that has ended each wait, as far as times and addresses tell.
///
/// A wake-up ends no wait that ended before it began or began after it had ended, and no more waits than it has counted.
/// Where several are left it is the newest: an older one will have ended a wait that nobody was told of, or that was not kept.
pub(super) fn find(rows: &[Row]) -> Vec<Arrow> {
    let mut arrows = joins(rows);
    let mut happened: HashMap<usize, Vec<Happened>> = HashMap::new();
    for (row, thread) in rows.iter().enumerate() {
        for (slice, it) in thread.slices.iter().enumerate() {
            match &it.what {
                What::Wake(Wake { address, count }) => {
                    let (since, until, left) = (it.since, it.until, *count);
                    let candidate = Candidate { row, slice, since, until, left };
                    happened.entry(*address).or_default().push(Happened::Wake(candidate));
                }
                What::Wait(wait) if wait.woken && !it.is_open => {
                    let (since, until) = (it.since, it.until);
                    let it = Happened::WaitEnded { row, slice, since, until };
                    happened.entry(wait.address).or_default().push(it);
                }
                _ => (),
            }
        }
    }
    let mut taken: Vec<_> = arrows.iter().map(|it| (it.to, it.wait)).collect();
    taken.sort_unstable();
    for mut happened in happened.into_values() {
        happened.sort_by_key(Happened::time);
        let mut wakes: Vec<Candidate> = Vec::new();
        for it in happened {
            match it {
                Happened::Wake(candidate) => wakes.push(candidate),
                Happened::WaitEnded { row, slice, since, until } => {
                    if taken.binary_search(&(row, slice)).is_ok() {
                        continue;
                    }
                    let oldest = wakes.len().saturating_sub(LOOKED_AT);
                    // An arrow takes some time, so that it has something to hold on to.
                    let may_be =
                        |it: &Candidate| it.row != row && it.until >= since && it.since < until;
                    let Some(place) = wakes[oldest..].iter().rposition(may_be) else { continue };
                    let wake = &mut wakes[oldest + place];
                    let at = wake.since.max(since);
                    arrows.push(Arrow {
                        from: wake.row,
                        by: Some(wake.slice),
                        at,
                        to: row,
                        wait: slice,
                    });
                    wake.left -= 1;
                    if wake.left == 0 {
                        wakes.remove(oldest + place);
                    }
                }
            }
        }
    }
    arrows.sort_unstable_by_key(|it| (it.at, it.to, it.wait));
    arrows
}

/// What has happened to a thing that threads wait for.
enum Happened {
    Wake(Candidate),
    WaitEnded { row: usize, slice: usize, since: u64, until: u64 },
}

impl Happened {
    /// A wake-up comes before a wait that ends at the same time.
    fn time(&self) -> (u64, bool) {
        match self {
            Happened::Wake(it) => (it.since, false),
            Happened::WaitEnded { until, .. } => (*until, true),
        }
    }
}

/// The joins that the end of a thread has ended.
fn joins(rows: &[Row]) -> Vec<Arrow> {
    let ends: HashMap<u64, (usize, u64)> = rows
        .iter()
        .enumerate()
        .filter_map(|(row, it)| Some((it.ident, (row, it.ended.as_ref()?.at))))
        .collect();
    let mut arrows = Vec::new();
    for (to, row) in rows.iter().enumerate() {
        for (wait, slice) in row.slices.iter().enumerate() {
            let What::Wait(Wait { woken: true, thread: Some(thread), .. }) = &slice.what else {
                continue;
            };
            let Some(&(from, at)) = ends.get(&thread.get()) else { continue };
            // A thread that had ended before kept nobody waiting.
            if !slice.is_open && (slice.since..slice.until).contains(&at) {
                arrows.push(Arrow { from, by: None, at, to, wait });
            }
        }
    }
    arrows
}
