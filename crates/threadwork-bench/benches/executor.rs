//! Executors beside thread pools: `cargo bench -p threadwork-bench --bench executor`.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use threadwork::{Executor, Task};

#[expect(dead_code, reason = "other benchmarks let it measure the time")]
mod compare;

use crate::compare::compare_times;

/// The workers of each pool.
const WORKERS: usize = 8;

/// How many jobs are submitted and waited for, one after the other, in one round.
const TURNS: usize = 5_000;

/// How many jobs are submitted at once in one round.
const JOBS: usize = 1_000_000;

/// How many steps take about a microsecond.
fn steps_per_microsecond() -> u32 {
    const STEPS: u32 = 10_000_000;
    let since = Instant::now();
    spend(STEPS);
    let nanoseconds = u32::try_from(since.elapsed().as_nanos()).unwrap_or(u32::MAX);
    (u64::from(STEPS) * 1000 / u64::from(nanoseconds)).try_into().unwrap_or(1)
}

fn spend(steps: u32) {
    (0..steps).for_each(|it| _ = black_box(it));
}

/// Times the turns in which one job is submitted and its result waited for.
fn turns(mut turn: impl FnMut()) -> Duration {
    let since = Instant::now();
    (0..TURNS).for_each(|_| turn());
    since.elapsed()
}

/// Counts jobs that have ended, and tells when it was the last one.
#[derive(Clone)]
struct Count(Arc<(AtomicUsize, mpsc::SyncSender<()>)>);

/// Times `JOBS` jobs, each of which is given to `submit` with what it has to do.
fn all(steps: u32, mut submit: impl FnMut(Box<dyn FnOnce() + Send>)) -> Duration {
    let (sender, receiver) = mpsc::sync_channel(1);
    let count = Count(Arc::new((AtomicUsize::new(JOBS), sender)));
    let since = Instant::now();
    for _ in 0..JOBS {
        let count = count.clone();
        submit(Box::new(move || {
            spend(steps);
            if count.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
                count.0.1.send(()).unwrap();
            }
        }));
    }
    receiver.recv().unwrap();
    since.elapsed()
}

fn main() {
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build().unwrap();
    let pool = threadpool::ThreadPool::new(WORKERS);
    let ours = Executor::new(WORKERS);

    let one = || turns(|| ours.submit(|| ()).into_result().unwrap());
    let rayon_turn = || {
        let (sender, receiver) = mpsc::channel();
        rayon.spawn(move || sender.send(()).unwrap());
        receiver.recv().unwrap();
    };
    let pool_turn = || {
        let (sender, receiver) = mpsc::channel();
        pool.execute(move || sender.send(()).unwrap());
        receiver.recv().unwrap();
    };
    compare_times("executor, an empty job / rayon", 1.2, 15, one, || turns(rayon_turn));
    compare_times("executor, an empty job / threadpool", 1.2, 15, one, || turns(pool_turn));
    let task = || turns(|| Task::spawn(|| ()).unwrap().into_result().unwrap());
    compare_times("executor, an empty job / Task::spawn", f64::INFINITY, 3, one, task);

    let steps = steps_per_microsecond();
    let many = || all(steps, |job| drop(ours.submit(job)));
    let rayon_jobs = || all(steps, |job| rayon.spawn(job));
    let pool_jobs = || all(steps, |job| pool.execute(job));
    compare_times("executor, 1,000,000 jobs of 1 us / rayon", 1.1, 5, many, rayon_jobs);
    compare_times("executor, 1,000,000 jobs of 1 us / threadpool", 1.1, 5, many, pool_jobs);
}
