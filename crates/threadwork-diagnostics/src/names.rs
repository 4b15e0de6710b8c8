//! The names of threads.

use std::{collections::BTreeMap, fs, num::NonZeroU64};

use threadwork_core::{
    ThreadHandle,
    internal::{everyone, helpers, is_helper},
};
use threadwork_sync::Waiting;

use crate::{blocked::blocked, executors::Executors};

/// The names of the threads that were alive when it was made.
pub(crate) struct Names {
    /// Those in the registry.
    listed: BTreeMap<NonZeroU64, ThreadHandle>,
    /// Blocked threads that are not in the registry, and the library's own.
    others: BTreeMap<NonZeroU64, Other>,
    pub(crate) executors: Executors,
}

/// A thread that is not in the registry.
struct Other {
    native_id: Option<u64>,
    /// Its name, if it is one of the library's own threads.
    helper: Option<&'static str>,
}

impl Names {
    /// The names of all threads that are listed now, and of the blocked threads in `waits`.
    pub(crate) fn now(waits: &[Waiting]) -> Names {
        Names::of_all(&everyone(), waits)
    }

    pub(crate) fn of_all(threads: &[ThreadHandle], waits: &[Waiting]) -> Names {
        let listed: BTreeMap<_, _> =
            threads.iter().filter_map(|it| Some((it.ident()?, it.clone()))).collect();
        let blocked = blocked(waits).map(|it| {
            (it.thread.ident, Other { native_id: it.thread.native_id, helper: it.thread.helper })
        });
        let own = helpers()
            .into_iter()
            .map(|it| (it.ident, Other { native_id: it.native_id, helper: Some(it.name) }));
        let others = blocked.chain(own).filter(|it| !listed.contains_key(&it.0)).collect();
        Names { listed, others, executors: Executors::now() }
    }

    /// The name of a thread. If it is not listed, this is its name in the operating system; if that is unknown too, `thread 7`, by its number.
    pub(crate) fn of(&self, ident: NonZeroU64) -> String {
        let listed = || Some(self.listed.get(&ident)?.name());
        let other = || {
            let other = self.others.get(&ident)?;
            other.helper.map(str::to_owned).or_else(|| os_name(other.native_id?))
        };
        listed().or_else(other).unwrap_or_else(|| format!("thread {ident}"))
    }

    /// The name of the object that a thread waits for, if it has one; for a wait for an executor, that one's.
    pub(crate) fn of_object(&self, waiting: &Waiting) -> Option<String> {
        let executor = self.executors.of(waiting).map(|it| it.name.clone());
        executor.or_else(|| waiting.name.map(str::to_owned))
    }

    /// The thread, if it is in the registry.
    pub(crate) fn handle(&self, ident: NonZeroU64) -> Option<&ThreadHandle> {
        self.listed.get(&ident)
    }

    /// The thread's id in the operating system.
    pub(crate) fn native_id(&self, ident: NonZeroU64) -> Option<u64> {
        match self.listed.get(&ident) {
            Some(thread) => thread.native_id(),
            None => self.others.get(&ident)?.native_id,
        }
    }

    /// The ids in the operating system of all these threads, where they are known.
    pub(crate) fn native_ids(&self) -> impl Iterator<Item = u64> {
        let listed = self.listed.values().filter_map(ThreadHandle::native_id);
        listed.chain(self.others.values().filter_map(|it| it.native_id))
    }

    /// Whether it is one of the library's own threads.
    pub(crate) fn is_own(&self, ident: NonZeroU64) -> bool {
        match self.listed.get(&ident) {
            Some(thread) => is_helper(thread),
            None => self.others.get(&ident).is_some_and(|it| it.helper.is_some()),
        }
    }

    /// The library's own threads, in order of their numbers.
    pub(crate) fn own(&self) -> impl Iterator<Item = NonZeroU64> {
        let mut own: Vec<_> = self.listed.keys().chain(self.others.keys()).copied().collect();
        own.retain(|it| self.is_own(*it));
        own.sort_unstable();
        own.into_iter()
    }
}

/// The operating system's name of a thread of this process; `None` once the thread is gone, and on systems other than Linux and Android.
pub(crate) fn os_name(native_id: u64) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/self/task/{native_id}/comm")).ok()?;
    Some(name.trim_end().to_owned()).filter(|it| !it.is_empty())
}
