//! Standing in several queues at once, as a watcher, for one wait.
//!
//! Scenario "the thread that stands in several queues" in docs/architecture.md.
#![expect(unsafe_code, reason = "nodes in the memory of the watcher are put into queues")]

use std::{sync::atomic::Ordering, time::Instant};

use crate::{
    door::{
        bucket::{
            lengths::Where,
            node::{Node, Standing},
            sleeper::{self, Sleeper},
            terms::{Parking, Until},
            watch::Watch,
        },
        observer::How,
        queue::{
            few::Few,
            park::Slept,
            place::{enter_signal, enter_to_watch, leave},
        },
    },
    floor::AtWork,
};

mod lasting;

#[cfg(all(test, not(threadwork_loom)))]
mod tests;

pub(crate) use self::lasting::LastingWatch;

/// How a wait at several queues ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// A wake-up came, or there was no reason to wait: look again.
    Look,
    TimedOut,
    Stopped,
}

/// Blocks the current thread in all queues until one of them is woken, the deadline passes or the stop is requested.
///
/// `waits` runs with the queue of that place locked; if it returns `false`, the thread does not wait.
/// When this returns, the thread stands in none of the queues.
///
/// The observer is told once, with the place of which the thread was told first, or the first place if none ended the wait.
pub(crate) fn watch_any(
    places: &[Parking<'_>],
    until: Until<'_>,
    waits: impl Fn(usize) -> bool,
) -> Watched {
    #[cfg(test)]
    crate::door::testing::note_visit();
    let at_work = AtWork::begin();
    let sleeper = sleeper::mine();
    let sleeper: &'static Sleeper = &sleeper;
    let watch = Watch::new(true);
    watch.begin(sleeper);
    let nodes = Few::of(places.iter().map(|place| Node::watcher(place, &watch)));
    let ending = until.stop.map(|signal| (signal, Node::ending_of(signal.key(), &watch)));
    let all = || nodes.iter().chain(ending.as_ref().map(|(_, ending)| ending));
    let mut next = None;
    all().for_each(|node| node.chained.of_same.set(next.replace(node.pointer())));
    // The first in order is the last to be followed.
    let standing = next.zip(all().next()).map(|(first, last)| Standing::begin(first, last));
    let entered = ending
        .as_ref()
        // SAFETY: it leaves before this function returns.
        .is_none_or(|(signal, ending)| unsafe { enter_signal(signal, ending) })
        // SAFETY: as above.
        && nodes.iter().enumerate().all(|(at, node)| unsafe { enter_to_watch(node, || waits(at)) });
    drop(at_work);
    let at = places.first().map_or(Where::NOWHERE, |place| Where::of(place.subject));
    let slept = entered.then(|| sleep(&watch, sleeper, at, until.deadline)).flatten();
    let at_work = AtWork::begin();
    all().for_each(|node| drop(leave(node)));
    drop(at_work);
    drop(standing);
    let was_told = watch.is_told();
    if let Some(slept) = slept {
        let first = first_told(&watch, all());
        let ended_by = nodes.iter().position(|it| it.is_at(first));
        if let Some(Parking { key, subject, .. }) = places.get(ended_by.unwrap_or(0)) {
            let how = How { woken: ended_by.is_some(), any_of: true };
            slept.end(sleeper, *key, subject, how);
        }
    }
    match until.stop {
        Some(signal) if signal.is_raised() => Watched::Stopped,
        _ if entered && !was_told => Watched::TimedOut,
        _ => Watched::Look,
    }
}

/// Sleeps until the watch is told or the deadline passes. Returns how the thread slept, if it did.
///
/// A reader never takes a part of the places for all of them: the thread shows the wait once it stands in all queues, and hides it
/// before it leaves the first.
///
/// Scenario "the places that are read one by one" in docs/architecture.md.
fn sleep(
    watch: &Watch,
    sleeper: &'static Sleeper,
    at: Where,
    deadline: Option<Instant>,
) -> Option<Slept> {
    let slept = Slept::begin(&watch.since, sleeper, at, || watch.is_told())?;
    while !watch.is_told() && sleeper.sleep.suspend(deadline) {}
    watch.since.clear();
    Some(slept)
}

/// Takes what a watch was told. Returns the address of the node of which it was told first, or zero. The nodes have left their queues.
fn first_told<'a>(watch: &Watch, nodes: impl Iterator<Item = &'a Node> + Clone) -> usize {
    let (mut first, mut told) = (0, watch.take());
    while let Some(node) = nodes.clone().find(|it| it.is_at(told)) {
        first = told;
        told = node.chained.told_before.load(Ordering::Relaxed);
    }
    first
}
