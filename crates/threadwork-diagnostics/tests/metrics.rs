//! Metrics of threads, as a recorder gets them; with the feature `metrics`.

use std::{collections::BTreeMap, time::Duration};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use threadwork_core::{Restart, Supervisor, Thread, Timer};
use threadwork_diagnostics::{MetricsLayer, record_metrics};
use threadwork_sync::{Latch, WaitKind, waits};
use tracing_subscriber::layer::SubscriberExt;

/// All counters and gauges by name and labels, and the number of recorded values of each histogram.
fn numbers(snapshotter: &Snapshotter) -> BTreeMap<String, f64> {
    let snapshot = snapshotter.snapshot().into_vec().into_iter();
    snapshot
        .map(|(key, _, _, value)| {
            let labels = key.key().labels().map(|it| format!(" {}={}", it.key(), it.value()));
            let name = format!("{}{}", key.key().name(), labels.collect::<String>());
            let value = match value {
                DebugValue::Counter(count) => count as f64,
                DebugValue::Gauge(value) => value.into_inner(),
                DebugValue::Histogram(values) => values.len() as f64,
            };
            (name, value)
        })
        .collect()
}

/// A process has one recorder and one subscriber, so this is one test.
#[test]
fn threads_are_counted_by_what_becomes_of_them() {
    static GO: Latch = Latch::new(1);

    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    let subscriber = tracing_subscriber::registry().with(MetricsLayer::new());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let waiting = Thread::new(|| GO.wait());
    waiting.start().unwrap();
    while !waits().iter().any(|it| it.kind == WaitKind::Latch) {
        std::thread::yield_now();
    }
    let timer = Timer::new(Duration::from_secs(3600), || ());
    timer.start().unwrap();
    while !waits().iter().any(|it| it.name == Some("the first timer")) {
        std::thread::yield_now();
    }
    record_metrics();
    let seen = numbers(&snapshotter);
    assert_eq!(seen["threadwork_threads_alive"], 2.0);
    assert_eq!(seen["threadwork_threads_blocked kind=Latch"], 1.0);
    assert_eq!(seen["threadwork_threads_blocked kind=Lock"], 0.0);
    assert_eq!(
        seen["threadwork_threads_blocked kind=Event"], 0.0,
        "who serves timers is no user's"
    );
    assert_eq!(seen["threadwork_timers_pending"], 1.0);
    assert_eq!(seen["threadwork_threads_started_total"], 1.0);

    GO.count_down(1).unwrap();
    waiting.join().unwrap();
    timer.cancel();
    let stopped = Thread::new(|| _ = threadwork_core::sleep(Duration::MAX));
    stopped.request_stop();
    stopped.start().unwrap();
    stopped.join().unwrap();
    let supervisor =
        Supervisor::new().backoff(Duration::ZERO, Duration::ZERO).at_most(1, Duration::MAX);
    let supervisor = supervisor.child("hopeless", Restart::OnPanic, || panic!("on purpose"));
    let supervisor = Thread::new(supervisor);
    supervisor.start().unwrap();
    supervisor.join().unwrap_err();
    let fails = Thread::new(|| Err::<(), _>("on purpose"));
    fails.start().unwrap();
    fails.join().unwrap_err();
    record_metrics();
    let seen = numbers(&snapshotter);
    assert_eq!(seen["threadwork_threads_alive"], 1.0);
    assert_eq!(seen["threadwork_threads_blocked kind=Latch"], 0.0);
    assert_eq!(seen["threadwork_timers_pending"], 0.0);
    assert_eq!(seen["threadwork_threads_ended_total outcome=finished"], 1.0);
    assert_eq!(seen["threadwork_threads_ended_total outcome=stopped"], 1.0);
    assert_eq!(seen["threadwork_threads_ended_total outcome=panicked"], 2.0);
    assert_eq!(seen["threadwork_threads_ended_total outcome=failed"], 2.0);
    assert_eq!(seen["threadwork_threads_restarted_total name=hopeless"], 1.0);
    assert_eq!(seen["threadwork_thread_seconds"], 6.0);
}
