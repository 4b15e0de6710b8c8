//! Executors beside thread pools.

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

use crate::{board::Board, contest::Contest};

/// The workers of each pool.
const WORKERS: usize = 8;

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

/// Counts jobs that have ended, and tells when it was the last one.
#[derive(Clone)]
struct Count(Arc<(AtomicUsize, mpsc::SyncSender<()>)>);

/// Times the jobs, each of which is given to `submit` with what it has to do.
fn all(jobs: usize, steps: u32, mut submit: impl FnMut(Box<dyn FnOnce() + Send>)) -> Duration {
    let (sender, receiver) = mpsc::sync_channel(1);
    let count = Count(Arc::new((AtomicUsize::new(jobs), sender)));
    let since = Instant::now();
    for _ in 0..jobs {
        let count = count.clone();
        submit(Box::new(move || {
            spend(steps);
            if count.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
                count.0.1.send(()).expect("the end of the jobs is waited for");
            }
        }));
    }
    receiver.recv().expect("the last job tells");
    since.elapsed()
}

/// Has a job done and waits for that.
fn turn(submit: impl FnOnce(Box<dyn FnOnce() + Send>)) {
    let (sender, receiver) = mpsc::channel();
    submit(Box::new(move || sender.send(()).expect("the job is waited for")));
    receiver.recv().expect("the job tells");
}

/// Measures single jobs, and many at once.
pub fn executors(board: &mut Board) {
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build();
    let rayon = rayon.expect("there is room for threads");
    let pool = threadpool::ThreadPool::new(WORKERS);
    let ours = Executor::new(WORKERS);

    let turns = board.amount(5_000);
    let one = || (0..turns).for_each(|_| ours.submit(|| ()).into_result().expect("no panics"));
    let contest =
        |rival| Contest::new("submit an empty job, wait for it", rival).rounds(15).each(turns);
    board.compare(contest("rayon and a channel").at_most(1.2), one, || {
        (0..turns).for_each(|_| turn(|job| rayon.spawn(job)));
    });
    board.compare(contest("threadpool and a channel"), one, || {
        (0..turns).for_each(|_| turn(|job| pool.execute(job)));
    });
    let spawn = || Task::spawn(|| ()).expect("there is room for a thread");
    board.compare(contest("a thread of its own"), one, || {
        (0..turns).for_each(|_| spawn().into_result().expect("no panics"));
    });

    let steps = steps_per_microsecond();
    let jobs = board.amount(1_000_000);
    let many = || all(jobs, steps, |job| drop(ours.submit(job)));
    let contest = |rival| {
        Contest::new("1,000,000 jobs of 1 µs, 8 workers", rival).rounds(9).each(jobs).at_most(1.1)
    };
    board.compare_times(contest("rayon"), many, || all(jobs, steps, |job| rayon.spawn(job)));
    board.compare_times(contest("threadpool"), many, || all(jobs, steps, |job| pool.execute(job)));
}
