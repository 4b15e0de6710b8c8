//! Taking a dump.

use std::{collections::BTreeSet, process, time::Instant};

use threadwork_core::{Fault, faults};
use threadwork_sync::internal::os::{native_ids, thread_name};

use super::{
    data::{Dump, FaultDump, FaultsDump, OtherDump, StateDump},
    snapshot::Snapshot,
    tree::Tree,
};
use crate::{blocked, deadlock, lines::ctime, places::place_of_panic};

/// Lists all threads: those that [`enumerate`](threadwork_core::enumerate) returns, others that are blocked in this library, the library's
/// own, and those that only the operating system knows; the tasks of async programs that wait for something in this library; and the last
/// threads that have panicked or failed.
///
/// No thread is stopped for it, so it is not a consistent snapshot: a thread may change its state while the next one is read.
#[must_use]
pub fn dump() -> Dump {
    let mut snapshot = Snapshot::now();
    let unknown = unknown_to(&snapshot);
    let known = snapshot.names.native_ids().collect::<Vec<_>>();
    snapshot.look_elsewhere(known.into_iter().chain(unknown.iter().copied()));

    // A thread that is blocked and not listed has no group.
    let listed = snapshot.threads.iter().filter_map(|it| Some((it.ident()?, it.group())));
    let blocked = blocked::threads(&snapshot.waits).map(|it| it.thread.ident);
    let unlisted = blocked.filter(|it| snapshot.names.handle(*it).is_none()).map(|it| (it, None));
    let mut tree = Tree::new();
    let program = listed.chain(unlisted).filter(|it| !snapshot.names.is_own(it.0));
    program.for_each(|(ident, group)| tree.group(group).threads.push(snapshot.thread(ident)));
    let root = tree.into_root();
    Dump {
        pid: process::id(),
        time: ctime(),
        count: root.count(),
        root,
        tasks: snapshot.tasks(),
        own_threads: snapshot.names.own().map(|it| snapshot.thread(it)).collect(),
        others: unknown.into_iter().map(|it| other(&snapshot, it)).collect(),
        deadlocks: deadlock::find_after(&snapshot.waits),
        faults: faults_until_now(),
    }
}

/// The threads that only the operating system knows; none on systems that do not list them.
fn unknown_to(snapshot: &Snapshot) -> Vec<u64> {
    let known: BTreeSet<_> = snapshot.names.native_ids().collect();
    let mut unknown = native_ids();
    unknown.retain(|it| !known.contains(it));
    unknown.sort_unstable();
    unknown
}

fn other(snapshot: &Snapshot, native_id: u64) -> OtherDump {
    let elsewhere = snapshot.waits_elsewhere(native_id);
    let state = match elsewhere {
        Some(_) => StateDump::WaitsElsewhere,
        None => StateDump::Running,
    };
    OtherDump {
        native_id,
        name: thread_name(native_id).unwrap_or_default(),
        state: Some(state),
        system_call: elsewhere.flatten(),
    }
}

fn faults_until_now() -> FaultsDump {
    let faults = faults();
    let now = Instant::now();
    let fault = |it: Fault| FaultDump {
        name: it.name,
        ident: it.ident.get(),
        group: it.group,
        outcome: it.state.to_string(),
        seconds_ago: now.saturating_duration_since(it.at).as_secs_f64(),
        message: it.message,
        location: it.place.as_ref().map(place_of_panic),
    };
    FaultsDump {
        panicked: faults.panicked,
        failed: faults.failed,
        recent: faults.recent.into_iter().map(fault).collect(),
    }
}
