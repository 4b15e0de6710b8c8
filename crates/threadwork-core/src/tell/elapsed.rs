//! How long a run has taken.

use std::time::{Duration, Instant};

use crate::life::ThreadHandle;

/// How long a run has taken. Where no hooks come in between, the clock is read by who wants to know.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Elapsed {
    Known(Duration),
    Since(Instant),
    /// Nobody wanted to know when it began.
    SinceStart,
}

impl Elapsed {
    pub(crate) fn get(self, thread: &ThreadHandle) -> Duration {
        match self {
            Elapsed::Known(elapsed) => elapsed,
            Elapsed::Since(since) => since.elapsed(),
            Elapsed::SinceStart => {
                thread.life().started_at().map_or(Duration::ZERO, |it| it.elapsed())
            }
        }
    }
}
