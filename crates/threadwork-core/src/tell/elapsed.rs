//! The elapsed time of a run.

use std::time::{Duration, Instant};

use threadwork_sync::internal::clock;

use crate::life::ThreadHandle;

/// The elapsed time of a run. If no hook needs it first, the clock is read only when a subscriber asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Elapsed {
    Known(Duration),
    Since(Instant),
    /// The start of the run was not noted, because nothing asked for it.
    SinceStart,
}

impl Elapsed {
    pub(crate) fn get(self, thread: &ThreadHandle) -> Duration {
        match self {
            Elapsed::Known(elapsed) => elapsed,
            Elapsed::Since(since) => clock::elapsed(since),
            Elapsed::SinceStart => {
                thread.life().started_at().map_or(Duration::ZERO, clock::elapsed)
            }
        }
    }
}
