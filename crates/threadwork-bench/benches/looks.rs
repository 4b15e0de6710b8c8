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
use tracing_subscriber::layer::SubscriberExt;

const THREADS: usize = 1_000;

/// Prints a line with the median of the times, and the two middle quarters around it.
fn report(what: &str, mut times: Vec<Duration>, bound: Duration) -> Duration {
    times.sort();
    let [low, median, high] = [1, 2, 3].map(|quarter| times[times.len() * quarter / 4]);
    let verdict = if median <= bound { "" } else { "  MISSED" };
    println!("{what:58} {median:8.1?}  [{low:8.1?} .. {high:8.1?}]  at most {bound:?}{verdict}");
    median
}

fn measure(what: &str, bound: Duration, look: impl Fn()) {
    let time = |_| {
        let start = Instant::now();
        look();
        start.elapsed()
    };
    report(what, (0..101).map(time).collect(), bound);
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
    (0..2_000).map(round).collect()
}

fn main() {
    let endless = Duration::MAX;
    let without = report("start and join, nothing installed", start_and_join(), endless);

    static GO: Event = Event::new();
    looks("one event", |_| GO.wait(), || GO.set());

    static ONE: Lock<()> = Lock::new(());
    let guard = ONE.acquire();
    looks("one lock", |_| drop(ONE.acquire()), || drop(guard));

    static EACH: [Lock<()>; THREADS] = [const { Lock::new(()) }; THREADS];
    let guards: Vec<_> = EACH.iter().map(Lock::acquire).collect();
    looks("a lock each", |number| drop(EACH[number].acquire()), || drop(guards));

    let again = report("start and join, nothing installed", start_and_join(), endless);
    let lines = Lines::new().to(Sink::writer(io::sink())).filtered();
    let subscriber = tracing_subscriber::registry().with(lines);
    tracing::subscriber::set_global_default(subscriber).expect("nobody else installs one");
    let with = report("start and join, lines that are written nowhere", start_and_join(), endless);
    let cost = with.saturating_sub(without.min(again));
    let verdict = if cost <= Duration::from_micros(5) { "" } else { "  MISSED" };
    println!("the two lines of a thread cost {cost:.1?}, at most 5 µs{verdict}");
}
