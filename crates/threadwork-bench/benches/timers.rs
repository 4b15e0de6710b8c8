//! Timers beside their rivals: arming one and cancelling it while others are pending, and lateness.
//!
//! `cargo bench -p threadwork-bench --bench timers` measures all, or the parts that are named: `cancel`, `java`, `late`.
//!
//! | rival | what it does not do |
//! |---|---|
//! | scheduled-thread-pool | A cancelled function is kept until its time has come. `cancel` does not say whether it was in time. |
//! | hierarchical_hash_wheel_timer | The same, and times are in whole milliseconds. Its thread does the work, later. |
//! | tokio-util, `DelayQueue` | It is a queue without a thread, here behind a mutex. Times are in whole milliseconds. |
//! | tokio, `sleep` | It calls no function but wakes a task. Times are in whole milliseconds. |
//! | futures-timer | It calls no function but wakes a task. Its thread does the work, later. |
//! | Java's `ScheduledThreadPoolExecutor` | It runs functions in a pool. |

use std::{
    cell::{Cell, RefCell},
    hint::black_box,
    io::ErrorKind,
    iter,
    pin::Pin,
    process::Command,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Waker},
    thread,
    time::{Duration, Instant},
};

use hierarchical_hash_wheel_timer::{
    ClosureTimer, OneShotClosureState, PeriodicClosureState, Timer as _,
    thread_timer::{TimerRef, TimerWithThread},
};
use scheduled_thread_pool::{JobHandle, OnPoolDropBehavior, ScheduledThreadPool};
use threadwork::Timer;
use tokio_util::time::{DelayQueue, delay_queue};

mod compare;
use compare::{compare, compare_times, print};

const PENDING: [usize; 3] = [100, 10_000, 1_000_000];
/// How many timers are armed and cancelled in one round.
const EACH: usize = 20_000;

/// What each function captures: a pointer.
static COUNT: AtomicU64 = AtomicU64::new(0);

fn function() -> impl FnOnce() + Send + 'static {
    let count = black_box(&COUNT);
    move || _ = count.fetch_add(1, Ordering::Relaxed)
}

/// The timers of one library.
trait Timers {
    type Timer;

    fn arm(&self, after: Duration) -> Self::Timer;
    fn cancel(&self, timer: Self::Timer);

    /// Blocks until all is done that the calls have left to another thread.
    fn settle(&self) {}
}

/// Delays between one and two hours: no timer is due while others are measured.
fn delays() -> impl Iterator<Item = Duration> {
    thread_local!(static RANDOM: Cell<u64> = const { Cell::new(88_172_645_463_325_252) });
    iter::repeat_with(|| {
        let mut random = RANDOM.get();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        RANDOM.set(random);
        Duration::from_millis(3_600_000 + random % 3_600_000)
    })
}

/// Arms timers, and cancels each at once.
fn arm_and_cancel<T: Timers>(timers: &T) {
    delays().take(EACH).for_each(|it| timers.cancel(black_box(timers.arm(it))));
    timers.settle();
}

/// Timers that stay pending until this is dropped.
struct Pending<'a, T: Timers>(&'a T, Vec<T::Timer>);

impl<'a, T: Timers> Pending<'a, T> {
    fn new(timers: &'a T, count: usize) -> Self {
        let pending = delays().take(count).map(|it| timers.arm(it)).collect();
        timers.settle();
        Pending(timers, pending)
    }
}

impl<T: Timers> Drop for Pending<'_, T> {
    fn drop(&mut self) {
        self.1.drain(..).for_each(|it| self.0.cancel(it));
        self.0.settle();
    }
}

/// Compares ours, of which as many are pending already, with a rival.
fn against<T: Timers>(name: &str, bound: f64, pending: usize, theirs: &T) {
    let _pending = Pending::new(theirs, pending);
    let what = format!("arm + cancel, {pending} pending / {name}");
    compare(&what, bound, 51, || arm_and_cancel(&Ours), || arm_and_cancel(theirs));
}

struct Ours;

impl Timers for Ours {
    type Timer = Timer;

    fn arm(&self, after: Duration) -> Timer {
        let timer = Timer::new(after, function());
        timer.start().expect("the service runs");
        timer
    }

    fn cancel(&self, timer: Timer) {
        assert!(timer.cancel());
    }
}

impl Timers for ScheduledThreadPool {
    type Timer = JobHandle;

    fn arm(&self, after: Duration) -> JobHandle {
        self.execute_after(after, function())
    }

    fn cancel(&self, timer: JobHandle) {
        timer.cancel();
    }
}

/// A queue that somebody would have to wait for.
impl Timers for Mutex<DelayQueue<Box<dyn FnOnce() + Send>>> {
    type Timer = delay_queue::Key;

    fn arm(&self, after: Duration) -> delay_queue::Key {
        self.lock().expect("no panics").insert(Box::new(function()), after)
    }

