//! Taking a dump.

use std::{collections::BTreeSet, fs, process};

use threadwork_core::ThreadHandle;

use super::{
    data::{Dump, OtherDump},
    snapshot::Snapshot,
    tree::Tree,
};
use crate::{blocked, deadlock, lines::ctime, names::os_name};

/// Lists all threads: those that [`enumerate`](threadwork_core::enumerate) returns, and others that are blocked in this library;
/// and the tasks of async programs that wait for something in this library.
///
/// No thread is stopped for it, so it is not a consistent snapshot: a thread may change its state while the next one is read.
#[must_use]
pub fn dump() -> Dump {
    let snapshot = Snapshot::now();
    let mut tree = Tree::new();
    for thread in &snapshot.threads {
        if let Some(ident) = thread.ident() {
            tree.group(thread.group()).threads.push(snapshot.thread(ident));
        }
    }
    let blocked = blocked::threads(&snapshot.waits).map(|it| it.thread.ident);
    for ident in blocked.filter(|it| snapshot.names.handle(*it).is_none()) {
        tree.group(None).threads.push(snapshot.thread(ident));
    }
    let root = tree.into_root();
    Dump {
        pid: process::id(),
        time: ctime(),
        count: root.count(),
        root,
        tasks: snapshot.tasks(),
        others: others(&snapshot),
        deadlocks: deadlock::find_after(&snapshot.waits),
    }
}

/// The threads that only the operating system knows; none on systems that do not list them.
fn others(snapshot: &Snapshot) -> Vec<OtherDump> {
    let listed = snapshot.threads.iter().filter_map(ThreadHandle::native_id);
    let known: BTreeSet<_> =
        listed.chain(snapshot.waits.iter().filter_map(|it| it.thread.native_id)).collect();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ids = tasks.filter_map(|it| it.file_name().to_str()?.parse::<u64>().ok());
    let mut others: Vec<_> = ids
        .filter(|id| !known.contains(id))
        .map(|native_id| OtherDump { native_id, name: os_name(native_id).unwrap_or_default() })
        .collect();
    others.sort_by_key(|it| it.native_id);
    others
}
