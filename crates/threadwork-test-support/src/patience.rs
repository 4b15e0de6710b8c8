//! Waits, with a time limit, for something that other threads or processes do.

use std::{
    fmt::Display,
    thread,
    time::{Duration, Instant},
};

/// Far longer than any step of a test takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long to poll without a pause, because most things happen at once; after that, polling leaves the processor to other threads.
const LOOKS_WITHOUT_PAUSE: u32 = 10_000;

/// Calls `look` until it returns `Some`, and returns the value.
///
/// # Panics
///
/// Panics with `complaint` at the time limit.
#[track_caller]
pub fn eventually<T>(complaint: impl Display, mut look: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + PATIENCE;
    let mut looks = 0;
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(Instant::now() < give_up, "{complaint}");
        looks += 1;
        if looks < LOOKS_WITHOUT_PAUSE {
            thread::yield_now();
        } else {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Calls `is_so` until it returns `true`.
///
/// # Panics
///
/// Panics with `complaint` at the time limit.
#[track_caller]
pub fn until(complaint: impl Display, mut is_so: impl FnMut() -> bool) {
    eventually(complaint, || is_so().then_some(()));
}
