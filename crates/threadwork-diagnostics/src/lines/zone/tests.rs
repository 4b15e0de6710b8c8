//! The cache of the time zone.

use jiff::tz::Offset;

use super::*;

const AN_HOUR: Duration = Duration::from_secs(3600);

fn known(zone: &Zone) -> Option<TimeZone> {
    zone.0.acquire().as_ref().map(|it| it.zone.clone())
}

/// A zone that is not the system's.
fn elsewhere() -> TimeZone {
    TimeZone::fixed(Offset::constant(13))
}

#[test]
fn a_zone_is_looked_up_once() {
    static ZONE: Zone = Zone::new();
    assert_eq!(known(&ZONE), None);
    assert_eq!(ZONE.get(), TimeZone::system());
    assert_eq!(known(&ZONE), Some(TimeZone::system()));
    *ZONE.0.acquire() = Some(Known { zone: elsewhere(), again: Instant::now() + AN_HOUR });
    assert_eq!(ZONE.get(), elsewhere());
}

#[test]
fn a_zone_that_was_looked_up_long_ago_is_used_until_it_was_looked_up_again() {
    static ZONE: Zone = Zone::new();
    *ZONE.0.acquire() = Some(Known { zone: elsewhere(), again: Instant::now() });
    assert_eq!(ZONE.get(), elsewhere());
    while known(&ZONE) != Some(TimeZone::system()) {
        std::thread::yield_now();
    }
    assert_eq!(ZONE.get(), TimeZone::system());
}

#[test]
fn a_lock_that_is_never_released_blocks_no_thread() {
    static ZONE: Zone = Zone::new();
    *ZONE.0.acquire() = Some(Known { zone: elsewhere(), again: Instant::now() + AN_HOUR });
    let held = ZONE.0.acquire();
    let found = std::thread::spawn(|| ZONE.get()).join().unwrap();
    assert_eq!(found, TimeZone::system());
    drop(held);
    assert_eq!(known(&ZONE), Some(elsewhere()));
}
