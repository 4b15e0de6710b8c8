//! The time to start and cancel a timer while others are pending.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use threadwork::Timer;

/// Starts timers that are due long after the measurement, spread over `count` hours.
fn pending(count: u64) -> Vec<Timer> {
    let timers: Vec<_> = (0..count)
        .map(|number| Timer::new(Duration::from_secs(3600 * (2 + number * 7919 % count)), || ()))
        .collect();
    timers.iter().for_each(|it| it.start().expect("the service can be started"));
    timers
}

fn arm_and_cancel(c: &mut Criterion) {
    let mut group = c.benchmark_group("make, start and cancel a timer");
    for count in [0, 1000, 100_000] {
        let others = pending(count);
        // Due in the middle of the others, so that the service is not woken.
        let interval = Duration::from_secs(3600 * (2 + count / 2));
        let first = pending(1);
        group.bench_function(format!("{count} others"), |b| {
            b.iter(|| {
                let timer = Timer::new(interval, || _ = black_box(1));
                timer.start().expect("the service runs");
                timer.cancel()
            });
        });
        others.iter().chain(&first).for_each(|it| _ = it.cancel());
    }
    group.finish();
}

criterion_group!(benches, arm_and_cancel);
criterion_main!(benches);
