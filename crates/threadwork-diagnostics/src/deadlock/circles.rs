//! Circles and components of a graph. Its nodes are numbers.

use std::iter;

#[cfg(test)]
mod tests;

/// The circles that are found from `starts`, each from its smallest node. Calls `next` once for each node that is reached: it returns
/// where the edges of a node lead to.
pub(super) fn circles_along<N: IntoIterator<Item = usize>>(
    starts: impl IntoIterator<Item = usize>,
    size: usize,
    next: impl Fn(usize) -> N,
) -> Vec<Vec<usize>> {
    let next = |node| next(node).into_iter();
    let mut seen = vec![false; size];
    let mut circles = Vec::new();
    for start in starts {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        // The path from `start`; for each node on it, the branches that are still to be followed.
        let mut path = vec![(start, next(start))];
        while let Some((_, others)) = path.last_mut() {
            let Some(it) = others.next() else {
                path.pop();
                continue;
            };
            if !std::mem::replace(&mut seen[it], true) {
                path.push((it, next(it)));
                continue;
            }
            // A node that was passed before: a circle if it is on this path, nothing if it was on an earlier one.
            if let Some(back) = path.iter().position(|(on_path, _)| *on_path == it) {
                let mut circle: Vec<_> = path[back..].iter().map(|(it, _)| *it).collect();
                let first = (0..circle.len()).min_by_key(|place| circle[*place]);
                circle.rotate_left(first.unwrap_or(0));
                circles.push(circle);
            }
        }
    }
    circles
}

/// The strongly connected components, each in order of its nodes: from each node of a component, edges lead to each other node of it.
///
/// (R. Tarjan, "Depth-first search and linear graph algorithms", 1972.)
pub(super) fn components<N: IntoIterator<Item = usize>>(
    size: usize,
    next: impl Fn(usize) -> N,
) -> Vec<Vec<usize>> {
    /// In a component that is complete.
    const DONE: usize = usize::MAX;
    let next = |node| next(node).into_iter();
    // When a node was first reached, counted from one, and the earliest node that is known to be reachable from it.
    let (mut reached, mut lowest) = (vec![0; size], vec![0; size]);
    let mut count = 0;
    let mut open = Vec::new();
    let mut components = Vec::new();
    for start in 0..size {
        let mut path: Vec<(usize, N::IntoIter)> = Vec::new();
        let mut enter = iter::once(start).find(|it| reached[*it] == 0);
        loop {
            if let Some(node) = enter.take() {
                count += 1;
                (reached[node], lowest[node]) = (count, count);
                open.push(node);
                path.push((node, next(node)));
            }
            let Some((node, others)) = path.last_mut() else { break };
            let node = *node;
            if let Some(to) = others.next() {
                match reached[to] {
                    0 => enter = Some(to),
                    DONE => (),
                    earlier => lowest[node] = lowest[node].min(earlier),
                }
                continue;
            }
            path.pop();
            if let Some((before, _)) = path.last() {
                lowest[*before] = lowest[*before].min(lowest[node]);
            }
            if lowest[node] == reached[node] {
                let first = open.iter().rposition(|it| *it == node).unwrap_or(0);
                let mut component = open.split_off(first);
                component.iter().for_each(|it| reached[*it] = DONE);
                component.sort_unstable();
                components.push(component);
            }
        }
    }
    components
}
