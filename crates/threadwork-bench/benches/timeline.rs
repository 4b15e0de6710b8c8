//! The cost of recording a timeline: per event, and for threads that wait for each other all the time.

use std::{
    hint::black_box,
    panic::Location,
    time::{Duration, Instant},
};

use threadwork::{
    Condition, Lock,
    diagnostics::{Timeline, TimelineLayer},
};
use threadwork_bench::{
    board::{Board, Pace},
    contest::Contest,
};
use tracing_subscriber::layer::SubscriberExt;

const TIMES: u32 = 20_000;
const ROUNDS: usize = 101;
const BOUND: Duration = Duration::from_nanos(300);

/// Prints how much longer each event of `work` takes with a recording than without, by the medians of alternating rounds.
fn measure(what: &str, n_events: u32, work: impl Fn()) {
    let round = || {
        let start = Instant::now();
        (0..TIMES).for_each(|_| work());
        start.elapsed()
    };
    let (mut off, mut on) = (Vec::new(), Vec::new());
    for number in 0..ROUNDS + 1 {
        let without = round();
        let timeline = Timeline::start().expect("there is no other");
        // The first events allocate the buffers, once.
        round();
        let with = round();
        drop(timeline);
        if number > 0 {
            off.push(without);
            on.push(with);
        }
    }
    let [off, on] = [off, on].map(|mut times| {
        times.sort();
        times[times.len() / 2] / TIMES
    });
    let each = on.saturating_sub(off) / n_events;
    let verdict = if each <= BOUND { "" } else { "  MISSED" };
    println!("{what:58} {each:8.1?} an event ({off:.1?} without)  at most {BOUND:?}{verdict}");
}

/// Two threads wake each other at a condition `times` times.
fn ping_pong(times: u32) {
    let (turn, news) = (Lock::new(0), Condition::new());
    let play = |mine: u32| {
        for _ in 0..times {
            let mut turn = turn.acquire();
            news.wait_for(&mut turn, |it| (**it % 2 == mine).then_some(()));
            *turn += 1;
            news.notify(&turn, 1);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| play(0));
        play(1);
    });
}

fn main() {
    let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
    tracing::subscriber::set_global_default(subscriber).expect("there is no other");

    let location = Location::caller();
    let subject = threadwork_sync::internal::door::Subject::sleep(location);
    let wait =
        || threadwork_sync::internal::door::blocked_elsewhere(8, &subject, || _ = black_box(1));
    measure("wait that takes no time", 1, wait);
    measure("span entered and left", 2, || {
        tracing::info_span!("work").in_scope(|| _ = black_box(1));
    });
    let span = tracing::info_span!("work", order = 17);
    let _timeline = Timeline::start().map(drop);
    measure("span with a field entered and left", 2, || span.in_scope(|| _ = black_box(1)));

    let mut with = || {
        let timeline = Timeline::start().expect("there is no other");
        ping_pong(20_000);
        drop(timeline);
    };
    let contest = Contest::new("Condition, ping-pong, recorded", "not recorded");
    let mut board = Board::new(Pace::Whole);
    board.compare(contest.at_most(1.05).rounds(51), &mut with, || ping_pong(20_000));
}
