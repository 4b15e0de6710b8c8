//! Waiting for something that other threads or processes bring about, with an end.

use std::{
    fmt::Display,
    thread,
    time::{Duration, Instant},
};

/// Far more than any step of a test takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What usually happens at once is looked for without a pause; then the processor is left to others.
const LOOKS_WITHOUT_PAUSE: u32 = 10_000;

/// Looks again and again until there is an answer.
///
/// # Panics
///
/// Panics with `complaint` if there is none in time.
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

/// Looks again and again until it is so.
///
/// # Panics
///
/// Panics with `complaint` if it is not so in time.
#[track_caller]
pub fn until(complaint: impl Display, mut is_so: impl FnMut() -> bool) {
    eventually(complaint, || is_so().then_some(()));
}
