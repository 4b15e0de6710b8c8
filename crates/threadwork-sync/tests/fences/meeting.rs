//! A holder that frees locks by a store, at the moments at which a visitor begins to wait for them.
//!
//! The visitor is a task, because a thread would look at the lock for a while before it enters the queue, and would seldom meet the store.
//! Most locks are met as somebody waits for them for the first time. Some of them lie in two cache lines, which lets the holder's look
//! overtake its store more often.

use std::{
    env, hint,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{Lock, internal::lock::is_freed_by_store};
use threadwork_test_support::{chance::Chance, program::Program, tasks::Woken};

use crate::mode::{end_at_panics, is_offered};

/// The number of locks that are created together. With several per bucket, as many buckets as there are get used.
const BATCH: usize = 4096;

/// The number of locks that are met however long it takes.
const AT_LEAST: usize = 64;

/// So many releases make a new lock be freed by a store.
const RELEASES: usize = 17;

/// The longest pause, in steps of a few nanoseconds.
const LONGEST: i64 = 2_000;

/// By how much the holder and the visitor change their pauses after each meeting, and how much of a pause is random.
const STEP: i64 = 8;
const RANDOM: u64 = 32;

/// What a holder and a visitor share.
pub(crate) struct Meeting {
    locks: Vec<Lock<()>>,
    /// The number of locks that the holder has held so far, the current one included.
    held: AtomicUsize,
    /// The number of locks that the holder has freed. Whoever waited for them was woken before that.
    freed: AtomicUsize,
    /// The number of locks that the visitor has had.
    visited: AtomicUsize,
    is_over: AtomicBool,
    /// How much longer the holder holds a lock than the visitor takes to come. It changes so that the visitor is too late each other time.
    lead: AtomicI64,
    counts: Counts,
}

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// The locks that were freed by a store when they were held.
    pub(crate) stores: AtomicUsize,
    /// The locks that the visitor had to wait for.
    pub(crate) waits: AtomicUsize,
}

impl Meeting {
    pub(crate) fn new() -> Meeting {
        Meeting {
            locks: (0..BATCH).map(|_| Lock::new(())).collect(),
            held: AtomicUsize::new(0),
            freed: AtomicUsize::new(0),
            visited: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            lead: AtomicI64::new(0),
            counts: Counts::default(),
        }
    }

    /// Holds each lock once and frees it while the visitor comes. Ends early at `until`, but not before some locks were met.
    pub(crate) fn hold(&self, until: Instant) {
        let mut chance = Chance::new(1);
        for (n, lock) in self.locks.iter().enumerate() {
            if n >= AT_LEAST && n % 16 == 0 && Instant::now() >= until {
                break;
            }
            (0..RELEASES).for_each(|_| drop(lock.acquire()));
            let by_store = is_freed_by_store(lock);
            self.counts.stores.fetch_add(usize::from(by_store), Ordering::Relaxed);
            let lead = self.lead.load(Ordering::Relaxed).max(0);
            let pause_of_holder = pause_of(lead, &mut chance);
            let guard = lock.acquire();
            self.held.store(n + 1, Ordering::Release);
            pause(pause_of_holder);
            drop(guard);
            self.freed.store(n + 1, Ordering::Release);
            wait_until(|| self.visited.load(Ordering::Acquire) > n);
        }
        self.is_over.store(true, Ordering::Release);
    }