    fn cancel(&self, timer: delay_queue::Key) {
        let removed = self.lock().expect("no panics").remove(&timer);
        drop(removed);
    }
}

/// A wheel, and the number of the next timer.
struct Wheel {
    timers: RefCell<TimerRef<u64, OneShotClosureState<u64>, PeriodicClosureState<u64>>>,
    next: Cell<u64>,
}

impl Timers for Wheel {
    type Timer = u64;

    fn arm(&self, after: Duration) -> u64 {
        let (number, function) = (self.next.get(), function());
        self.next.set(number + 1);
        self.timers.borrow_mut().schedule_action_once(number, after, |_| function());
        number
    }

    fn cancel(&self, timer: u64) {
        self.timers.borrow_mut().cancel(&timer);
    }

    fn settle(&self) {
        // Its thread receives all messages in order, and calls a function that is due at once.
        let settled = Arc::new(Barrier::new(2));
        let here = Arc::clone(&settled);
        let arrive = move |_| _ = settled.wait();
        self.timers.borrow_mut().schedule_action_once(u64::MAX, Duration::ZERO, arrive);
        here.wait();
    }
}

/// Makes a timer for tasks pending, as a task does that begins to wait.
fn poll<F: Future>(future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    future
}

struct TokioSleep;

impl Timers for TokioSleep {
    type Timer = Pin<Box<tokio::time::Sleep>>;

    fn arm(&self, after: Duration) -> Self::Timer {
        poll(tokio::time::sleep(after))
    }

    fn cancel(&self, timer: Self::Timer) {
        drop(timer);
    }
}

struct FuturesTimer;

impl Timers for FuturesTimer {
    type Timer = Pin<Box<futures_timer::Delay>>;

    fn arm(&self, after: Duration) -> Self::Timer {
        poll(futures_timer::Delay::new(after))
    }

    fn cancel(&self, timer: Self::Timer) {
        drop(timer);
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Returns how long it takes to start and cancel timers that are made already.
fn start_and_cancel() -> Duration {
    let timers: Vec<_> = delays().take(EACH).map(|it| Timer::new(it, function())).collect();
    timed(|| {
        for timer in &timers {
            timer.start().expect("the service runs");
            assert!(timer.cancel());
        }
    })
}

fn cancel() {
    // At its end it does not wait for the timers that were cancelled.
    let pool = ScheduledThreadPool::builder()
        .num_threads(1)
        .on_drop_behavior(OnPoolDropBehavior::DiscardPendingScheduled)
        .build();
    let wheel_thread = TimerWithThread::new().expect("there is room for a thread");
    let wheel = Wheel { timers: RefCell::new(wheel_thread.timer_ref()), next: Cell::new(0) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("there is a clock");
    let _entered = runtime.enter();
    for pending in PENDING {
        let _ours = Pending::new(&Ours, pending);
        against("scheduled-thread-pool", 1.0, pending, &pool);
        against("hierarchical wheel", 1.0, pending, &wheel);
        against("DelayQueue", 1.0, pending, &Mutex::new(DelayQueue::new()));
        against("sleep of tokio", f64::INFINITY, pending, &TokioSleep);
        against("futures-timer", f64::INFINITY, pending, &FuturesTimer);
        let what = format!("of that, start + cancel, {pending} pending");
        let whole = || timed(|| arm_and_cancel(&Ours));
        compare_times(&what, f64::INFINITY, 51, start_and_cancel, whole);
    }
    let ours = || timed(|| arm_and_cancel(&Ours));
    compare_times("arm + cancel / start and join of std", 0.05, 21, ours, || {
        timed(|| (0..EACH / 100).for_each(|_| thread::spawn(|| ()).join().expect("no panics")))
            * 100
    });
    wheel_thread.shutdown().expect("its thread ends");
}

/// Runs Java's executor, and prints our times beside its.
fn java() {
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
        let mut times =
            [(); 51].map(|()| timed(|| arm_and_cancel(&Ours)).as_secs_f64() * 1e9 / EACH as f64);
        times.sort_by(f64::total_cmp);
        println!("arm + cancel, {pending} pending: {:.0} ns, Java {theirs:.0} ns", times[25]);
        let ratios = [25, 12, 38].map(|it| times[it] / theirs);
        print(&format!("arm + cancel, {pending} pending / Java"), f64::INFINITY, ratios);
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

fn late() {
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
    for (name, _, mut ratios) in ratios {
        ratios.sort_by(f64::total_cmp);
        let quartiles = [2, 1, 3].map(|quarter| ratios[RUNS * quarter / 4]);
        print(&format!("lateness, {name} / sleep and thread of std"), 1.0, quartiles);
    }
}

/// Measures the parts named on the command line, or all.
fn main() {
    let words: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let all: [(&str, fn()); 3] = [("cancel", cancel), ("java", java), ("late", late)];
    for (name, measure) in all {
        if words.is_empty() || words.iter().any(|it| it == name) {
            measure();
        }
    }
}
