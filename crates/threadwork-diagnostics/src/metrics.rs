//! Metrics of threads.

use std::fmt;

use metrics::{counter, gauge, histogram};
use threadwork_core::{
    active_count,
    events::{ENDED, RESTARTED, STARTED, TARGET},
    pending_timers,
};
use threadwork_sync::{WaitKind, Waiting, waits};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use crate::{blocked, words::KINDS};

#[cfg(test)]
mod tests;

/// A layer that reports the events of threads to the facade [`metrics`](https://docs.rs/metrics), for any of its exporters (Prometheus, StatsD, …).
///
/// | name | kind | labels | counts |
/// |---|---|---|---|
/// | `threadwork_threads_started_total` | counter | | threads that were started |
/// | `threadwork_threads_ended_total` | counter | `outcome`: `finished`, `stopped`, `panicked` or `failed` | threads that have ended |
/// | `threadwork_threads_restarted_total` | counter | `name` | restarts by supervisors |
/// | `threadwork_thread_seconds` | histogram | | how long a thread ran |
///
/// [`record_metrics`] reports states rather than events. This needs the feature `metrics`.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use diagnostics::MetricsLayer;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry().with(MetricsLayer::new());
/// tracing::subscriber::with_default(subscriber, || ());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricsLayer(());

impl MetricsLayer {
    /// Creates the layer.
    #[must_use]
    pub const fn new() -> MetricsLayer {
        MetricsLayer(())
    }
}

impl<S: Subscriber> Layer<S> for MetricsLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != TARGET {
            return;
        }
        let mut fields = Fields::default();
        match metadata.name() {
            STARTED => counter!("threadwork_threads_started_total").increment(1),
            ENDED => {
                event.record(&mut fields);
                let ended = counter!("threadwork_threads_ended_total", "outcome" => fields.outcome);
                ended.increment(1);
                histogram!("threadwork_thread_seconds").record(fields.elapsed);
            }
            RESTARTED => {
                event.record(&mut fields);
                let again = counter!("threadwork_threads_restarted_total", "name" => fields.name);
                again.increment(1);
            }
            _ => (),
        }
    }
}

/// The fields of an event that are reported.
#[derive(Default)]
struct Fields {
    name: String,
    outcome: String,
    elapsed: f64,
}

impl Visit for Fields {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "name" => value.clone_into(&mut self.name),
            "outcome" => value.clone_into(&mut self.outcome),
            _ => (),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed" {
            self.elapsed = value;
        }
    }
}

/// Reports the current state of threads to the facade [`metrics`](https://docs.rs/metrics). Call it whenever metrics are collected, or every few seconds.
///
/// | name | kind | labels | reports |
/// |---|---|---|---|
/// | `threadwork_threads_alive` | gauge | | [`active_count`] |
/// | `threadwork_threads_blocked` | gauge | `kind`: the name of a [`WaitKind`](threadwork_sync::WaitKind), or `AnyOf` for any of several objects | threads that are blocked in this library, without its own threads |
/// | `threadwork_tasks_waiting` | gauge | `kind`: the name of a [`WaitKind`](threadwork_sync::WaitKind) | tasks of async programs that wait in this library |
/// | `threadwork_timers_pending` | gauge | | [`pending_timers`] |
/// | `threadwork_lock_acquired_total` | counter | `lock` | acquisitions; needs the feature `lock_probe` and a started `Contention` |
/// | `threadwork_lock_contended_total` | counter | `lock` | acquisitions that had to wait; the same |
/// | `threadwork_lock_wait_seconds` | gauge | `lock` | the total time of waits for it; the same |
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// // Without a metrics recorder this does nothing.
/// diagnostics::record_metrics();
/// ```
pub fn record_metrics() {
    gauge!("threadwork_threads_alive").set(active_count() as f64);
    gauge!("threadwork_timers_pending").set(pending_timers() as f64);
    let waits = waits();
    // All kinds, so that a kind without waiters is reported as zero.
    for kind in KINDS {
        let waiting = count(blocked::tasks(&waits).map(|it| it.kind), kind);
        gauge!("threadwork_tasks_waiting", "kind" => format!("{kind:?}")).set(waiting);
    }
    for kind in KINDS.map(Some).into_iter().chain([None]) {
        let blocked = count(blocked_kinds(&waits), kind);
        let kind = kind.map_or_else(|| "AnyOf".to_owned(), |it| format!("{it:?}"));
        gauge!("threadwork_threads_blocked", "kind" => kind).set(blocked);
    }
    #[cfg(feature = "lock_probe")]
    for lock in crate::locks::Contention::report().locks {
        let name = || lock.name.clone();
        counter!("threadwork_lock_acquired_total", "lock" => name()).absolute(lock.acquired);
        counter!("threadwork_lock_contended_total", "lock" => name()).absolute(lock.contended);
        gauge!("threadwork_lock_wait_seconds", "lock" => name()).set(lock.waits.total);
    }
}

fn count<T: PartialEq>(all: impl Iterator<Item = T>, one: T) -> f64 {
    all.filter(|it| *it == one).count() as f64
}

/// What each blocked thread of the user waits for; `None` for any of several objects.
fn blocked_kinds(waits: &[Waiting]) -> impl Iterator<Item = Option<WaitKind>> {
    let users = blocked::threads(waits).filter(|it| it.thread.helper.is_none());
    let is_any = |it: &Waiting| blocked::choices(waits, it.thread.ident).nth(1).is_some();
    users.map(move |it| (!is_any(it)).then_some(it.kind))
}
