//! A global allocator that uses a lock of this crate while a thread is blocking or waking others:
//! the process ends with a message or continues, and never hangs.
//!
//! Each program runs in a process of its own, which this one starts.
//! Scenario "the allocator that uses a lock" in docs/architecture.md.
#![cfg_attr(threadwork_loom, allow(unused, reason = "models have no allocator"))]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    env,
    process::Command,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use threadwork_sync::{Event, RawLock, waits};
use threadwork_test_support::child::{self, Ended};

/// The environment variable that says which program to run, and at which of its allocations the allocator uses the lock.
const PROGRAM: &str = "THREADWORK_REENTRY";

/// The most allocations that a tried operation makes.
const ALLOCATIONS: usize = 8;

/// Held by the main thread and never released.
static HELD: RawLock = RawLock::new();

thread_local! {
    /// The number of allocations of this thread before the allocator uses the lock.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

struct Allocator;

// SAFETY: the memory is the system's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match LEFT.get() {
            Some(0) => {
                LEFT.set(None);
                assert!(HELD.acquire_timeout(Duration::from_millis(100)).is_err());
            }
            left => LEFT.set(left.map(|left| left - 1)),
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, and all memory is from there.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

#[cfg(threadwork_loom)]
fn main() {}

#[cfg(not(threadwork_loom))]
fn main() {
    if let Ok(program) = env::var(PROGRAM) {
        let (name, at) = program.rsplit_once(' ').expect("a name and a number");
        run(name, at.parse().expect("a number"));
        return;
    }
    let is_refused = |name, at| {
        let it: Ended = ended(name, at);
        let is_refused = it.stderr.contains("neither the global allocator nor");
        assert!(it.status.success() != is_refused, "{name}: {it:#?}");
        is_refused
    };
    for name in ["block", "block after others"] {
        // On a busy machine the time of an allocation's wait may be up before the thread comes to block.
        let is_ever_refused = (0..20).any(|_| (0..ALLOCATIONS).any(|at| is_refused(name, at)));
        assert!(is_ever_refused, "{name}: nothing is allocated while a thread is about to block");
    }
    for name in ["wake", "look"] {
        let refused = (0..ALLOCATIONS).find(|at| is_refused(name, *at));
        assert_eq!(refused, None, "{name}: nothing is allocated while a queue may be locked");
    }
}

/// Runs the program with the allocator using the lock at allocation number `at`, and returns how it ended.
#[track_caller]
fn ended(name: &str, at: usize) -> Ended {
    let mut program = Command::new(env::current_exe().expect("it has a path"));
    child::run(program.env(PROGRAM, format!("{name} {at}")))
}

fn run(name: &str, at: usize) {
    static EVENT: Event = Event::new();
    HELD.acquire();
    let arm = || LEFT.set(Some(at));
    match name {
        // No thread has blocked before.
        "block" => {
            arm();
            assert!(Event::new().wait_timeout(Duration::from_millis(100)).is_err());
        }
        // This thread has not blocked before.
        "block after others" => {
            let waiters = waiters(&EVENT, 5);
            arm();
            assert!(Event::new().wait_timeout(Duration::from_millis(100)).is_err());
            LEFT.set(None);
            EVENT.set();
            waiters.into_iter().for_each(|it| it.join().expect("it does not panic"));
        }
        // More threads are woken than fit the list on the stack.
        "wake" => {
            let waiters = waiters(&EVENT, 20);
            arm();
            EVENT.set();
            LEFT.set(None);
            waiters.into_iter().for_each(|it| it.join().expect("it does not panic"));
        }
        "look" => {
            let waiters = waiters(&EVENT, 5);
            arm();
            let _ = waits();
            LEFT.set(None);
            EVENT.set();
            waiters.into_iter().for_each(|it| it.join().expect("it does not panic"));
        }
        _ => unreachable!("there is no program '{name}'"),
    }
    LEFT.set(None);
}

/// Starts `count` threads that wait for the event.
fn waiters(event: &'static Event, count: usize) -> Vec<thread::JoinHandle<()>> {
    let started = Arc::new(Barrier::new(count + 1));
    let start = |_| {
        let started = Arc::clone(&started);
        thread::spawn(move || {
            started.wait();
            event.wait();
        })
    };
    let waiters = (0..count).map(start).collect();
    started.wait();
    while waits().len() < count {
        thread::yield_now();
    }
    waiters
}
