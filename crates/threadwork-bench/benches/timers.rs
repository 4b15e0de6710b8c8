//! Timers beside their rivals: arming one and cancelling it while others are pending, and lateness.
//!
//! `cargo bench -p threadwork-bench --bench timers` measures all, or the parts that are named: `cancel`, `threads`, `java`, `late`.
//! Java's `ScheduledThreadPoolExecutor`, which runs functions in a pool, is measured if Java is installed.

use std::{
    io::ErrorKind,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use threadwork::Timer;
use threadwork_bench::{
    board::{Board, measure, timed},
    contest::Contest,
    spread::{Spread, median},
    timers::{EACH, Ours, Pending, arm_and_cancel, arm_and_cancel_beside, start_and_cancel_beside},
};

const PENDING: [usize; 3] = [100, 10_000, 1_000_000];

fn main() {
    measure(&[("cancel", cancel), ("threads", threads), ("java", java), ("late", late)]);
}

fn cancel(board: &mut Board) {
    for pending in PENDING {
        arm_and_cancel_beside(board, pending);
        start_and_cancel_beside(board, pending);
    }
}

/// Compares a timer that is cancelled with a thread that sleeps.
fn threads(board: &mut Board) {
    let contest = Contest::new("timer, arm and cancel", "start and join of std");
    board.compare_times(
        contest.at_most(0.05).rounds(21).each(EACH),
        || timed(|| arm_and_cancel(&Ours)),
        || {
            timed(|| {
                (0..EACH / 100).for_each(|_| thread::spawn(|| ()).join().expect("no panics"));
            }) * 100
        },
    );
}

/// Runs Java's executor, and prints our times beside its.
fn java(board: &mut Board) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/timers/Timers.java");
    let run = Command::new("java").arg(source).args(PENDING.map(|it| it.to_string())).output();
    let output = match run {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return println!("Java is not installed, so its executor is not measured");
        }
        run => run.expect("Java can be started"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("it prints numbers");
    for (line, pending) in printed.lines().zip(PENDING) {
        let (number, theirs) = line.split_once(' ').expect("it prints two numbers in a line");
        assert_eq!(number.parse(), Ok(pending));
        let theirs: f64 = theirs.parse().expect("it prints a time");
        let _ours = Pending::new(&Ours, pending);
        let times = [(); 51].map(|()| timed(|| arm_and_cancel(&Ours)).as_secs_f64() * 1e9);
        let ours = median(times.into()) / EACH as f64;
        println!("arm and cancel, {pending} pending: {ours:.0} ns, Java {theirs:.0} ns");
        let ratio = Spread::of(times.map(|it| it / EACH as f64 / theirs).into());
        let contest = Contest::new(format!("timer, arm and cancel, {pending} pending"), "Java");
        board.note(contest, ratio, [ours, theirs].map(|it| it / 1e9));
    }
}

/// Returns how late the function of a timer is called.
fn lateness(after: Duration) -> f64 {
    static LATE: AtomicU64 = AtomicU64::new(0);
    let due = Instant::now() + after;
    let timer =
        Timer::new(after, move || LATE.store(nanoseconds(due.elapsed()), Ordering::Relaxed));
    timer.start().expect("the service runs");
    timer.join().expect("no panics");
    LATE.load(Ordering::Relaxed) as f64
}

/// Returns how late a thread runs that is started by a thread that sleeps until then.
fn lateness_of_std(after: Duration) -> f64 {
    let due = Instant::now() + after;
    thread::sleep(due.saturating_duration_since(Instant::now()));
    let late = thread::spawn(move || nanoseconds(due.elapsed())).join().expect("no panics");
    late as f64
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).expect("it is short")
}

fn late(board: &mut Board) {
    const TIMES: usize = 1_000;
    const RUNS: usize = 7;
    let mut ratios = [("median", TIMES / 2), ("99th percentile", TIMES * 99 / 100)]
        .map(|(name, at)| (name, at, Vec::new()));
    for _ in 0..RUNS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for time in 0..TIMES {
            let after = Duration::from_micros(1_000 + time as u64 * 7919 % 500);
            // They take turns at going first.
            if time % 2 == 0 {
                ours.push(lateness(after));
                theirs.push(lateness_of_std(after));
            } else {
                theirs.push(lateness_of_std(after));
                ours.push(lateness(after));
            }
        }
        ours.sort_by(f64::total_cmp);
        theirs.sort_by(f64::total_cmp);
        for (name, at, ratios) in &mut ratios {
            let [ours, theirs] = [&ours, &theirs].map(|it| it[*at] / 1e3);
            println!("lateness, {name}: {ours:.1} us, sleep and thread of std {theirs:.1} us");
            ratios.push(ours / theirs);
        }
    }
    for (name, _, ratios) in ratios {
        let contest = Contest::new(format!("timer, lateness, {name}"), "sleep and thread of std");
        board.note(contest.at_most(1.0), Spread::of(ratios), [0.0; 2]);
    }
}
