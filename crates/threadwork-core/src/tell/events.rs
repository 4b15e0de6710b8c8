//! The [`tracing`](https://docs.rs/tracing) span of a thread's life, and the events at its start and end.
//!
//! The target of all of them is [`TARGET`]. Names and fields are stable. Every event also has a `message` in words, which may change.
//!
//! | | name | level | fields |
//! |---|---|---|---|
//! | a thread's life, a span | `thread` | `INFO` | `thread`, `ident`, `daemon` |
//! | it starts | [`STARTED`] | `INFO` | `name`, `ident`, `daemon`, `verbose` |
//! | it has finished, or was stopped | [`ENDED`] | `INFO` | these, `elapsed`, `cpu`, `outcome` |
//! | it has panicked | [`ENDED`] | `ERROR` | these, and `panic` |
//! | it has failed | [`ENDED`] | `ERROR` | these, and `failure` |
//! | a supervisor restarts it | [`RESTARTED`] | `WARN` | `name`, `reason`, `restarts`, `delay` |
//! | a supervisor waits long for its stop | [`SLOW_TO_STOP`] | `WARN` | `name`, `ident` |
//!
//! `elapsed` (wall time), `cpu` (CPU time, where the operating system provides it) and `delay` are in seconds;
//! `outcome` is `finished`, `stopped`, `panicked` or `failed`; `panic` is the message of the panic, `failure` that of the error.
//! The span is a child of the span in which the thread was started. Its field with the name of the thread is called `thread`, because
//! a span field called `name` could not be read in the JSON of `tracing-subscriber`.
//! If a filter leaves it out, the thread is in the span in which it was started.
//! Without a subscriber, each span or event costs one load.
//! A subscriber that panics harms neither the thread nor its starter: only what the subscriber was being told is lost.
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

use tracing::level_filters::LevelFilter;

use super::elapsed::Elapsed;
use crate::{context, life::ThreadHandle, outcome::Outcome, panic::unharmed};

/// The target of the span and the events of threads.
pub const TARGET: &str = context::TARGET;

/// The name of the event at the start of a thread.
pub const STARTED: &str = "thread.started";

/// The name of the event at the end of a thread.
pub const ENDED: &str = "thread.ended";

/// The name of the event of a supervisor that is about to restart a child. Level `WARN`, fields `name`,
/// `reason`, `restarts` (the number of restarts in the period that is counted, including this one) and `delay` (in seconds).
pub const RESTARTED: &str = "thread.restarted";

/// The name of the event of a supervisor whose child was requested to stop and does not. Level `WARN`, fields
/// `name` and `ident`.
pub const SLOW_TO_STOP: &str = "thread.slow_to_stop";

/// Returns `true` if a subscriber may listen to the start and end of a thread. Costs one load.
pub(crate) fn may_be_heard() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Emits the event that the current thread starts.
pub(crate) fn started(thread: &ThreadHandle, ident: NonZeroU64) {
    let life = thread.life();
    unharmed(|| {
        tracing::info!(
            name: STARTED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = !life.given.marks.quiet,
            "thread started",
        );
    });
}

/// Emits the event that the current thread has ended, with its outcome and the time that it has run.
pub(crate) fn ended(thread: &ThreadHandle, ident: NonZeroU64, elapsed: Elapsed, outcome: &Outcome) {
    let life = thread.life();
    let (outcome, panic, failure) = match outcome {
        Outcome::Finished => ("finished", None, None),
        Outcome::Stopped => ("stopped", None, None),
        Outcome::Panicked(panic) => ("panicked", Some(panic.message()), None),
        Outcome::Failed(failure) => ("failed", None, Some(failure.message())),
    };
    unharmed(|| match panic.or(failure) {
        None => tracing::info!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = !life.given.marks.quiet,
            elapsed = elapsed.get(thread).as_secs_f64(),
            cpu = cpu(thread),
            outcome,
            "thread {outcome}",
        ),
        Some(_) => tracing::error!(
            name: ENDED,
            target: TARGET,
            name = %life.name(),
            ident,
            daemon = life.is_daemon(),
            verbose = !life.given.marks.quiet,
            elapsed = elapsed.get(thread).as_secs_f64(),
            cpu = cpu(thread),
            outcome,
            panic,
            failure,
            "thread {outcome}",
        ),
    });
}

/// Returns the CPU time of the current thread in seconds. Evaluated only if a subscriber is interested.
fn cpu(current: &ThreadHandle) -> Option<f64> {
    current.life().native.cpu_time_here().as_ref().map(Duration::as_secs_f64)
}

/// Emits the event that a supervisor is about to restart a child.
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

/// Emits the event that a child of a supervisor is slow to stop.
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

    /// A subscriber for errors alone.
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
    fn a_subscriber_for_errors_alone_counts_as_a_listener() {
        with_default(Errors, || assert!(may_be_heard()));
    }
}
