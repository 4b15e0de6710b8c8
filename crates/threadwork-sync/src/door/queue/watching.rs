//! Standing in several queues at once, as a watcher.
#![expect(unsafe_code, reason = "nodes in the memory of the watcher are put into queues")]

use std::{ptr, sync::atomic::Ordering, time::Instant};

use arrayvec::ArrayVec;

use crate::{
    door::{
        observer::{Asleep, How, tell},
        queue::{
            node::{Node, Standing},
            place::{enter_signal, leave},
            sleeper::{self, Sleeper},
            table,
            terms::{Parking, Until},
            watch::Watch,
        },
    },
    floor::{AtWork, happens_soon, now},
};

#[cfg(all(test, not(threadwork_loom)))]
mod tests;

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
///
/// The observer is told once, with the place of which the thread was told first, or the first place if none ended the wait.
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
    let standing = next.map(|it| Standing::begin(it));
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
    let slept = entered.then(|| Slept::until(&watch, sleeper, until.deadline)).flatten();
    let at_work = AtWork::begin();
    all().for_each(|node| drop(leave(node)));
    drop(at_work);
    drop(standing);
    let was_told = watch.is_told();
    if let Some(slept) = slept {
        sleeper.ended.set(now());
        slept.end(places, nodes, || first_told(&watch, all()));
    }
    match until.stop {
        Some(signal) if signal.is_raised() => Watched::Stopped,
        _ if entered && !was_told => Watched::TimedOut,
        _ => Watched::Look,
    }
}

/// A sleep that others see.
struct Slept(Option<Asleep>);

impl Slept {
    /// Sleeps until the watch is told or the deadline passes. Returns `None` if the thread did not sleep, because the watch was told soon.
    ///
    /// A reader never takes a part of the places for all of them: the thread shows the wait once it stands in all queues, and hides it
    /// before it leaves the first.
    ///
    /// Scenario "the places that are read one by one" in docs/architecture.md.
    fn until(watch: &Watch, sleeper: &'static Sleeper, deadline: Option<Instant>) -> Option<Slept> {
        if happens_soon(|| watch.is_told()) {
            return None;
        }
        let asleep = Asleep::begin();
        watch.since.set(now());
        while !watch.is_told() && sleeper.sleep.suspend(deadline) {}
        watch.since.clear();
        Some(Slept(asleep))
    }

    /// Tells the observer. `first_told` returns the address of the node of which the watch was told first.
    fn end(self, places: &[Parking<'_>], nodes: &[Node], first_told: impl FnOnce() -> usize) {
        let Some(told) = self.0.map(Asleep::end) else { return };
        let first = first_told();
        let ended_by = nodes.iter().position(|it| ptr::from_ref(it).addr() == first);
        if let Some(place) = places.get(ended_by.unwrap_or(0)) {
            let how = How { woken: ended_by.is_some(), any_of: true };
            tell(told, place.key, place.subject, how);
        }
    }
}

/// Takes what a watch was told. Returns the address of the node of which it was told first, or zero. The nodes have left their queues.
fn first_told<'a>(watch: &Watch, nodes: impl Iterator<Item = &'a Node> + Clone) -> usize {
    let (mut first, mut told) = (0, watch.take());
    while let Some(node) = nodes.clone().find(|it| ptr::from_ref(*it).addr() == told) {
        first = told;
        told = node.told_before.load(Ordering::Relaxed);
    }
    first
}
