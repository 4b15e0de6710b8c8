//! The names of threads.

use std::{collections::BTreeMap, fs, num::NonZeroU64};

use threadwork_core::{ThreadHandle, enumerate, internal::is_helper};
use threadwork_sync::Waiting;

use crate::blocked::blocked;

/// The names of the threads that were alive when it was made.
pub(crate) struct Names {
    listed: BTreeMap<NonZeroU64, ThreadHandle>,
    /// Blocked threads that are not listed.
    others: BTreeMap<NonZeroU64, Other>,
}

/// A blocked thread that is not listed.
struct Other {
    native_id: Option<u64>,
    /// Its name, if it is one of the library's own threads.
    helper: Option<&'static str>,
}

impl Names {
    /// The names of all threads that are listed now, and of the blocked threads in `waits`.
    pub(crate) fn now(waits: &[Waiting]) -> Names {
        Names::of_all(&enumerate(), waits)
    }

    pub(crate) fn of_all(threads: &[ThreadHandle], waits: &[Waiting]) -> Names {
        let listed: BTreeMap<_, _> =
            threads.iter().filter_map(|it| Some((it.ident()?, it.clone()))).collect();
        let other = |it: &Waiting| {
            (it.thread.ident, Other { native_id: it.thread.native_id, helper: it.thread.helper })
        };
        let others = blocked(waits).filter(|it| !listed.contains_key(&it.thread.ident));
        let others = others.map(other).collect();
        Names { listed, others }
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

    /// The thread, if it is listed.
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

    /// Whether it is one of the library's own threads.
    pub(crate) fn is_helper(&self, ident: NonZeroU64) -> bool {
        match self.listed.get(&ident) {
            Some(thread) => is_helper(thread),
            None => self.others.get(&ident).is_some_and(|it| it.helper.is_some()),
        }
    }
}

/// The operating system's name of a thread of this process; `None` once the thread is gone, and on systems other than Linux and Android.
pub(crate) fn os_name(native_id: u64) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/self/task/{native_id}/comm")).ok()?;
    Some(name.trim_end().to_owned()).filter(|it| !it.is_empty())
}
