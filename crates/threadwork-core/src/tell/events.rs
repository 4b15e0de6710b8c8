//! What a thread tells [`tracing`]: a span for its life, an event at its start and one at its end.
//!
//! All have the target [`TARGET`]. Names and fields stay as they are; every event also has a `message` in words, which may change.
//!
//! | | name | level | fields |
//! |---|---|---|---|
//! | a thread's life, a span | `thread` | `INFO` | `thread`, `ident`, `daemon` |
//! | it starts | [`STARTED`] | `INFO` | `name`, `ident`, `daemon`, `verbose` |
//! | it has finished, or was stopped | [`ENDED`] | `INFO` | these, `elapsed`, `cpu`, `outcome` |
//! | it has panicked | [`ENDED`] | `ERROR` | these, and `panic` |
//! | a supervisor starts it again | [`RESTARTED`] | `WARN` | `name`, `reason`, `restarts`, `delay` |
//! | a supervisor waits for its stop | [`SLOW_TO_STOP`] | `WARN` | `name`, `ident` |
//!
//! `elapsed` (on the wall), `cpu` (of the processor, where the operating system tells) and `delay` are in seconds;
//! `outcome` is `finished`, `stopped` or `panicked`; `panic` is the message.
//! The span is a child of the span in which the thread was started. Its field `thread` is the name of the thread: in the JSON
//! of `tracing-subscriber` a field `name` of a span could not be read.
//! With no subscriber each of them costs one load.
//! A subscriber that panics harms neither a thread nor who starts it: what it was not told of is missing, and nothing else.
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

use std::{num::NonZeroU64, time::Duration};

use threadwork_sync::internal::os::thread_cpu_time;
use tracing::level_filters::LevelFilter;

pub(crate) use self::context::Context;
use super::elapsed::Elapsed;
use crate::{
    life::ThreadHandle,
    panic::{Outcome, unharmed},
};

mod context;

/// The target of the span and the events of threads.
pub const TARGET: &str = "threadwork::thread";

/// The name of the event at the start of a thread.
pub const STARTED: &str = "thread.started";

/// The name of the event at the end of a thread.
pub const ENDED: &str = "thread.ended";

/// The name of the event of a supervisor that is about to start a child again; at the level `WARN`, with the fields `name`,
/// `reason`, `restarts` (how many there were in the time that counts, with this one) and `delay` (in seconds).
pub const RESTARTED: &str = "thread.restarted";

/// The name of the event of a supervisor whose child was asked to stop and does not; at the level `WARN`, with the fields
/// `name` and `ident`.
pub const SLOW_TO_STOP: &str = "thread.slow_to_stop";

/// Whether there is a subscriber that may want to know of the start and the end of a thread: one load.
pub(crate) fn may_be_heard() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Says that the current thread begins.
pub(crate) fn started(thread: &ThreadHandle, ident: NonZeroU64) {
    let life = thread.life();
    unharmed(|| {
        tracing::info!(
            name: STARTED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = life.given.verbose,
            "thread started",
        );
    });
}

/// Says how the current thread has ended, and how long it has run.
pub(crate) fn ended(thread: &ThreadHandle, ident: NonZeroU64, elapsed: Elapsed, outcome: &Outcome) {
    let life = thread.life();
    unharmed(|| match outcome {
        Outcome::Finished => tracing::info!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = life.given.verbose,
            elapsed = elapsed.get(thread).as_secs_f64(),
            cpu = cpu(),
            outcome = "finished",
            "thread finished",
        ),
        Outcome::Stopped => tracing::info!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = life.given.verbose,
            elapsed = elapsed.get(thread).as_secs_f64(),
            cpu = cpu(),
            outcome = "stopped",
            "thread stopped",
        ),
        Outcome::Panicked(panic) => tracing::error!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = life.given.verbose,
            elapsed = elapsed.get(thread).as_secs_f64(),
            cpu = cpu(),
            outcome = "panicked",
            panic = panic.message(),
            "thread panicked",
        ),
    });
}

/// The processor's time that the current thread has used, in seconds. Asked for only if somebody listens.
fn cpu() -> Option<f64> {
    thread_cpu_time().as_ref().map(Duration::as_secs_f64)
}

/// Says that a child of a supervisor is going to be started again.
pub(crate) fn restarted(name: &str, reason: &str, restarts: usize, delay: Duration) {
    let delay = delay.as_secs_f64();
    unharmed(|| {
        tracing::warn!(
            name: RESTARTED,
            target: TARGET,
            name,
            reason,
            restarts,
            delay,
            "thread is started again",
        );
    });
}

/// Says that a child of a supervisor takes long to stop.
pub(crate) fn slow_to_stop(thread: &ThreadHandle) {
    let ident = thread.ident().map(NonZeroU64::get);
    unharmed(|| {
        tracing::warn!(name: SLOW_TO_STOP, target: TARGET, name = %thread.name(), ident, "thread is slow to stop");
    });
}

#[cfg(test)]
mod tests {
    use tracing::{Event, Metadata, Subscriber, span, subscriber::with_default};

    use super::*;

    /// Wants to know of errors alone.
    struct Errors;

    impl Subscriber for Errors {
        fn enabled(&self, it: &Metadata<'_>) -> bool {
            it.level() == &tracing::Level::ERROR
        }

        fn max_level_hint(&self) -> Option<LevelFilter> {
            Some(LevelFilter::ERROR)
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn who_wants_to_know_of_panics_alone_wants_to_know_when_the_run_began() {
        with_default(Errors, || assert!(may_be_heard()));
    }
}
