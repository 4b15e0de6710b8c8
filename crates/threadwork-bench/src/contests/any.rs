//! Waiting for any of several objects, and threads in the order of their ends.

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{bounded, select_biased};
use threadwork::{Event, Thread, Timer, Wait, as_completed, wait_any};

use crate::{board::Board, contest::Contest};

/// Measures waiting for any of two objects.
pub fn waits_for_any(board: &mut Board) {
    ready(board);
    ping_pong(board);
}

/// Two threads take turns; each waits for two objects, and the last turn ends the other thread.
fn ping_pong(board: &mut Board) {
    let turns = board.amount(2_000);
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
            for _ in 0..turns {
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
            for _ in 0..turns {
                there.send(()).expect("the channel is open");
                select_biased! {
                    recv(to_quit) -> _ => unreachable!("only this thread sends it"),
                    recv(to_back) -> it => it.expect("the channel is open"),
                }
            }
            quit.send(()).expect("the channel is open");
        });
    };
    let contest = Contest::new("wait_any of 2 events, ping-pong", "crossbeam select");
    board.compare(contest.at_most(1.2).each(2 * turns), ours, theirs);
}

/// One thread makes the second of two objects ready, finds that, and takes it.
fn ready(board: &mut Board) {
    let looks = board.amount(100_000);
    let (clear, set, forever) = (Event::new(), Event::new(), Wait::forever());
    let [(_sender, empty), (full, ready)] = [(); 2].map(|()| bounded::<()>(1));
    let contest = Contest::new("wait_any of 2 events, one set", "crossbeam select");
    board.compare(
        contest.at_most(1.2).rounds(101).each(looks),
        || {
            (0..looks).for_each(|_| {
                set.set();
                wait_any(&[black_box(&clear), &set], &forever).expect("one is set");
                set.clear();
            });
        },
        || {
            (0..looks).for_each(|_| {
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
#[must_use]
pub fn timers_as_completed(n: usize) -> Duration {
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
fn threads_as_completed(n: usize) -> Duration {
    let builder = || Thread::builder().stack_size(64 * 1024);
    let threads: Vec<_> = (0..n).map(|_| builder().build(|| ())).collect();
    let start = Instant::now();
    threads.iter().for_each(|it| it.start().expect("there is room for a thread"));
    assert_eq!(as_completed(&threads).expect("all are started").count(), n);
    start.elapsed()
}

/// Measures how much longer it takes to collect ten times as many.
pub fn as_completed_of_many(board: &mut Board) {
    let contest = |what| Contest::new(what, "1,000").at_most(12.0);
    board.compare_times(
        contest("as_completed, 10,000 timers").rounds(15),
        || timers_as_completed(10_000),
        || timers_as_completed(1_000),
    );
    board.compare_times(
        contest("as_completed, 10,000 threads").rounds(9),
        || threads_as_completed(10_000),
        || threads_as_completed(1_000),
    );
}
