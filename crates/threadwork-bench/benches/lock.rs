//! An uncontended lock beside its rivals.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

fn uncontended(c: &mut Criterion) {
    let mut group = c.benchmark_group("lock uncontended");
    let lock = threadwork::Lock::new(0_u64);
    group.bench_function("threadwork", |b| b.iter(|| *black_box(&lock).acquire() += 1));
    let lock = parking_lot::Mutex::new(0_u64);
    group.bench_function("parking_lot", |b| b.iter(|| *black_box(&lock).lock() += 1));
    let lock = std::sync::Mutex::new(0_u64);
    group.bench_function("std", |b| {
        b.iter(|| *black_box(&lock).lock().expect("no panics") += 1);
    });
    group.finish();

    let mut group = c.benchmark_group("number of the current thread");
    group.bench_function("threadwork", |b| b.iter(|| black_box(threadwork::get_ident())));
    group.bench_function("std", |b| b.iter(|| black_box(std::thread::current().id())));
    group.finish();
}

criterion_group!(benches, uncontended);
criterion_main!(benches);
