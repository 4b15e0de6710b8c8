//! Threads that do the same work at the same time.

use std::{
    sync::Barrier,
    time::{Duration, Instant},
};

/// Runs `rounds` rounds in each of `count` threads. Returns the time from the first begin to the last end:
/// starting the threads may take longer than their work.
pub(crate) fn together(count: usize, rounds: usize, work: &(dyn Fn() + Sync)) -> Duration {
    together_with(count, rounds, || work)
}

/// As [`together`], for work that needs something of each thread's own, which `prepare` makes in the thread.
pub(crate) fn together_with<W: FnMut()>(
    count: usize,
    rounds: usize,
    prepare: impl Fn() -> W + Sync,
) -> Duration {
    let ready = Barrier::new(count);
    let play = || {
        let mut work = prepare();
        ready.wait();
        let start = Instant::now();
        (0..rounds).for_each(|_| work());
        (start, Instant::now())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(play)).collect();
        let times = threads.into_iter().map(|it| it.join().unwrap());
        let first = times.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        first.map_or(Duration::ZERO, |(start, end)| end - start)
    })
}

/// Keeps the processor busy.
pub(crate) fn busy(time: Duration) {
    let until = Instant::now() + time;
    while !time.is_zero() && Instant::now() < until {}
}
