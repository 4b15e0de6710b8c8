//! Threads that sleep outside this library.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use threadwork_sync::internal::{
    door::native_ids_in_waits,
    os::{cpu_time_of_thread, is_asleep, system_call},
};

#[cfg(test)]
mod tests;

/// A glance at a thread that is asleep. If two glances at a thread are equal, it did not run in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asleep {
    /// The processor time that it has used.
    cpu: Duration,
}

impl Asleep {
    /// Returns `None` if the thread runs or could run, if it is gone, and on systems other than Linux and Android.
    fn glance(native_id: u64) -> Option<Asleep> {
        if !is_asleep(native_id) {
            return None;
        }
        // After the state: if the thread runs from here on, it cannot be seen asleep with the same time again.
        Some(Asleep { cpu: cpu_time_of_thread(native_id)? })
    }
}

/// Whether the thread is asleep, and has used no more processor time than this: so it has not run since it had used that much.
#[cfg(feature = "timeline")]
pub(crate) fn is_asleep_after(native_id: u64, cpu: Duration) -> bool {
    Asleep::glance(native_id) == Some(Asleep { cpu })
}

/// Those of these threads, by their numbers in the operating system, that are asleep and not in a wait of this library; and the system
/// calls in which they are, where that is known.
///
/// Scenario "the thread that sleeps elsewhere" in docs/architecture.md.
pub(crate) fn elsewhere(
    native_ids: impl Iterator<Item = u64>,
) -> BTreeMap<u64, Option<&'static str>> {
    let first: Vec<_> = native_ids.filter_map(|it| Some((it, Asleep::glance(it)?))).collect();
    if first.is_empty() {
        return BTreeMap::new();
    }
    let in_waits = native_ids_in_waits().into_iter().collect();
    let found = still_asleep(&first, &in_waits, Asleep::glance);
    found.map(|it| (it, system_call(it))).collect()
}

/// Those that are not in waits, and that have not run since the first glance.
fn still_asleep(
    first: &[(u64, Asleep)],
    in_waits: &BTreeSet<u64>,
    glance: impl Fn(u64) -> Option<Asleep>,
) -> impl Iterator<Item = u64> {
    let stays = move |(native_id, asleep): &&(u64, Asleep)| {
        !in_waits.contains(native_id) && glance(*native_id) == Some(*asleep)
    };
    first.iter().filter(stays).map(|it| it.0)
}
