//! One reading of the registry and of the records of waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    time::{Duration, Instant},
};

use threadwork_core::{ThreadHandle, internal::everyone};
use threadwork_sync::{
    Fill, Waiting,
    internal::{door::ends_of_waits, os::cpu_time_of_thread},
    waits,
};

use super::data::{ExecutorDump, FillDump, ReaderDump, StateDump, TaskDump, ThreadDump, WaitDump};
use crate::{
    asleep::elsewhere,
    blocked::{choices, tasks},
    names::Names,
    places::place,
};

#[cfg(test)]
mod tests;

/// One reading of all threads. It is not a consistent snapshot: a thread may change its state while the next one is read.
pub(crate) struct Snapshot {
    pub(crate) threads: Vec<ThreadHandle>,
    pub(crate) names: Names,
    /// The records of waits, in order of the threads' numbers.
    pub(crate) waits: Vec<Waiting>,
    /// When the last wait of each other thread ended, in order of the threads' numbers.
    ends: Vec<(NonZeroU64, Instant)>,
    /// The threads that wait elsewhere, by their numbers in the operating system, and the system calls in which they wait.
    elsewhere: BTreeMap<u64, Option<&'static str>>,
    now: Instant,
}

impl Snapshot {
    pub(crate) fn now() -> Snapshot {
        let now = Instant::now();
        let threads = everyone();
        let waits = waits();
        let names = Names::of_all(&threads, &waits);
        let elsewhere = BTreeMap::new();
        Snapshot { now, threads, names, waits, ends: ends_of_waits(), elsewhere }
    }

    /// Finds out which of these threads wait elsewhere, by their numbers in the operating system. Before that they count as running.
    ///
    /// The operating system is asked about each of them, but not about those that wait for something here.
    pub(crate) fn look_elsewhere(&mut self, native_ids: impl Iterator<Item = u64>) {
        let here: BTreeSet<_> = self.waits.iter().filter_map(|it| it.thread.native_id).collect();
        self.elsewhere = elsewhere(native_ids.filter(|it| !here.contains(it)));
    }

    /// The system call in which a thread waits elsewhere, if it does; the inner `None` if that is not known.
    pub(crate) fn waits_elsewhere(&self, native_id: u64) -> Option<Option<String>> {
        self.elsewhere.get(&native_id).map(|call| call.map(str::to_owned))
    }

    /// Only these waits, of threads that are not listed.
    #[cfg(test)]
    pub(crate) fn of(waits: Vec<Waiting>) -> Snapshot {
        let names = Names::of_all(&[], &waits);
        let elsewhere = BTreeMap::new();
        let now = Instant::now();
        Snapshot { now, threads: Vec::new(), names, waits, ends: Vec::new(), elsewhere }
    }

    /// Whether `since` is longer ago than `limit`.
    pub(crate) fn is_longer_ago(&self, since: Instant, limit: Duration) -> bool {
        self.now.saturating_duration_since(since) > limit
    }

    fn seconds_since(&self, since: Instant) -> f64 {
        self.now.saturating_duration_since(since).as_secs_f64()
    }

    /// What is known of a thread. For a foreign thread that never asked for its own handle, this is only its wait and what the operating system tells.
    pub(crate) fn thread(&self, ident: NonZeroU64) -> ThreadDump {
        let thread = self.names.handle(ident);
        let began = thread.and_then(ThreadHandle::running_since);
        let mut choices = choices(&self.waits, ident).map(|it| self.wait(it));
        let waits_for = choices.next();
        let native_id = self.names.native_id(ident);
        let elsewhere = native_id.and_then(|it| self.waits_elsewhere(it));
        let state = match (&waits_for, &elsewhere) {
            (Some(_), _) => StateDump::Waiting,
            (None, Some(_)) => StateDump::WaitsElsewhere,
            (None, None) if thread.is_some() && began.is_none() => StateDump::Started,
            (None, None) => StateDump::Running,
        };
        let end = self.ends.binary_search_by_key(&ident, |it| it.0).ok();
        let since = end.map(|place| self.ends[place].1).max(began);
        ThreadDump {
            name: self.names.of(ident),
            ident: ident.get(),
            native_id,
            daemon: thread.is_none_or(ThreadHandle::is_daemon),
            state,
            seconds_in_state: match &waits_for {
                Some(wait) => Some(wait.seconds),
                None => since.filter(|_| elsewhere.is_none()).map(|it| self.seconds_since(it)),
            },
            age: began.map(|it| self.seconds_since(it)),
            cpu: self.cpu_time(ident).as_ref().map(Duration::as_secs_f64),
            waits_for,
            or_for: choices.collect(),
            system_call: elsewhere.flatten(),
        }
    }

    /// The waiting tasks, the one that has waited longest first.
    pub(crate) fn tasks(&self) -> Vec<TaskDump> {
        let mut tasks: Vec<_> = tasks(&self.waits).collect();
        tasks.sort_by_key(|it| it.since);
        tasks.into_iter().map(|it| self.task(it)).collect()
    }

    /// What is known of a task.
    pub(crate) fn task(&self, waiting: &Waiting) -> TaskDump {
        let ident = waiting.thread.ident;
        TaskDump {
            polled_by: self.names.of(ident),
            polled_by_ident: ident.get(),
            waits_for: self.wait(waiting),
        }
    }

    fn cpu_time(&self, ident: NonZeroU64) -> Option<Duration> {
        match self.names.handle(ident) {
            Some(thread) => thread.cpu_time(),
            None => self.names.native_id(ident).and_then(cpu_time_of_thread),
        }
    }

    fn wait(&self, waiting: &Waiting) -> WaitDump {
        let reader =
            |ident: &NonZeroU64| ReaderDump { name: self.names.of(*ident), ident: ident.get() };
        let executor = self.names.executors.of(waiting);
        let holder = executor.and_then(|it| it.runs(waiting.address)).or(waiting.holder);
        WaitDump {
            kind: format!("{:?}", waiting.kind),
            name: self.names.of_object(waiting),
            address: waiting.address,
            location: place(waiting.location),
            seconds: self.seconds_since(waiting.since),
            holder: holder.map(|ident| self.names.of(ident)),
            holder_ident: holder.map(NonZeroU64::get),
            readers: waiting.readers.iter().map(reader).collect(),
            fill: waiting.fill.map(|Fill { len, limit, .. }| FillDump { len, limit }),
            executor: executor.map(|it| ExecutorDump {
                workers: it.n_workers,
                max_workers: it.max_workers,
                idle: it.n_idle,
                pending: it.n_pending,
            }),
        }
    }
}
