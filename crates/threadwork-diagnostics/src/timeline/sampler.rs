//! A thread that looks at all threads while a recording lasts.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_core::{
    ThreadHandle,
    internal::{Helper, everyone, helpers, is_helper, start_helper},
};
use threadwork_sync::{
    Event, get_native_id,
    internal::{
        door::native_ids_in_waits,
        os::{TELLS_WHO_SLEEPS, cpu_time_of_thread, system_call},
    },
};

use super::{
    looks::{Looks, Source, Waits},
    recorder::{Living, Session, leave_out, nanoseconds},
};
use crate::{asleep, mutex::Mutex};

/// The name of the thread. It is not in the recording, whose looks it would fill.
pub(super) const NAME: &str = "threadwork-timeline";

/// Looks use at most about this part of the time of a processor.
const SHARE: u32 = 20;

/// Looks at all threads at an interval, from a thread of its own, until it is dropped.
#[derive(Debug)]
pub(super) struct Sampler(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    session: Arc<Session>,
    looks: Mutex<Looks>,
    is_over: Event,
}

impl Sampler {
    /// Returns `None` if the thread cannot be started, or if the operating system does not tell who is asleep.
    pub(super) fn start(session: &Arc<Session>, interval: Duration) -> Option<Sampler> {
        if !TELLS_WHO_SLEEPS {
            return None;
        }
        let (session, looks) = (Arc::clone(session), Mutex::new(Looks::new(session.limits)));
        let is_over = Event::new().named("the end of the recording");
        let shared = Arc::new(Shared { session, looks, is_over });
        // The first look is taken here, so that whoever waits from the beginning is seen.
        shared.look();
        let inner = Arc::clone(&shared);
        let run = move || {
            leave_out();
            inner.look_until_the_end(interval);
        };
        start_helper(NAME, run).ok().map(|()| Sampler(shared))
    }

    /// Looks once more, and returns the waits that were seen.
    pub(super) fn look(&self) -> BTreeMap<NonZeroU64, Waits> {
        let shared = &self.0;
        // In the child of a fork the lock may be held forever.
        if !shared.session.is_here() {
            return BTreeMap::new();
        }
        shared.look();
        shared.looks.lock().waits()
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.0.is_over.set();
    }
}

impl Shared {
    fn look_until_the_end(&self, interval: Duration) {
        let native_id = get_native_id();
        let mut used = Duration::ZERO;
        let mut pause = interval;
        while self.is_over.wait_timeout(pause).is_err() {
            self.look();
            // Not the time that has passed: other threads may have run meanwhile.
            let cpu = native_id.and_then(cpu_time_of_thread).unwrap_or_default();
            pause = interval.max(cpu.saturating_sub(used) * SHARE);
            used = cpu;
        }
    }

    fn look(&self) {
        let now = || nanoseconds(self.session.epoch, Instant::now());
        let began = now();
        let in_waits: BTreeSet<u64> = native_ids_in_waits().into_iter().collect();
        let (listed, own) = (everyone(), helpers());
        let living = self.living(&listed, &own);
        let nameless = {
            let mut looks = self.looks.lock();
            looks.look(began, &living, &in_waits, &System, now);
            looks.nameless()
        };
        for ident in nameless {
            let own = || own.iter().find(|it| it.ident == ident).map(|it| it.name.to_owned());
            let listed = listed.iter().find(|it| it.ident() == Some(ident)).map(ThreadHandle::name);
            // The name may have had to be waited for, so nothing was locked.
            if let Some(name) = listed.or_else(own) {
                self.looks.lock().set_name(ident, name);
            }
        }
    }

    /// All threads that are known here, each once.
    fn living(&self, listed: &[ThreadHandle], own: &[Helper]) -> Vec<Living> {
        let listed = listed.iter().filter_map(|it| {
            let (ident, native_id) = (it.ident()?, it.native_id()?);
            Some(Living { ident, native_id, is_own: is_helper(it) })
        });
        let own = own.iter().filter(|it| it.name != NAME).filter_map(|it| {
            Some(Living { ident: it.ident, native_id: it.native_id?, is_own: true })
        });
        let mut living = self.session.living();
        living.extend(listed);
        living.extend(own);
        living.sort_by_key(|it| it.ident);
        living.dedup_by_key(|it| it.ident);
        living
    }
}

/// The operating system.
struct System;

impl Source for System {
    fn cpu_time(&self, native_id: u64) -> Option<Duration> {
        cpu_time_of_thread(native_id)
    }

    fn is_asleep_after(&self, native_id: u64, cpu: Duration) -> bool {
        asleep::is_asleep_after(native_id, cpu)
    }

    fn system_call(&self, native_id: u64) -> Option<&'static str> {
        system_call(native_id)
    }
}
