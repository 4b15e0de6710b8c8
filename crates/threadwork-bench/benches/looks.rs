//! How long it takes to look at a thousand blocked threads, and what the printed lines cost a thread.

use std::{
    hint::black_box,
    io,
    time::{Duration, Instant},
};

use threadwork::{
    Event, Lock, Thread,
    diagnostics::{self, Lines, Sink},
};
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

const THREADS: usize = 1_000;

/// Prints a line with the median of the times, and the two middle quarters around it.
fn report(what: &str, mut times: Vec<Duration>, bound: Option<Duration>) -> Duration {
    times.sort();
    let [low, median, high] = [1, 2, 3].map(|quarter| times[times.len() * quarter / 4]);
    let verdict = bound.map_or(String::new(), |bound| {
        let verdict = if median <= bound { "" } else { "  MISSED" };
        format!("  at most {bound:?}{verdict}")
    });
    println!("{what:58} {median:8.1?}  [{low:8.1?} .. {high:8.1?}]{verdict}");
    median
}

fn measure(what: &str, bound: Duration, look: impl Fn()) {
    let time = |_| {
        let start = Instant::now();
        look();
        start.elapsed()
    };
    report(what, (0..101).map(time).collect(), Some(bound));
}

/// All looks, while each of the threads is blocked by `block(number)` until `let_go`.
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
    threads.iter().for_each(|it| it.join().expect("nobody panics"));
}

/// Many rounds of start and join.
fn start_and_join() -> Vec<Duration> {
    let round = |_| {
        let start = Instant::now();
        let thread = Thread::new(|| ());
        thread.start().expect("there is room for a thread");
        thread.join().expect("nobody panics");
        start.elapsed()
    };
    (0..500).map(round).collect()
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

    // The same subscribers in turns, each for the threads that are started under it.
    let lines = || Lines::new().to(Sink::writer(io::sink())).filtered();
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..10 {
        times[0].extend(start_and_join());
        times[1].extend(with_default(tracing_subscriber::registry(), start_and_join));
        times[2].extend(with_default(tracing_subscriber::registry().with(lines()), start_and_join));
    }
    let [nothing, bare, lines] = times;
    let nothing = report("start and join, nothing installed", nothing, None);
    let bare = report("start and join, a subscriber without layers", bare, None);
    let lines = report("start and join, lines that are written nowhere", lines, None);
    let bound = Duration::from_micros(5);
    let cost = lines.saturating_sub(bare);
    let verdict = if cost <= bound { "" } else { "  MISSED" };
    println!("the lines of a thread cost {cost:.1?}, at most {bound:?}{verdict}");
    println!("with all that a subscriber costs: {:.1?}", lines.saturating_sub(nothing));
}
