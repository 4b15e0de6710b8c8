//! Adds the waits outside this library.

use std::collections::BTreeMap;

use crate::timeline::{
    event::Event,
    recording::{Row, Slice},
};

#[cfg(test)]
mod tests;

/// Adds the waits that were not over at the last look. A thread that has done something since then was woken at an unknown time.
pub(crate) fn add_open(rows: &mut [Row], open: BTreeMap<u64, Event>, length: u64) {
    for row in rows {
        let Some(&Event { since, until, ref what }) = open.get(&row.ident) else { continue };
        let has_gone_on = |it: &Slice| it.since > until || (!it.is_open && it.until > until);
        let is_open = row.until.is_none() && !row.slices.iter().any(has_gone_on);
        let until = if is_open { length } else { until };
        row.slices.push(Slice { since, until, is_open, depth: 0, what: what.clone() });
    }
}
