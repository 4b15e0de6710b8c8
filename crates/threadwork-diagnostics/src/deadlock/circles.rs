//! Circles of threads in one reading of the records.

use std::collections::{BTreeMap, BTreeSet};

use threadwork_sync::Waiting;

/// The circles among waiting threads. A thread waits for the holder, or for all readers: then one reader in a circle is enough.
pub(super) fn circles(waits: &[Waiting]) -> Vec<Vec<&Waiting>> {
    let by_ident: BTreeMap<_, _> = waits.iter().map(|it| (it.thread.ident, it)).collect();
    circles_along(waits, |it| {
        let threads = it.holder.iter().chain(&it.readers);
        threads.filter_map(|ident| by_ident.get(ident).copied()).collect()
    })
}

/// Follows each thread to the threads it waits for. It calls `next` once for each thread.
pub(super) fn circles_along<'a>(
    waits: &'a [Waiting],
    next: impl Fn(&Waiting) -> Vec<&'a Waiting>,
) -> Vec<Vec<&'a Waiting>> {
    let next = |it: &Waiting| next(it).into_iter();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in waits {
        if !seen.insert(start.thread.ident) {
            continue;
        }
        // The path from `start`; for each thread on it, the branches that are still to be followed.
        let mut path = vec![(start, next(start))];
        while let Some((_, others)) = path.last_mut() {
            let Some(it) = others.next() else {
                path.pop();
                continue;
            };
            if seen.insert(it.thread.ident) {
                path.push((it, next(it)));
                continue;
            }
            // A thread that was passed before: a circle if it is on this path, nothing if it was on an earlier one.
            if let Some(back) =
                path.iter().position(|(on_path, _)| on_path.thread.ident == it.thread.ident)
            {
                let mut circle: Vec<_> = path[back..].iter().map(|(it, _)| *it).collect();
                let first = (0..circle.len()).min_by_key(|place| circle[*place].thread.ident);
                circle.rotate_left(first.unwrap_or(0));
                circles.push(circle);
            }
        }
    }
    circles
}
