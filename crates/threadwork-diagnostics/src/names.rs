//! What threads are called, by their numbers.

use std::{collections::BTreeMap, num::NonZeroU64};

use threadwork_core::{ThreadHandle, enumerate};

/// The names of the threads that were alive at one moment.
pub(crate) struct Names(BTreeMap<NonZeroU64, ThreadHandle>);

impl Names {
    pub(crate) fn now() -> Names {
        Names::of_all(&enumerate())
    }

    pub(crate) fn of_all(threads: &[ThreadHandle]) -> Names {
        Names(threads.iter().filter_map(|it| Some((it.ident()?, it.clone()))).collect())
    }

    /// The name of a thread; one that this library does not know has only its number.
    pub(crate) fn of(&self, ident: NonZeroU64) -> String {
        self.0.get(&ident).map_or_else(|| format!("thread {ident}"), |it| it.name())
    }

    /// The thread, if this library knows it.
    pub(crate) fn handle(&self, ident: NonZeroU64) -> Option<&ThreadHandle> {
        self.0.get(&ident)
    }
}
