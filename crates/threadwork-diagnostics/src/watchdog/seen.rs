//! What a watchdog has seen.

use std::{
    collections::BTreeSet,
    num::NonZeroU64,
    time::{Duration, Instant},
};

use threadwork_core::{ThreadHandle, main_thread};
use threadwork_sync::Waiting;

use crate::{
    blocked,
    deadlock::{Deadlock, find_deadlocks},
    dump::{Snapshot, TaskDump, ThreadDump},
};

/// What was found in the last look: while it lasts, it is not reported again.
#[derive(Default)]
pub(super) struct Seen {
    deadlocks: BTreeSet<Vec<(u64, Option<Instant>)>>,
    waits: BTreeSet<(NonZeroU64, Instant)>,
    tasks: BTreeSet<(Instant, usize)>,
    runs: BTreeSet<NonZeroU64>,
}

impl Seen {
    /// The deadlocks that were not found in the last look.
    pub(super) fn fresh_deadlocks(&mut self) -> impl Iterator<Item = Deadlock> {
        fresh(&mut self.deadlocks, find_deadlocks().into_iter().map(|it| (key(&it), it)))
    }

    /// The program's threads that have been waiting for longer than `limit` and were not found in the last look.
    pub(super) fn fresh_waits(&mut self, snapshot: &Snapshot, limit: Duration) -> Vec<ThreadDump> {
        let is_the_programs = |it: &&Waiting| !snapshot.names.is_own(it.thread.ident);
        let waits = blocked::threads(&snapshot.waits).filter(is_the_programs);
        let long = waits.filter(|it| snapshot.is_longer_ago(it.since, limit));
        let found = long.map(|it| ((it.thread.ident, it.since), it.thread.ident));
        fresh(&mut self.waits, found).map(|it| snapshot.thread(it)).collect()
    }

    /// The tasks that have been waiting for longer than `limit` and were not found in the last look. A task has no number: it is known by
    /// the beginning of its wait and the address of the object, whichever thread polls it.
    pub(super) fn fresh_tasks(&mut self, snapshot: &Snapshot, limit: Duration) -> Vec<TaskDump> {
        let tasks = blocked::tasks(&snapshot.waits);
        let long = tasks.filter(|it| snapshot.is_longer_ago(it.since, limit));
        let found = long.map(|it| ((it.since, it.address), it));
        fresh(&mut self.tasks, found).map(|it| snapshot.task(it)).collect()
    }

    /// The program's threads, without the main thread, that have been alive for longer than `limit` and were not found in the last look.
    pub(super) fn fresh_runs(
        &mut self,
        snapshot: &mut Snapshot,
        limit: Duration,
    ) -> Vec<ThreadDump> {
        let main = main_thread();
        let is_long = |it: &&ThreadHandle| {
            let since = it.running_since().filter(|_| **it != main);
            since.is_some_and(|since| snapshot.is_longer_ago(since, limit))
        };
        let long = snapshot.threads.iter().filter(is_long).filter_map(|it| it.ident());
        let found = long.filter(|it| !snapshot.names.is_own(*it)).map(|it| (it, it));
        let found: Vec<_> = fresh(&mut self.runs, found).collect();
        let native_ids = found.iter().filter_map(|it| snapshot.names.native_id(*it));
        snapshot.look_elsewhere(native_ids.collect::<Vec<_>>().into_iter());
        found.into_iter().map(|it| snapshot.thread(it)).collect()
    }
}

/// Distinguishes a deadlock from others, also from an earlier one of the same threads.
fn key(deadlock: &Deadlock) -> Vec<(u64, Option<Instant>)> {
    deadlock.edges.iter().map(|it| (it.waiter_ident, it.since)).collect()
}

/// The findings that are not in `seen`; then `seen` becomes what is found now.
fn fresh<K: Ord, V>(
    seen: &mut BTreeSet<K>,
    found: impl Iterator<Item = (K, V)>,
) -> impl Iterator<Item = V> {
    let mut now = BTreeSet::new();
    let mut fresh = Vec::new();
    for (key, value) in found {
        if !seen.contains(&key) {
            fresh.push(value);
        }
        now.insert(key);
    }
    *seen = now;
    fresh.into_iter()
}
