//! Start and join of a thread beside those of std, and the cost of tracing.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use threadwork::Thread;

fn start_join(c: &mut Criterion) {
    let mut group = c.benchmark_group("start and join");
    group.bench_function("threadwork", |b| {
        b.iter(|| {
            let thread = Thread::builder().name("loop").build(|| _ = black_box(1));
            thread.start().expect("there is room for a thread");
            thread.join().expect("no panics");
        });
    });
    group.bench_function("threadwork, recycled", |b| {
        b.iter(|| {
            let builder = Thread::builder().name("loop").recycled(true);
            let thread = builder.build(|| _ = black_box(1));
            thread.start().expect("there is room for a thread");
            thread.join().expect("no panics");
        });
    });
    group.bench_function("std", |b| {
        b.iter(|| {
            let builder = std::thread::Builder::new().name("loop".to_owned());
            let thread = builder.spawn(|| _ = black_box(1)).expect("there is room for a thread");
            thread.join().expect("no panics");
        });
    });
    group.finish();

    // The calls of `tracing` by `start` and by the thread, without a subscriber.
    c.bench_function("tracing of one thread, no subscriber", |b| {
        b.iter(|| {
            let span =
                tracing::info_span!("thread", name = black_box("loop"), ident = 1, daemon = false);
            let entered = span.entered();
            black_box(tracing::enabled!(tracing::Level::INFO));
            tracing::info!(
                name = black_box("loop"),
                ident = 1,
                daemon = false,
                verbose = true,
                "thread started"
            );
            tracing::info!(
                name = black_box("loop"),
                ident = 1,
                daemon = false,
                verbose = true,
                "thread finished"
            );
            drop(entered);
        });
    });
}

criterion_group!(benches, start_join);
criterion_main!(benches);
