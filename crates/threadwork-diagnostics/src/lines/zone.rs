//! The local time zone.

use std::{
    mem,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;
use threadwork_core::{
    internal::start_helper_with_stack,
    sync::{Event, Lock, internal::own_lock},
};

#[cfg(test)]
mod tests;

/// The local time zone of the process.
pub(crate) static ZONE: Zone = Zone::new();

/// A time zone that is looked up when somebody asks for it.
pub(crate) struct Zone(Lock<Option<Known>>);

/// What was looked up.
struct Known {
    zone: TimeZone,
    /// When it is to be looked up again: the system may be told that it is elsewhere.
    again: Instant,
}

/// As long as `jiff` keeps what it has read.
const FRESH: Duration = Duration::from_secs(300);

/// To read a file of rules takes a third of a megabyte in a debug build.
const STACK: usize = 2 << 20;

/// Far longer than anybody holds the lock. In the child of a fork nobody may ever release it.
const A_MOMENT: Duration = Duration::from_millis(10);

impl Zone {
    const fn new() -> Zone {
        Zone(own_lock("the time zone", None))
    }

    /// The local time zone. Whoever asks first waits until it is looked up.
    pub(crate) fn get(&'static self) -> TimeZone {
        self.known().unwrap_or_else(|| {
            let zone = look_up();
            zone.inspect(|it| self.keep(it.clone())).unwrap_or(TimeZone::UTC)
        })
    }

    /// What was looked up before. If that was long ago, it is looked up once more for those who ask later.
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
            // If there can be no thread now, somebody tries again later.
            let _ = start(|| self.keep(TimeZone::system()));
        }
        Some(zone)
    }

    fn keep(&self, zone: TimeZone) {
        let new = Some(Known { zone, again: Instant::now() + FRESH });
        // The old one is dropped after the lock is released.
        let _old = self.0.acquire_timeout(A_MOMENT).map(|mut known| mem::replace(&mut *known, new));
    }
}

/// Looks the zone up in another thread, and waits for it; `None` if there can be none.
fn look_up() -> Option<TimeZone> {
    #[derive(Default)]
    struct Found {
        zone: OnceLock<TimeZone>,
        is_over: Event,
    }

    /// Its drop is the end of the search, also of one that has failed.
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
