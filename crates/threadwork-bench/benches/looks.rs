//! The time to list and dump a thousand blocked threads, and the cost of the printed lines per thread.

use std::{
    hint::black_box,
    io,
    time::{Duration, Instant},
};

use threadwork::{
    Event, Lock, Thread,
    diagnostics::{self, Lines, Sink},
};
use tracing::dispatcher::{Dispatch, with_default};
use tracing_subscriber::layer::SubscriberExt;

const THREADS: usize = 1_000;

/// Prints a line with the median and the quartiles of the times.
fn report(what: &str, mut times: Vec<Duration>, bound: Duration) {
    times.sort();
    let [low, median, high] = [1, 2, 3].map(|quarter| times[times.len() * quarter / 4]);
    let verdict = if median <= bound { "" } else { "  MISSED" };
    println!("{what:58} {median:8.1?}  [{low:8.1?} .. {high:8.1?}]  at most {bound:?}{verdict}");
}

fn measure(what: &str, bound: Duration, look: impl Fn()) {
    let time = |_| {
        let start = Instant::now();
        look();
        start.elapsed()
    };
    report(what, (0..101).map(time).collect(), bound);
}

/// Measures all ways to list the threads, while each of them is blocked by `block(number)` until `let_go`.
fn looks(what: &str, block: impl Fn(usize) + Clone + Send + 'static, let_go: impl FnOnce()) {
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let block = block.clone();
            let thread = Thread::builder().stack_size(128 * 1024).build(move || block(number));
            thread.start().expect("there is room for a thread");
            thread
        })
        .collect();
    while threadwork::waits().len() < THREADS {
        std::thread::yield_now();
    }
    let what = format!("{THREADS} threads blocked, {what}");
    let bound = Duration::from_millis(10);
    measure(&format!("dump(), {what}"), bound, || drop(black_box(diagnostics::dump())));
    measure(&format!("  and as text, {what}"), bound, || {
        drop(black_box(diagnostics::dump().to_string()));
    });
    measure(&format!("find_deadlocks(), {what}"), bound, || {
        drop(black_box(diagnostics::find_deadlocks()));
    });
    let_go();
    threads.iter().for_each(|it| it.join().expect("no panics"));
}

fn start_and_join() {
    let thread = Thread::new(|| ());
    thread.start().expect("there is room for a thread");
    thread.join().expect("no panics");
}

/// Returns the mean times of starts and joins under each subscriber, in turns, without the fastest and slowest tenths.
fn means<const N: usize>(subscribers: [Dispatch; N], rounds: usize) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for round in 0..rounds {
        for turn in 0..N {
            // The subscribers take turns at going first.
            let place = (round + turn) % N;
            let start = Instant::now();
            with_default(&subscribers[place], start_and_join);
            times[place].push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        let most = &times[rounds / 10..rounds * 9 / 10];
        most.iter().sum::<Duration>() / u32::try_from(most.len()).expect("they are few")
    })
}

/// Measures the cost of the lines of a thread, with and without the general cost of a subscriber.
fn lines() {
    let lines = Lines::new().to(Sink::writer(io::sink())).filtered();
    let subscribers = [
        Dispatch::none(),
        Dispatch::new(tracing_subscriber::registry()),
        Dispatch::new(tracing_subscriber::registry().with(lines)),
    ];
    let [nothing, bare, lines] = means(subscribers, 10_000);
    let bound = Duration::from_micros(5);
    let cost = lines.saturating_sub(nothing);
    let verdict = if cost <= bound { "" } else { "  MISSED" };
    println!("start and join, with lines that are written nowhere: {lines:.1?}");
    println!("  more than with no subscriber: {cost:.2?}  at most {bound:?}{verdict}");
    println!("  more than with one without layers: {:.2?}", lines.saturating_sub(bare));
}

fn main() {
    static GO: Event = Event::new();
    looks("one event", |_| GO.wait(), || GO.set());

    static ONE: Lock<()> = Lock::new(());
    let guard = ONE.acquire();
    looks("one lock", |_| drop(ONE.acquire()), || drop(guard));

    static EACH: [Lock<()>; THREADS] = [const { Lock::new(()) }; THREADS];
    let guards: Vec<_> = EACH.iter().map(Lock::acquire).collect();
    looks("a lock each", |number| drop(EACH[number].acquire()), || drop(guards));

    lines();
}
