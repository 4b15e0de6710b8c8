//! Timers beside their rivals: arming one and cancelling it while others are pending.
//!
//! | rival | what it does not do |
//! |---|---|
//! | scheduled-thread-pool | A cancelled function is kept until its time has come. `cancel` does not say whether it was in time. |
//! | hierarchical_hash_wheel_timer | The same, and times are in whole milliseconds. Its thread does the work, later. |
//! | tokio-util, `DelayQueue` | It is a queue without a thread, here behind a mutex. Times are in whole milliseconds. |
//! | tokio, `sleep` | It calls no function but wakes a task. Times are in whole milliseconds. |
//! | futures-timer | It calls no function but wakes a task. Its thread does the work, later. |

use std::{
    cell::{Cell, RefCell},
    hint::black_box,
    iter,
    pin::Pin,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};

use hierarchical_hash_wheel_timer::{
    ClosureTimer, OneShotClosureState, PeriodicClosureState, Timer as _,
    thread_timer::{TimerRef, TimerWithThread},
};
use scheduled_thread_pool::{JobHandle, OnPoolDropBehavior, ScheduledThreadPool};
use threadwork::Timer;
use tokio_util::time::{DelayQueue, delay_queue};

use crate::{
    board::{Board, timed},
    contest::Contest,
};

/// How many timers are armed and cancelled in one round.
pub const EACH: usize = 20_000;

/// What each function captures: a pointer.
static COUNT: AtomicU64 = AtomicU64::new(0);

fn function() -> impl FnOnce() + Send + 'static {
    let count = black_box(&COUNT);
    move || _ = count.fetch_add(1, Ordering::Relaxed)
}

/// The timers of one library.
pub trait Timers {
    /// A timer that is pending.
    type Timer;

    /// Makes a function be called later.
    fn arm(&self, after: Duration) -> Self::Timer;

    /// Makes the function not be called.
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
pub fn arm_and_cancel<T: Timers>(timers: &T) {
    delays().take(EACH).for_each(|it| timers.cancel(black_box(timers.arm(it))));
    timers.settle();
}

/// Timers that stay pending until this is dropped.
#[derive(Debug)]
pub struct Pending<'a, T: Timers>(&'a T, Vec<T::Timer>);

impl<'a, T: Timers> Pending<'a, T> {
    /// Arms this many.
    pub fn new(timers: &'a T, count: usize) -> Self {
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

/// The timers of this library.
#[derive(Debug)]
pub struct Ours;

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

/// The `sleep` of tokio.
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

/// The timers of futures-timer.
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

/// Compares ours, of which as many are pending already, with a rival.
fn against<T: Timers>(board: &mut Board, contest: Contest, pending: usize, theirs: &T) {
    let _pending = Pending::new(theirs, pending);
    board.compare(contest, || arm_and_cancel(&Ours), || arm_and_cancel(theirs));
}

/// Measures arming a timer and cancelling it, while so many others are pending.
pub fn arm_and_cancel_beside(board: &mut Board, pending: usize) {
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
    let what = format!("timer, arm and cancel, {pending} pending");
    let contest = |rival| Contest::new(&what, rival).rounds(51).each(EACH);
    let pending = board.amount(pending);
    let _ours = Pending::new(&Ours, pending);
    against(board, contest("scheduled-thread-pool").at_most(1.0), pending, &pool);
    against(board, contest("hierarchical wheel").at_most(1.0), pending, &wheel);
    against(board, contest("DelayQueue").at_most(1.0), pending, &Mutex::new(DelayQueue::new()));
    against(board, contest("tokio's sleep"), pending, &TokioSleep);
    against(board, contest("futures-timer"), pending, &FuturesTimer);
    wheel_thread.shutdown().expect("its thread ends");
}

/// Measures how much of arming a timer and cancelling it is left if it is made before.
pub fn start_and_cancel_beside(board: &mut Board, pending: usize) {
    let _ours = Pending::new(&Ours, pending);
    let what = format!("timer, start and cancel, {pending} pending");
    let contest = Contest::new(what, "arm and cancel").rounds(51).each(EACH);
    board.compare_times(contest, start_and_cancel, || timed(|| arm_and_cancel(&Ours)));
}
