//! Waiting for any of several objects beside its rival, and threads in the order of their ends: whether the time grows with their number.

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{bounded, select_biased};
use threadwork::{Event, Thread, Timer, Wait, as_completed, wait_any};

mod compare;
use compare::{compare, compare_times, print};

/// Two threads take turns; each waits for two objects, and the last turn ends the other thread.
fn ping_pong() {
    const TURNS: usize = 2_000;
    let ours = || {
        let (there, back, quit) = (Event::new(), Event::new(), Event::new());
        let forever = Wait::forever();
        thread::scope(|scope| {
            scope.spawn(|| {
                while wait_any(&[&quit, &there], &forever) == Ok(1) {
                    there.clear();
                    back.set();
                }
            });
            for _ in 0..TURNS {
                there.set();
                wait_any(&[&quit, &back], &forever).expect("the wait has no end");
                back.clear();
            }
            quit.set();
        });
    };
    let theirs = || {
        let [(there, to_there), (back, to_back), (quit, to_quit)] =
            [(); 3].map(|()| bounded::<()>(1));
        thread::scope(|scope| {
            scope.spawn(|| {
                loop {
                    select_biased! {
                        recv(to_quit) -> _ => return,
                        recv(to_there) -> _ => back.send(()).expect("the channel is open"),
                    }
                }
            });
            for _ in 0..TURNS {
                there.send(()).expect("the channel is open");
                select_biased! {
                    recv(to_quit) -> _ => unreachable!("only this thread sends it"),
                    recv(to_back) -> it => it.expect("the channel is open"),
                }
            }
            quit.send(()).expect("the channel is open");
        });
    };
    compare("wait_any, 2 events, ping-pong / crossbeam select", 1.2, 31, ours, theirs);
}

/// One thread makes the second of two objects ready, finds that, and takes it.
fn ready() {
    const LOOKS: usize = 100_000;
    let (clear, set, forever) = (Event::new(), Event::new(), Wait::forever());
    let [(_sender, empty), (full, ready)] = [(); 2].map(|()| bounded::<()>(1));
    compare(
        "wait_any, 2 events, one set / crossbeam select",
        1.2,
        101,
        || {
            (0..LOOKS).for_each(|_| {
                set.set();
                wait_any(&[black_box(&clear), &set], &forever).expect("one is set");
                set.clear();
            });
        },
        || {
            (0..LOOKS).for_each(|_| {
                full.send(()).expect("the channel is open");
                select_biased! {
                    recv(empty) -> _ => unreachable!("nobody sends"),
                    recv(ready) -> it => it.expect("the channel is open"),
                }
            });
        },
    );
}

/// Returns the time in which `n` pending timers are watched, cancelled by another thread, and collected.
fn timers(n: usize) -> Duration {
    let timers: Vec<_> = (0..n).map(|_| Timer::new(Duration::MAX, || ())).collect();
    timers.iter().for_each(|it| it.start().expect("a timer can be started"));
    // Makes them threads, which is not measured.
    timers.iter().for_each(|it| _ = black_box(it.handle()));
    thread::scope(|scope| {
        let start = Instant::now();
        let ends = as_completed(&timers).expect("all are started");
        scope.spawn(|| timers.iter().rev().for_each(|it| _ = it.cancel()));
        assert_eq!(ends.count(), n);
        start.elapsed()
    })
}

/// Returns the time in which `n` threads are started and collected.
fn threads(n: usize) -> Duration {
    let builder = || Thread::builder().stack_size(64 * 1024);
    let threads: Vec<_> = (0..n).map(|_| builder().build(|| ())).collect();
    let start = Instant::now();
    threads.iter().for_each(|it| it.start().expect("there is room for a thread"));
    assert_eq!(as_completed(&threads).expect("all are started").count(), n);
    start.elapsed()
}

fn main() {
    ready();
    ping_pong();
    compare_times(
        "as_completed, 10,000 timers / 1,000",
        12.0,
        15,
        || timers(10_000),
        || timers(1_000),
    );
    compare_times(
        "as_completed, 10,000 threads / 1,000",
        12.0,
        9,
        || threads(10_000),
        || threads(1_000),
    );
    let mut times: Vec<_> = (0..9).map(|_| timers(1_000).as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    print("as_completed, 1,000 timers, ms", 100.0, [4, 2, 6].map(|at| times[at]));
}
