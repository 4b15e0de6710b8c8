//! Finds which wake-up ended which wait.
//!
//! Scenario "the wake-up that lies across the wait" in docs/architecture.md.

use std::collections::HashMap;

use crate::timeline::{
    event::{Wait, Wake, What},
    recording::{Arrow, Row},
};

#[cfg(test)]
mod tests;

/// A wake-up, with the number of waits that it may still have ended.
struct Candidate {
    row: usize,
    slice: usize,
    since: u64,
    until: u64,
    left: usize,
}

/// A wait that was ended by a wake-up.
struct EndedWait {
    row: usize,
    slice: usize,
    since: u64,
    until: u64,
}

/// What happened at an object that threads wait for.
enum Happened {
    Wake(Candidate),
    WaitEnded(EndedWait),
}

/// For each wait, only this number of the newest wake-ups at the same object are considered.
const LOOKED_AT: usize = 64;

/// Finds the wake-up that ended each wait, as far as times and addresses tell.
///
/// A wake-up did not end a wait that was over before the wake-up began, or that began after the wake-up was over, nor more waits than it counted.
/// If several wake-ups remain, the newest is taken: an older one probably ended a wait that was not observed or was dropped.
pub(crate) fn find_arrows(rows: &[Row]) -> Vec<Arrow> {
    let mut arrows = joins(rows);
    let mut joined: Vec<_> = arrows.iter().map(|it| (it.to, it.wait)).collect();
    joined.sort_unstable();
    for mut happened in happened(rows).into_values() {
        happened.sort_by_key(Happened::time);
        let mut wakes: Vec<Candidate> = Vec::new();
        for it in happened {
            match it {
                Happened::Wake(candidate) => wakes.push(candidate),
                Happened::WaitEnded(wait) => {
                    if joined.binary_search(&(wait.row, wait.slice)).is_err() {
                        arrows.extend(take_wake(&mut wakes, &wait));
                    }
                }
            }
        }
    }
    arrows.sort_unstable_by_key(|it| (it.at, it.to, it.wait));
    arrows
}

/// The wake-ups and the waits that were ended by one, by the address of the object.
fn happened(rows: &[Row]) -> HashMap<usize, Vec<Happened>> {
    let mut happened: HashMap<usize, Vec<Happened>> = HashMap::new();
    for (row, thread) in rows.iter().enumerate() {
        for (slice, it) in thread.slices.iter().enumerate() {
            let (since, until) = (it.since, it.until);
            match &it.what {
                What::Wake(Wake { address, count }) => {
                    let candidate = Candidate { row, slice, since, until, left: *count };
                    happened.entry(*address).or_default().push(Happened::Wake(candidate));
                }
                What::Wait(wait) if wait.woken && !it.is_open => {
                    let ended = EndedWait { row, slice, since, until };
                    happened.entry(wait.address).or_default().push(Happened::WaitEnded(ended));
                }
                _ => (),
            }
        }
    }
    happened
}

/// The arrow from the newest wake-up that can have ended the wait; that wake-up then has one wait less to account for.
fn take_wake(wakes: &mut Vec<Candidate>, wait: &EndedWait) -> Option<Arrow> {
    let EndedWait { row, slice, since, until } = *wait;
    let oldest = wakes.len().saturating_sub(LOOKED_AT);
    // The wake-up began before the wait ended, so that the arrow has a length.
    let may_be = |it: &Candidate| it.row != row && it.until >= since && it.since < until;
    let place = oldest + wakes[oldest..].iter().rposition(may_be)?;
    let wake = &mut wakes[place];
    let at = wake.since.max(since);
    let arrow = Arrow { from: wake.row, by: Some(wake.slice), at, to: row, wait: slice };
    wake.left -= 1;
    if wake.left == 0 {
        wakes.remove(place);
    }
    Some(arrow)
}

impl Happened {
    /// The sort key: at equal times a wake-up comes before the end of a wait.
    fn time(&self) -> (u64, bool) {
        match self {
            Happened::Wake(it) => (it.since, false),
            Happened::WaitEnded(it) => (it.until, true),
        }
    }
}

/// The arrows from the end of a thread to the joins that it ended.
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
            // A thread that had ended before the join did not end a wait.
            if !slice.is_open && (slice.since..slice.until).contains(&at) {
                arrows.push(Arrow { from, by: None, at, to, wait });
            }
        }
    }
    arrows
}
