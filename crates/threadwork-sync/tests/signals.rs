//! Signals during waits. The handler is installed without `SA_RESTART`, so each signal
//! makes the blocking system call return early; no wait may end because of it.
//!
//! These tests have their own process, because signal handlers belong to the process.
#![cfg(all(unix, not(any(threadwork_loom, threadwork_portable))))]

use std::{
    fmt, mem,
    num::NonZeroU64,
    os::unix::thread::{JoinHandleExt, RawPthread},
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, BrokenBarrierError, BrokenReason, ConditionWaitError, Event, Latch,
    Lock, RLock, RawCondition, RawLock, RwLock, RwLockUpgradableGuard, Semaphore, StopSource, Wait,
    WaitError, Waiting,
    internal::number::{adopt_ident, reserve_ident},
    waits,
};
use threadwork_test_support::patience;

/// The number of times that a thread has run the handler.
static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn handle(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Installs the handler. The guard makes sure that one test at a time counts signals.
fn handler() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: a structure of numbers, for which zero is valid; no flags means no SA_RESTART.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handle as *const () as usize;
    // SAFETY: both are valid structures, and the handler does only what is allowed in a signal handler.
    let error = unsafe { libc::sigaction(libc::SIGUSR1, &action, ptr::null_mut()) };
    assert_eq!(error, 0);
    turn
}

#[track_caller]
fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    let complaint = fmt::from_fn(|it| write!(it, "{what}; waiting now: {:#?}", waits()));
    patience::eventually(complaint, look)
}

struct Waiter<T> {
    ident: NonZeroU64,
    handle: JoinHandle<T>,
}

impl<T: Send + 'static> Waiter<T> {
    fn start(f: impl FnOnce() -> T + Send + 'static) -> Waiter<T> {
        let reserved = reserve_ident();
        let ident = reserved.get();
        let handle = thread::spawn(move || {
            adopt_ident(reserved);
            f()
        });
        Waiter { ident, handle }
    }

    /// Starts a thread and returns once it is blocked.
    #[track_caller]
    fn blocked(f: impl FnOnce() -> T + Send + 'static) -> Waiter<T> {
        let waiter = Waiter::start(f);
        eventually("a thread does not block", || record_of(waiter.ident));
        waiter
    }

    #[track_caller]
    fn join(self) -> T {
        self.handle.join().expect("the thread does not panic")
    }
}

fn record_of(ident: NonZeroU64) -> Option<Waiting> {
    waits().into_iter().find(|it| it.thread.ident == ident)
}

/// The records of those threads that are blocked.
fn records<T>(waiters: &[Waiter<T>]) -> Vec<Waiting> {
    waits()
        .into_iter()
        .filter(|it| waiters.iter().any(|waiter| waiter.ident == it.thread.ident))
        .collect()
}

fn finished<T>(waiters: &[Waiter<T>]) -> Vec<usize> {
    (0..waiters.len()).filter(|it| waiters[*it].handle.is_finished()).collect()
}

#[track_caller]
fn all_finish<T>(waiters: &[Waiter<T>]) {
    eventually("a thread does not end", || {
        (finished(waiters).len() == waiters.len()).then_some(())
    });
}

/// Sends a signal to each of the threads. None of them may have been joined.
fn signal(threads: &[RawPthread]) {
    for thread in threads {
        // SAFETY: the thread has not been joined, so its number is still valid; if it has ended, the call returns an error at worst.
        unsafe { libc::pthread_kill(*thread, libc::SIGUSR1) };
    }
}

fn threads<T>(waiters: &[Waiter<T>]) -> Vec<RawPthread> {
    waiters.iter().map(|it| it.handle.as_pthread_t()).collect()
}

/// Interrupts each of the threads `times` times; none of them may end meanwhile.
#[track_caller]
fn interrupt<T>(waiters: &[Waiter<T>], times: usize) {
    let threads = threads(waiters);
    for _ in 0..times {
        let enough = HANDLED.load(Ordering::Relaxed) + threads.len();
        signal(&threads);
        eventually("a signal is not handled; a thread may have ended", || {
            (HANDLED.load(Ordering::Relaxed) >= enough).then_some(())
        });
    }
}

/// Calls `work` while the threads receive one signal after the other, then joins the threads.
fn in_a_storm<T, R>(waiters: &[Waiter<T>], work: impl FnOnce() -> R) -> R {
    struct Calm<'a>(&'a AtomicBool);
    impl Drop for Calm<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let (threads, calm) = (threads(waiters), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !calm.load(Ordering::Relaxed) {
                signal(&threads);
                thread::yield_now();
            }
        });
        let _calm = Calm(&calm);
        work()
    })
}

type Block = dyn Fn(&Wait) -> Result<(), WaitError> + Send;

/// One way to wait, on an object of its own; the wait succeeds only after `let_go`.
struct Way {
    name: &'static str,
    wait: Box<Block>,
    let_go: Box<dyn FnOnce()>,
}