    /// Comes to each lock that is held.
    pub(crate) fn visit(&self) {
        let mut chance = Chance::new(2);
        for (n, lock) in self.locks.iter().enumerate() {
            let is_held = || self.held.load(Ordering::Acquire) > n;
            wait_until(|| is_held() || self.is_over.load(Ordering::Acquire));
            if !is_held() {
                return;
            }
            let lead = self.lead.load(Ordering::Relaxed);
            pause(pause_of((-lead).max(0), &mut chance));
            let waited = wait_for(lock, || self.freed.load(Ordering::Acquire) > n);
            self.counts.waits.fetch_add(usize::from(waited), Ordering::Relaxed);
            let lead = if waited { lead - STEP } else { lead + STEP };
            self.lead.store(lead.clamp(-LONGEST, LONGEST), Ordering::Relaxed);
            self.visited.store(n + 1, Ordering::Release);
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// Acquires the lock as a task and frees it. Returns `true` if the task had to wait. `is_freed` says whether the holder has freed the lock.
fn wait_for(lock: &Lock<()>, is_freed: impl Fn() -> bool) -> bool {
    let woken = Woken::new();
    let mut task = pin!(lock.acquire_async());
    let (mut waits, mut seen) = (false, 0);
    loop {
        match woken.poll(task.as_mut()) {
            Poll::Ready(guard) => {
                drop(guard);
                return waits;
            }
            Poll::Pending => waits = true,
        }
        wait_until(|| woken.count() > seen || is_freed());
        assert!(woken.count() > seen, "a waiter was left behind: {lock:?}");
        seen = woken.count();
    }
}

fn pause_of(lead: i64, chance: &mut Chance) -> i64 {
    lead + i64::try_from(chance.below(RANDOM)).expect("it is small")
}

fn pause(steps: i64) {
    for step in 0..steps {
        hint::black_box(step);
    }
}

/// Waits without sleeping, so that both threads go on at the same moment; lets others run if that takes long.
fn wait_until(mut happened: impl FnMut() -> bool) {
    for _ in 0..20_000 {
        if happened() {
            return;
        }
        hint::spin_loop();
    }
    while !happened() {
        thread::yield_now();
    }
}

/// Keeps the current thread on the processor `n` of those that the process may use, so that holder and visitor run at the same time.
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
fn stay_on_processor(n: usize) {
    // SAFETY: a set of processors is plain data, which may be zero.
    let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let size = size_of_val(&allowed);
    // SAFETY: the set is written during the call.
    let error = unsafe { libc::sched_getaffinity(0, size, &raw mut allowed) };
    assert_eq!(error, 0, "the processors of a thread can be read");
    // SAFETY: the numbers are within the set.
    let is_allowed = |it: &usize| unsafe { libc::CPU_ISSET(*it, &allowed) };
    let Some(processor) = (0..size * 8).filter(is_allowed).nth(n) else { return };
    // SAFETY: as above.
    let mut one: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the number is within the set.
    unsafe { libc::CPU_SET(processor, &mut one) };
    // SAFETY: the set is read during the call.
    let error = unsafe { libc::sched_setaffinity(0, size, &raw const one) };
    assert_eq!(error, 0, "a thread can be kept on a processor that it may use");
}

#[cfg(not(all(target_os = "linux", not(threadwork_portable))))]
fn stay_on_processor(_: usize) {}

/// Holds and visits new locks until the time is up. Returns the number of locks that were freed by a store when they were visited.
pub(crate) fn meet(time: Duration) -> usize {
    let until = Instant::now() + time;
    let (mut stores, mut waits, mut batches) = (0, 0, 0);
    while batches == 0 || Instant::now() < until {
        let meeting = Meeting::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                stay_on_processor(0);
                meeting.visit();
            });
            scope.spawn(|| {
                stay_on_processor(1);
                meeting.hold(until);
            });
        });
        stores += meeting.counts().stores.load(Ordering::Relaxed);
        waits += meeting.counts().waits.load(Ordering::Relaxed);
        batches += 1;
    }
    println!("{stores} locks were freed by a store, {waits} visitors had to wait");
    stores
}

#[test]
fn no_waiter_is_left_behind_by_a_lock_that_is_freed_by_a_store() {
    let program = Program::new(|| {
        end_at_panics();
        let seconds = env::var("THREADWORK_STRESS_SECS").ok().and_then(|it| it.parse().ok());
        let stores = meet(Duration::from_secs(seconds.unwrap_or(2)));
        assert_eq!(stores > 0, is_offered(), "{stores} locks were freed by a store");
    });
    println!("{}", program.run().lines().join("\n"));
}
