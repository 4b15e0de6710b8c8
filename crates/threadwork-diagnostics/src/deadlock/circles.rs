//! Circles of threads in one reading of the records.

use std::collections::{BTreeMap, BTreeSet};

use threadwork_core::sync::Waiting;

/// The circles among threads that wait for each other. A thread waits for its holder, or for all its readers: then one of them in a circle is enough.
pub(super) fn circles(waits: &[Waiting]) -> Vec<Vec<&Waiting>> {
    let by_ident: BTreeMap<_, _> = waits.iter().map(|it| (it.ident, it)).collect();
    circles_along(waits, |it| {
        let threads = it.holder.iter().chain(&it.readers);
        threads.filter_map(|ident| by_ident.get(ident).copied()).collect()
    })
}

/// Follows each thread to the `next` ones, and asks for those of a thread once.
pub(super) fn circles_along<'a>(
    waits: &'a [Waiting],
    next: impl Fn(&Waiting) -> Vec<&'a Waiting>,
) -> Vec<Vec<&'a Waiting>> {
    let next = |it: &Waiting| next(it).into_iter();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for start in waits {
        if !seen.insert(start.ident) {
            continue;
        }
        // The way from `start`, and where else it leads from each thread on it.
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
