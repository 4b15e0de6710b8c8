//! Starting threads, and waiting for their ends.

use std::{
    hint::black_box,
    thread::{Builder, JoinHandle},
};

use threadwork::{Thread, current_thread};

use crate::{board::Board, contest::Contest};

const STACK: usize = 64 * 1024;

/// Starts threads of ours, each with a small stack and a name.
pub fn start_ours(count: usize, run: impl Fn() + Clone + Send + 'static) -> Vec<Thread> {
    start_with(&Thread::builder(), count, run)
}

fn start_with(
    builder: &threadwork::Builder,
    count: usize,
    run: impl Fn() + Clone + Send + 'static,
) -> Vec<Thread> {
    let builder = builder.clone().name("loop").stack_size(STACK);
    let threads: Vec<Thread> =
        (0..count).map(|_| builder.clone().build(run.clone()).erase()).collect();
    threads.iter().for_each(|it| it.start().expect("there is room for a thread"));
    threads
}

/// As [`start_ours`], with threads of std.
pub fn start_theirs(count: usize, run: impl Fn() + Clone + Send + 'static) -> Vec<JoinHandle<()>> {
    let builder = || Builder::new().name("loop".to_owned()).stack_size(STACK);
    let spawn = |_| builder().spawn(run.clone()).expect("there is room for a thread");
    (0..count).map(spawn).collect()
}

/// Starts and joins threads of ours, one after the other.
pub fn start_and_join_ours(count: usize) {
    for _ in 0..count {
        let thread = Thread::builder().name("loop").build(|| _ = black_box(1));
        thread.start().expect("there is room for a thread");
        thread.join().expect("no panics");
    }
}

/// As [`start_and_join_ours`], with threads of std.
pub fn start_and_join_theirs(count: usize) {
    for _ in 0..count {
        let builder = Builder::new().name("loop".to_owned());
        let thread = builder.spawn(|| _ = black_box(1)).expect("there is room for a thread");
        thread.join().expect("no panics");
    }
}

/// Measures the start and the join of one thread, and of many.
pub fn starts(board: &mut Board) {
    let contest = |what| Contest::new(what, "std, named too").at_most(1.05);
    board.compare_means(
        contest("start and join").rounds(10_000),
        || start_and_join_ours(1),
        || start_and_join_theirs(1),
    );
    board.compare_means(
        contest("start and take the result").rounds(10_000),
        || result_of_ours(Thread::builder().name("loop")),
        || result_of_theirs(Builder::new().name("loop".to_owned())),
    );
    board.compare_means(
        Contest::new("start with a default name and take the result", "std, no name")
            .rounds(10_000),
        || result_of_ours(Thread::builder()),
        || result_of_theirs(Builder::new()),
    );
    board.compare_means(
        contest("start 100, then join").rounds(100).each(100),
        || join_ours(100),
        || join_theirs(100),
    );
    board.compare_means(
        contest("start 1,000, then join").rounds(51).each(1_000),
        || join_ours(1_000),
        || join_theirs(1_000),
    );
}

/// Measures the start and the join of threads in operating system threads that are used again.
pub fn recycled_starts(board: &mut Board) {
    let contest = |what| Contest::new(what, "std, named too");
    board.compare_means(
        contest("start and join, recycled, 20 in a row").at_most(0.25).rounds(500).each(20),
        || (0..20).for_each(|_| start_and_join_recycled()),
        || start_and_join_theirs(20),
    );
    // Between two rounds the operating system's thread falls asleep, and it has to be woken as a new one has.
    board.compare_means(
        contest("start and join, recycled, now and then").rounds(10_000),
        start_and_join_recycled,
        || start_and_join_theirs(1),
    );
    let recycled = Thread::builder().recycled(true);
    board.compare_means(
        contest("start 100, then join, recycled").at_most(0.25).rounds(101).each(100),
        || join(start_with(&recycled, 100, || ())),
        || join_theirs(100),
    );
}

fn start_and_join_recycled() {
    let thread = Thread::builder().name("loop").recycled(true).build(|| _ = black_box(1));
    thread.start().expect("there is room for a thread");
    thread.join().expect("no panics");
}

fn result_of_ours(builder: threadwork::Builder) {
    let thread = builder.build_my_thread(|| black_box(1));
    thread.start().expect("there is room for a thread");
    black_box(thread.into_result().expect("no panics"));
}

fn result_of_theirs(builder: Builder) {
    let thread = builder.spawn(|| black_box(1)).expect("there is room for a thread");
    black_box(thread.join().expect("no panics"));
}

fn join(threads: Vec<Thread>) {
    threads.iter().for_each(|it| it.join().expect("no panics"));
}

fn join_ours(count: usize) {
    join(start_ours(count, || ()));
}

fn join_theirs(count: usize) {
    start_theirs(count, || ()).into_iter().for_each(|it| it.join().expect("no panics"));
}

/// Measures how a thread asks for itself.
pub fn current_threads(board: &mut Board) {
    let calls = board.amount(100_000);
    black_box((current_thread(), std::thread::current()));
    board.compare(
        Contest::new("current_thread", "std").at_most(1.0).rounds(101).each(calls),
        || (0..calls).for_each(|_| drop(black_box(current_thread()))),
        || (0..calls).for_each(|_| drop(black_box(std::thread::current()))),
    );
}
