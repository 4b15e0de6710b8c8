//! Looks at all threads, one after the other, for those that wait outside this library.
//!
//! Scenario "the thread that is looked at again" in docs/architecture.md.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    num::NonZeroU64,
    time::Duration,
};

use super::{
    event::{Elsewhere, Event, What},
    recorder::{Limits, Living},
};

#[cfg(test)]
mod tests;

/// What is asked about a thread, by its number in the operating system.
pub(super) trait Source {
    /// The processor time that it has used; `None` if the thread is gone.
    fn cpu_time(&self, native_id: u64) -> Option<Duration>;
    /// Whether it is asleep, and has used no more processor time than this.
    fn is_asleep_after(&self, native_id: u64, cpu: Duration) -> bool;
    /// The system call in which it sleeps, if that is known.
    fn system_call(&self, native_id: u64) -> Option<&'static str>;
}

/// The waits elsewhere that were seen so far.
#[derive(Debug)]
pub(super) struct Looks {
    limits: Limits,
    /// When the last look was over.
    last: u64,
    threads: BTreeMap<NonZeroU64, Thread>,
}

/// What was seen of a thread.
#[derive(Debug, Default)]
struct Thread {
    /// The processor time that it had used at the last look; `None` if it is gone, or was in a wait of this library.
    cpu: Option<Duration>,
    waits: Waits,
}

/// The waits of a thread outside this library.
#[derive(Clone, Debug, Default)]
pub(super) struct Waits {
    /// The name of the thread when it was asked for.
    pub(super) name: Option<String>,
    /// Whether the thread is one of the library's own.
    pub(super) is_own: bool,
    /// Whether the thread was alive at the last look.
    pub(super) is_alive: bool,
    /// Those that are over, in order.
    pub(super) over: VecDeque<Event>,
    /// The one that was not over at the last look.
    pub(super) open: Option<Event>,
    pub(super) n_dropped: u64,
}

impl Looks {
    pub(super) fn new(limits: Limits) -> Looks {
        Looks { limits, last: 0, threads: BTreeMap::new() }
    }

    /// Looks at these threads. The look began at the time `began`, and after that it was read which threads are in waits of this library.
    ///
    /// A look that began before the last one was over tells nothing new, and is none.
    pub(super) fn look(
        &mut self,
        began: u64,
        living: &[Living],
        in_waits: &BTreeSet<u64>,
        source: &impl Source,
        now: impl FnOnce() -> u64,
    ) {
        if began < self.last {
            return;
        }
        let (last, limit) = (self.last, self.limits.events_per_thread);
        self.threads.values_mut().for_each(|it| it.waits.is_alive = false);
        for it in living {
            let thread = self.threads.entry(it.ident).or_default();
            (thread.waits.is_alive, thread.waits.is_own) = (true, it.is_own);
            let cpu =
                if in_waits.contains(&it.native_id) { None } else { source.cpu_time(it.native_id) };
            let has_run = cpu.is_none() || thread.cpu != cpu;
            thread.cpu = cpu;
            if has_run {
                thread.waits.close(limit);
            } else {
                thread.waits.go_on(it.native_id, cpu, [last, began], source);
            }
        }
        self.last = now();
        self.forget();
    }

    /// Ends the waits of threads that are gone. Where there are too many, those with the lowest numbers make room.
    fn forget(&mut self) {
        for it in self.threads.values_mut().filter(|it| !it.waits.is_alive) {
            it.cpu = None;
            it.waits.close(self.limits.events_per_thread);
        }
        self.threads.retain(|_, it| it.waits.is_alive || !it.waits.over.is_empty());
        let n_too_many = self.threads.len().saturating_sub(self.limits.threads);
        let gone = self.threads.iter().filter(|it| !it.1.waits.is_alive).map(|it| *it.0);
        for ident in gone.take(n_too_many).collect::<Vec<_>>() {
            self.threads.remove(&ident);
        }
    }

    /// The threads that are worth telling of, and whose names are not known.
    pub(super) fn nameless(&self) -> Vec<NonZeroU64> {
        let is_nameless = |it: &Waits| it.is_told() && it.name.is_none();
        self.threads.iter().filter(|it| is_nameless(&it.1.waits)).map(|it| *it.0).collect()
    }

    pub(super) fn set_name(&mut self, ident: NonZeroU64, name: String) {
        if let Some(thread) = self.threads.get_mut(&ident) {
            thread.waits.name = Some(name);
        }
    }

    /// The waits of each thread that is worth telling of.
    pub(super) fn waits(&self) -> BTreeMap<NonZeroU64, Waits> {
        let told = self.threads.iter().filter(|it| it.1.waits.is_told());
        told.map(|(ident, it)| (*ident, it.waits.clone())).collect()
    }
}

impl Waits {
    /// Whether the thread has waited, or is one of the library's own.
    fn is_told(&self) -> bool {
        self.is_own || self.open.is_some() || !self.over.is_empty()
    }

    /// The thread has not run since the last look: it waits if it is asleep. From then on it is enough that it does not run.
    fn go_on(
        &mut self,
        native_id: u64,
        cpu: Option<Duration>,
        [last, began]: [u64; 2],
        source: &impl Source,
    ) {
        if let Some(open) = &mut self.open {
            open.until = began;
        } else if cpu.is_some_and(|it| source.is_asleep_after(native_id, it)) {
            let system_call = source.system_call(native_id);
            let what = What::Elsewhere(Elsewhere { system_call });
            self.open = Some(Event { since: last, until: began, what });
        }
    }

    /// The thread has run. At the limit the oldest wait makes room.
    fn close(&mut self, limit: usize) {
        self.over.extend(self.open.take());
        if self.over.len() > limit {
            self.over.pop_front();
            self.n_dropped += 1;
        }
    }
}
