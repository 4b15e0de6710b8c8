//! What a thread tells [`tracing`]: a span for its life, an event at its start and one at its end.
//!
//! The span is called `thread` and has the fields `name`, `ident` and `daemon`; it is a child of the span in which the thread was started.
//! Both events have the target [`TARGET`] and the fields `name`, `ident`, `daemon` and `verbose`. The second one also has `elapsed` (in seconds),
//! `outcome` (`finished` or `panicked`) and, at the level `ERROR`, `panic` (the message); all else is at the level `INFO`.
//! With no subscriber each of them costs one load.
//!
//! # Examples
//!
//! ```
//! # use threadwork_core as threadwork;
//! use threadwork::events;
//!
//! fn is_the_end_of_a_thread(event: &tracing::Metadata<'_>) -> bool {
//!     event.target() == events::TARGET && event.name() == events::ENDED
//! }
//! # let _ = is_the_end_of_a_thread;
//! ```

use std::{num::NonZeroU64, time::Instant};

use tracing::{Level, Span};

use crate::{handle::ThreadHandle, outcome::Outcome};

/// The target of the span and the events of threads.
pub const TARGET: &str = "threadwork::thread";

/// The name of the event at the start of a thread.
pub const STARTED: &str = "thread.started";

/// The name of the event at the end of a thread.
pub const ENDED: &str = "thread.ended";

/// The span of a thread that the current one is about to start.
pub(crate) fn span(name: &str, ident: NonZeroU64, daemon: bool) -> Span {
    tracing::info_span!(target: TARGET, "thread", name = %name, ident, daemon)
}

/// Whether anybody listens.
pub(crate) fn are_wanted() -> bool {
    tracing::enabled!(target: TARGET, Level::INFO)
}

/// Says that the current thread begins.
pub(crate) fn started(thread: &ThreadHandle, ident: NonZeroU64) {
    let life = thread.life();
    tracing::info!(
        name: STARTED,
        target: TARGET,
        name = %life.name(),
        ident,
        daemon = life.is_daemon(),
        verbose = life.verbose,
        "thread started",
    );
}

/// Says how the current thread has ended; `since` is when it began, if anybody wants to know.
pub(crate) fn ended(
    thread: &ThreadHandle,
    ident: NonZeroU64,
    since: Option<Instant>,
    outcome: &Outcome,
) {
    let life = thread.life();
    let elapsed = since.map_or(0.0, |since| since.elapsed().as_secs_f64());
    match outcome {
        Outcome::Finished => tracing::info!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = life.verbose,
            elapsed,
            outcome = "finished",
            "thread finished",
        ),
        Outcome::Panicked(panic) => tracing::error!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = life.verbose,
            elapsed,
            outcome = "panicked",
            panic = panic.message(),
            "thread panicked",
        ),
    }
}
