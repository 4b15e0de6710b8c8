//! What threads are called, by their numbers.

use std::{collections::BTreeMap, fs, num::NonZeroU64};

use threadwork_core::{ThreadHandle, enumerate, internal::is_helper, sync::Waiting};

/// The names of the threads that were alive at one moment.
pub(crate) struct Names {
    listed: BTreeMap<NonZeroU64, ThreadHandle>,
    /// What is known of those that wait and are not listed.
    others: BTreeMap<NonZeroU64, Other>,
}

/// A thread that is not listed.
struct Other {
    native_id: Option<u64>,
    /// Its name, if it is one of the library's own.
    helper: Option<&'static str>,
}

impl Names {
    /// Those of all that are listed now, and of all that wait.
    pub(crate) fn now(waits: &[Waiting]) -> Names {
        Names::of_all(&enumerate(), waits)
    }

    pub(crate) fn of_all(threads: &[ThreadHandle], waits: &[Waiting]) -> Names {
        let listed: BTreeMap<_, _> =
            threads.iter().filter_map(|it| Some((it.ident()?, it.clone()))).collect();
        let other = |it: &Waiting| (it.ident, Other { native_id: it.native_id, helper: it.helper });
        let others = waits.iter().filter(|it| !listed.contains_key(&it.ident)).map(other).collect();
        Names { listed, others }
    }

    /// The name of a thread. Of one that is not listed it is the operating system's; where that is not known either, there is only the number.
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

    /// The operating system's number of a thread.
    pub(crate) fn native_id(&self, ident: NonZeroU64) -> Option<u64> {
        match self.listed.get(&ident) {
            Some(thread) => thread.native_id(),
            None => self.others.get(&ident)?.native_id,
        }
    }

    /// Whether it is a thread of the library's own.
    pub(crate) fn is_helper(&self, ident: NonZeroU64) -> bool {
        match self.listed.get(&ident) {
            Some(thread) => is_helper(thread),
            None => self.others.get(&ident).is_some_and(|it| it.helper.is_some()),
        }
    }
}

/// What the operating system calls a thread of this process; `None` once it is gone, and where that cannot be asked (anything but Linux and Android).
pub(crate) fn os_name(native_id: u64) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/self/task/{native_id}/comm")).ok()?;
    Some(name.trim_end().to_owned()).filter(|it| !it.is_empty())
}
