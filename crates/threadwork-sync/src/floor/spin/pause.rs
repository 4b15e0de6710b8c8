//! Pausing the processor.

use std::{hint, time::Duration};

use crate::floor::{elapsed, now};

/// Pauses the processor so many times.
pub(super) fn pause(times: u32) {
    (0..times).for_each(|_| hint::spin_loop());
}

/// Pauses the processor for this time at least.
///
/// Timed by the clock, because a pause takes 10 cycles on some processors and up to 140 on others
/// (Intel, "64 and IA-32 architectures optimization reference manual", PAUSE).
pub(super) fn pause_for(time: Duration) {
    let since = now();
    loop {
        pause(4);
        if elapsed(since) >= time {
            break;
        }
    }
}