fn way(
    name: &'static str,
    wait: impl Fn(&Wait) -> Result<(), WaitError> + Send + 'static,
    let_go: impl FnOnce() + 'static,
) -> Way {
    Way { name, wait: Box::new(wait), let_go: Box::new(let_go) }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn why(broken: &BrokenBarrierError) -> WaitError {
    match broken.reason() {
        BrokenReason::TimedOut => WaitError::TimedOut,
        BrokenReason::Stopped => WaitError::Stopped,
        reason => panic!("unexpected reason: {reason:?}"),
    }
}

/// Every kind of blocking call, on objects that this thread holds.
fn ways() -> Vec<Way> {
    let (lock, fair) = (leak(Lock::new(())), leak(Lock::from_raw(RawLock::fair(), ())));
    let (rlock, condition) = (leak(RLock::new(())), leak(RawCondition::new()));
    let (read, written) = (leak(RwLock::new(())), leak(RwLock::new(())));
    let upgraded = leak(RwLock::new(()));
    let (event, latch, barrier) = (leak(Event::new()), leak(Latch::new(1)), leak(Barrier::new(2)));
    let (one, many) = (leak(Semaphore::new(0)), leak(Semaphore::new(1)));
    let bounded = leak(BoundedSemaphore::new(1));

    let (held, held_fair, held_again) = (lock.acquire(), fair.acquire(), rlock.acquire());
    let (writing, reading, also_reading) = (read.write(), written.read(), upgraded.read());
    let permit = bounded.acquire();
    vec![
        way("Lock", |wait| lock.acquire_with(wait).map(drop), || drop(held)),
        way("fair Lock", |wait| fair.acquire_with(wait).map(drop), || drop(held_fair)),
        way("RLock", |wait| rlock.acquire_with(wait).map(drop), || drop(held_again)),
        way("read of a RwLock", |wait| read.read_with(wait).map(drop), || drop(writing)),
        way("write of a RwLock", |wait| written.write_with(wait).map(drop), || drop(reading)),
        way(
            "upgrade of a RwLock",
            |wait| {
                let guard = upgraded.upgradable_read();
                let upgraded = RwLockUpgradableGuard::upgrade_with(guard, wait);
                upgraded.map(drop).map_err(|(_, error)| error)
            },
            || drop(also_reading),
        ),
        way(
            "Condition",
            |wait| {
                condition.acquire();
                condition.acquire();
                let ended = condition.wait_with(wait);
                (0..2).for_each(|_| condition.release().expect("it was acquired twice"));
                ended.map_err(|error| match error {
                    ConditionWaitError::Wait(error) => error,
                    error => panic!("{error}"),
                })
            },
            || {
                condition.acquire();
                assert_eq!(condition.notify(2), Ok(1));
                condition.release().expect("it was acquired");
            },
        ),
        way("Event", |wait| event.wait_with(wait), || event.set()),
        way(
            "Latch",
            |wait| latch.wait_with(wait),
            || latch.count_down(1).expect("the count is one"),
        ),
        way(
            "Barrier",
            |wait| barrier.wait_with(wait).map(drop).map_err(|it| why(&it)),
            || assert!(barrier.wait().expect("the barrier is not broken").is_leader()),
        ),
        way(
            "Semaphore",
            |wait| one.acquire_with(wait).map(drop),
            || one.release(1).expect("within the maximum"),
        ),
        way(
            "several permits of a Semaphore",
            |wait| many.acquire_many_with(3, wait).map(drop),
            || many.release(2).expect("within the maximum"),
        ),
        way("BoundedSemaphore", |wait| bounded.acquire_with(wait).map(drop), || drop(permit)),
    ]
}

#[test]
fn signals_end_no_wait_and_waiters_can_still_be_woken() {
    const FAR: Duration = Duration::from_secs(3600);
    let _handler = handler();
    let stop = StopSource::new();
    let (other, token) = (StopSource::new().token(), stop.token());
    let forms = [
        (Wait::forever(), Ok(())),
        (Wait::timeout(FAR), Ok(())),
        (Wait::timeout(FAR).or_stop(&other), Ok(())),
        (Wait::forever().or_stop(&token), Err(WaitError::Stopped)),
    ];
    let (mut waiters, mut expected) = (Vec::new(), Vec::new());
    let (mut let_go, mut kept) = (Vec::new(), Vec::new());
    for (wait, end) in forms {
        for Way { name, wait: block, let_go: release } in ways() {
            let wait = wait.clone();
            waiters.push(Waiter::blocked(move || block(&wait)));
            expected.push((name, end));
            if end.is_ok() { &mut let_go } else { &mut kept }.push(release);
        }
    }

    let before = records(&waiters);
    assert_eq!(before.len(), expected.len());
    interrupt(&waiters, 200);
    assert_eq!(records(&waiters), before, "no wait ended and began again");
    in_a_storm(&waiters, || {
        let_go.into_iter().for_each(|release: Box<dyn FnOnce()>| release());
        stop.request_stop();
        all_finish(&waiters);
    });
    let ends: Vec<_> = waiters.into_iter().map(Waiter::join).collect();
    for (end, (name, expected)) in ends.into_iter().zip(expected) {
        assert_eq!(end, expected, "{name}");
    }
    drop(kept);
}

#[test]
fn signals_neither_shorten_a_timeout_nor_prolong_it() {
    let _handler = handler();
    let token = StopSource::new().token();
    let forms: [&dyn Fn(Duration) -> Wait; 2] =
        [&Wait::timeout, &|timeout| Wait::timeout(timeout).or_stop(&token)];
    for wait in forms {
        let mut timeout = Duration::from_millis(150);
        // On a machine that sends few signals in that time, the test tries again with a longer one.
        while check_timeouts(timeout, wait) < 500 {
            timeout *= 2;
        }
    }
}

/// Checks that every way to wait takes at least `timeout` in a storm of signals. Returns the number of signals handled.
#[track_caller]
fn check_timeouts(timeout: Duration, wait: &dyn Fn(Duration) -> Wait) -> usize {
    let before = HANDLED.load(Ordering::Relaxed);
    let mut held = Vec::new();
    let mut waiters = Vec::new();
    for Way { name, wait: block, let_go } in ways() {
        held.push(let_go);
        let (start, wait) = (Instant::now(), wait(timeout));
        waiters.push(Waiter::start(move || (name, block(&wait), start.elapsed())));
    }
    in_a_storm(&waiters, || all_finish(&waiters));
    for (name, end, time) in waiters.into_iter().map(Waiter::join) {
        assert_eq!(end, Err(WaitError::TimedOut), "{name}");
        assert!(time >= timeout, "{name} was waited for {time:?} instead of {timeout:?}");
    }
    HANDLED.load(Ordering::Relaxed) - before
}

#[test]
fn in_a_storm_of_signals_exactly_as_many_waiters_return_as_were_woken() {
    let _handler = handler();
    let (condition, semaphore) = (leak(RawCondition::new()), leak(Semaphore::new(0)));
    type Case =
        (fn(&'static RawCondition, &'static Semaphore), fn(&RawCondition, &Semaphore, usize));
    let wait_and_notify: Case = (
        |condition, _| {
            condition.acquire();
            condition.wait().expect("it was acquired");
            condition.release().expect("it was acquired");
        },
        |condition, _, n| {
            condition.acquire();
            assert_eq!(condition.notify(n), Ok(n));
            condition.release().expect("it was acquired");
        },
    );
    let acquire_and_release: Case = (
        |_, semaphore| semaphore.acquire().forget(),
        |_, semaphore, n| semaphore.release(n).expect("within the maximum"),
    );
    for (wait, let_go) in [wait_and_notify, acquire_and_release] {
        let start = || Waiter::blocked(move || wait(condition, semaphore));
        let mut waiters: Vec<_> = (0..6).map(|_| start()).collect();
        for n_woken in [2, 1, 3] {
            let first: Vec<_> = (0..n_woken).collect();
            in_a_storm(&waiters, || {
                let_go(condition, semaphore, n_woken);
                eventually("they do not return", || (finished(&waiters) == first).then_some(()));
            });
            let left = waiters.split_off(n_woken);
            waiters.into_iter().for_each(Waiter::join);
            interrupt(&left, 100);
            assert_eq!(records(&left).len(), left.len(), "more threads returned than were woken");
            waiters = left;
        }
    }
    assert_eq!(semaphore.available(), 0);
}

#[test]
fn in_a_storm_of_signals_nothing_is_lost() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 500;
    let _handler = handler();
    let (lock, fair) = (leak(Lock::new(0)), leak(Lock::from_raw(RawLock::fair(), 0)));
    let (rlock, rwlock) = (leak(RLock::new(Lock::new(0))), leak(RwLock::new(0)));
    let (barrier, leaders) = (leak(Barrier::new(THREADS)), leak(AtomicUsize::new(0)));
    let (semaphore, latch) = (leak(Semaphore::new(2)), leak(Latch::new(THREADS * ROUNDS)));
    let work = move || {
        for _ in 0..ROUNDS {
            *lock.acquire() += 1;
            *fair.acquire() += 1;
            *rlock.acquire().acquire() += 1;
            *rwlock.write() += 1;
            let permits = semaphore.acquire_many(2);
            assert_eq!((permits.count(), semaphore.available()), (2, 0));
            drop(permits);
            latch.count_down(1).expect("the count is the number of threads");
            let passed = barrier.wait().expect("the barrier is not broken");
            leaders.fetch_add(usize::from(passed.is_leader()), Ordering::Relaxed);
        }
        latch.wait();
    };
    let waiters: Vec<_> = (0..THREADS).map(|_| Waiter::start(work)).collect();
    in_a_storm(&waiters, || all_finish(&waiters));
    waiters.into_iter().for_each(Waiter::join);
    let counted = [*lock.acquire(), *fair.acquire(), *rlock.acquire().acquire(), *rwlock.read()];
    assert_eq!(counted, [THREADS * ROUNDS; 4]);
    assert_eq!((leaders.load(Ordering::Relaxed), semaphore.available()), (ROUNDS, 2));
}
