//! Threads that come one after the other under one name, such as the runs of a supervisor's child.

use std::{cmp::Reverse, collections::HashMap};

use crate::timeline::recording::Row;

#[cfg(test)]
mod tests;

/// One of several threads of one name, all started by the same thread, each after the end of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The row of the first of them.
    pub(super) first: usize,
    /// Counts from one.
    pub(super) number: usize,
}

/// For each row, which run it is; `None` if the thread has neither a predecessor nor a successor.
///
/// A supervisor starts a child again when its thread has ended. Where several live at once under one name, each successor
/// is counted to the one that ended last.
pub(super) fn runs(rows: &[Row]) -> Vec<Option<Run>> {
    let mut in_order: Vec<usize> = (0..rows.len()).collect();
    in_order.sort_by_key(|&it| (rows[it].since, rows[it].ident));
    let mut chains: HashMap<(&str, Option<u64>), Vec<Vec<usize>>> = HashMap::new();
    for place in in_order {
        let row = &rows[place];
        let chains = chains.entry((&row.name, row.starter)).or_default();
        let last = |chain: &[usize]| end(&rows[*chain.last().expect("a chain is not empty")]);
        let ended = chains.iter_mut().filter(|it| last(it) <= row.since);
        match ended.min_by_key(|it| Reverse(last(it))) {
            Some(chain) => chain.push(place),
            None => chains.push(vec![place]),
        }
    }
    let mut runs = vec![None; rows.len()];
    for chain in chains.into_values().flatten().filter(|it| it.len() > 1) {
        for (number, place) in (1..).zip(&chain) {
            runs[*place] = Some(Run { first: chain[0], number });
        }
    }
    runs
}

/// When another thread may have taken the place of this one. It may still wait after the event of its end.
fn end(row: &Row) -> u64 {
    row.ended.as_ref().map(|it| it.at).or(row.until).unwrap_or(u64::MAX)
}
