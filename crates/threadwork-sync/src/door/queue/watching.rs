//! Standing in several queues at once, as a watcher.
#![expect(unsafe_code, reason = "nodes in the memory of the watcher are put into queues")]

use std::time::Instant;

use arrayvec::ArrayVec;

use crate::{
    door::queue::{
        node::{Node, Standing},
        place::{enter_signal, leave},
        sleeper::{self, Sleeper},
        table,
        terms::{Parking, Until},
        watch::Watch,
    },
    floor::{AtWork, happens_soon, now},
};

/// How many nodes are kept on the stack.
const ON_STACK: usize = 4;

/// How a call of [`watch_any`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// A wake-up came, or something is ready: look again.
    Look,
    TimedOut,
    Stopped,
}

/// Blocks the current thread in all queues until one of them is woken, the deadline passes or the stop is requested.
///
/// `is_ready` runs with the queue of that place locked; if it returns `true`, the thread does not wait.
/// When this returns, the thread stands in none of the queues.
pub(crate) fn watch_any(
    places: &[Parking<'_>],
    until: Until<'_>,
    is_ready: impl Fn(usize) -> bool,
) -> Watched {
    let at_work = AtWork::begin();
    let sleeper = sleeper::mine();
    let sleeper: &'static Sleeper = &sleeper;
    let watch = Watch::new(true);
    watch.begin(sleeper);
    let nodes = places.iter().map(|place| Node::watcher(place, &watch));
    let (few, many): (ArrayVec<Node, ON_STACK>, Vec<Node>) = if places.len() <= ON_STACK {
        (nodes.collect(), Vec::new())
    } else {
        (ArrayVec::new(), nodes.collect())
    };
    let nodes = if many.is_empty() { &few[..] } else { &many[..] };
    let ending = until.stop.map(|signal| (signal, Node::ending_of(signal.key(), &watch)));
    let all = || nodes.iter().chain(ending.as_ref().map(|(_, ending)| ending));
    let mut next = None;
    for node in all() {
        node.of_same.set(next.replace(node.pointer()));
    }
    // The first in order is the last to be followed.
    let standing = next.zip(all().next()).map(|(first, last)| Standing::begin(first, last));
    let entered = ending
        .as_ref()
        // SAFETY: it leaves before this function returns.
        .is_none_or(|(signal, ending)| unsafe { enter_signal(signal, ending) })
        && nodes.iter().enumerate().all(|(at, node)| {
            let mut list = table::locked(node.key());
            let waits = !is_ready(at);
            if waits {
                // SAFETY: the bucket is locked, and the node is new. It leaves before this function returns.
                unsafe { list.push_front(node) };
            }
            waits
        });
    drop(at_work);
    let slept = entered && !sleep(&watch, sleeper, until.deadline);
    let at_work = AtWork::begin();
    all().for_each(|node| drop(leave(node)));
    drop(at_work);
    drop(standing);
    if watch.since.get().is_some() {
        sleeper.ended.set(now());
    }
    match until.stop {
        Some(signal) if signal.is_raised() => Watched::Stopped,
        _ if slept => Watched::TimedOut,
        _ => Watched::Look,
    }
}

/// Sleeps until the watch is told. Returns `false` if the deadline passes first.
fn sleep(watch: &Watch, sleeper: &'static Sleeper, deadline: Option<Instant>) -> bool {
    if happens_soon(|| watch.is_told()) {
        return true;
    }
    watch.since.set(now());
    while !watch.is_told() {
        if !sleeper.sleep.suspend(deadline) {
            return watch.is_told();
        }
    }
    true
}
