//! Circles of threads in one reading of the records.

use std::collections::{BTreeMap, BTreeSet};

use threadwork_core::sync::Waiting;

/// Who is in a circle, found by following each thread to those that it waits for. That are several only where it waits for readers,
/// and then for all of them: one that is in a circle is enough.
pub(super) fn circles(waits: &[Waiting]) -> Vec<Vec<&Waiting>> {
    let by_ident: BTreeMap<_, _> = waits.iter().map(|it| (it.ident, it)).collect();
    let next = |it: &Waiting| {
        let threads = it.holder.iter().chain(&it.readers).copied().collect::<Vec<_>>();
        threads.into_iter().filter_map(|ident| by_ident.get(&ident).copied())
    };
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in waits {
        if !seen.insert(start.ident) {
            continue;
        }
        // The way from `start`, and where else it leads from each step.
        let mut path = vec![(start, next(start))];
        while let Some((_, others)) = path.last_mut() {
            let Some(it) = others.next() else {
                path.pop();
                continue;
            };
            if seen.insert(it.ident) {
                path.push((it, next(it)));
                continue;
            }
            // It has come to where it was before: on this way, or on an earlier one.
            if let Some(back) = path.iter().position(|(on_path, _)| on_path.ident == it.ident) {
                let mut circle: Vec<_> = path[back..].iter().map(|(it, _)| *it).collect();
                let first = (0..circle.len()).min_by_key(|place| circle[*place].ident);
                circle.rotate_left(first.unwrap_or(0));
                circles.push(circle);
            }
        }
    }
    circles
}
