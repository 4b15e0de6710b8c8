//! Standing in several queues at once, as a watcher, for one wait.
//!
//! Scenario "the thread that stands in several queues" in docs/architecture.md.
#![expect(unsafe_code, reason = "nodes in the memory of the watcher are put into queues")]

use std::time::Instant;

use crate::{
    door::queue::{
        node::{Node, Standing},
        park::Slept,
        place::{enter_signal, enter_to_watch, leave},
        sleeper::{self, Sleeper},
        terms::{Parking, Until},
        watch::Watch,
    },
    few::Few,
    floor::{AtWork, happens_soon},
};

mod lasting;

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
    all().for_each(|node| node.of_same.set(next.replace(node.pointer())));
    let standing = next.map(Standing::begin);
    let entered = ending
        .as_ref()
        // SAFETY: it leaves before this function returns.
        .is_none_or(|(signal, ending)| unsafe { enter_signal(signal, ending) })
        // SAFETY: as above.
        && nodes.iter().enumerate().all(|(at, node)| unsafe { enter_to_watch(node, || waits(at)) });
    drop(at_work);
    let (in_time, slept) =
        if entered { sleep(&watch, sleeper, until.deadline) } else { (true, None) };
    let at_work = AtWork::begin();
    all().for_each(|node| drop(leave(node)));
    drop(at_work);
    drop(standing);
    if let Some(slept) = slept {
        let told = watch.take();
        let at = nodes.iter().position(|it| it.is_at(told));
        if let Some(Parking { key, subject, .. }) = places.get(at.unwrap_or(0)) {
            slept.end(sleeper, *key, subject, at.is_some());
        }
    }
    match until.stop {
        Some(signal) if signal.is_raised() => Watched::Stopped,
        _ if in_time => Watched::Look,
        _ => Watched::TimedOut,
    }
}

/// Sleeps until the watch is told. Returns `false` if the deadline passes first, and how the thread slept, if it did.
fn sleep(
    watch: &Watch,
    sleeper: &'static Sleeper,
    deadline: Option<Instant>,
) -> (bool, Option<Slept>) {
    if happens_soon(|| watch.is_told()) {
        return (true, None);
    }
    let slept = Slept::begin(&watch.since);
    while !watch.is_told() {
        if !sleeper.sleep.suspend(deadline) {
            return (watch.is_told(), Some(slept));
        }
    }
    (true, Some(slept))
}
