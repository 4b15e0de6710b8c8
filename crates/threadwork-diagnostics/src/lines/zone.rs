//! The local time zone.

use std::{
    mem,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;
use threadwork_core::internal::start_helper_with_stack;
use threadwork_sync::{Event, Lock, internal::lock::own_lock};

#[cfg(test)]
mod tests;

/// The local time zone of the process.
pub(crate) static ZONE: Zone = Zone::new();

/// A time zone that is looked up at its first use.
pub(crate) struct Zone(Lock<Option<Known>>);

/// A zone that was looked up.
struct Known {
    zone: TimeZone,
    /// When to look it up again: the system's zone may change.
    again: Instant,
}

/// How long a zone is used before it is looked up again. `jiff` caches what it has read for as long.
const FRESH: Duration = Duration::from_secs(300);

/// Reading a zone file takes a third of a megabyte of stack in a debug build.
const STACK: usize = 2 << 20;

/// Far longer than any thread holds the lock. In the child of a fork its holder may be gone, so that it is never released.
const A_MOMENT: Duration = Duration::from_millis(10);

impl Zone {
    const fn new() -> Zone {
        Zone(own_lock("the time zone", None))
    }

    /// The local time zone. The first call waits for the lookup.
    pub(crate) fn get(&'static self) -> TimeZone {
        self.known().unwrap_or_else(|| {
            let zone = look_up();
            zone.inspect(|it| self.keep(it.clone())).unwrap_or(TimeZone::UTC)
        })
    }

    /// The zone from an earlier lookup. If that was long ago, a new lookup is started for later calls.
    fn known(&'static self) -> Option<TimeZone> {
        let now = Instant::now();
        let (zone, is_old) = {
            let mut known = self.0.acquire_timeout(A_MOMENT).ok()?;
            let known = known.as_mut()?;
            let is_old = known.again <= now;
            if is_old {
                known.again = now + FRESH;
            }
            (known.zone.clone(), is_old)
        };
        if is_old {
            // If no thread can be started, a later call tries again.
            let _ = start(|| self.keep(TimeZone::system()));
        }
        Some(zone)
    }

    fn keep(&self, zone: TimeZone) {
        let new = Some(Known { zone, again: Instant::now() + FRESH });
        // The old value is dropped after the lock is released.
        let _old = self.0.acquire_timeout(A_MOMENT).map(|mut known| mem::replace(&mut *known, new));
    }
}

/// Looks the zone up in another thread, and waits for the result; `None` if no thread can be started.
fn look_up() -> Option<TimeZone> {
    #[derive(Default)]
    struct Found {
        zone: OnceLock<TimeZone>,
        is_over: Event,
    }

    /// Its drop ends the search, also one that has failed.
    struct Search(Arc<Found>);
    impl Drop for Search {
        fn drop(&mut self) {
            self.0.is_over.set();
        }
    }

    let found = Arc::new(Found::default());
    let search = Search(Arc::clone(&found));
    start(move || _ = search.0.zone.set(TimeZone::system())).ok()?;
    found.is_over.wait();
    found.zone.get().cloned()
}

fn start(f: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    start_helper_with_stack("threadwork-zone", STACK, f)
}
