//! Semaphores used by threads at random: no permit is lost or made up.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{
    BoundedSemaphore, ReleaseError, Semaphore, SemaphorePermit, StopSource, Wait, WaitKind,
};
use threadwork_test_support::chance::Chance;

use crate::{
    objects::{start_waiting, until},
    support::Helper,
};

const PERMITS: usize = 3;
const THREADS: usize = 5;
const STEPS: usize = 600;

static IN_USE: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

/// A semaphore of either kind.
#[derive(Clone, Copy)]
enum Kind {
    Plain(&'static Semaphore),
    Bounded(&'static BoundedSemaphore),
}

impl Kind {
    fn try_acquire(self, n: usize) -> Option<SemaphorePermit<'static>> {
        match self {
            Kind::Plain(it) => it.try_acquire_many(n),
            Kind::Bounded(it) => it.try_acquire_many(n),
        }
    }

    fn acquire(self, n: usize, wait: &Wait) -> Option<SemaphorePermit<'static>> {
        match self {
            Kind::Plain(it) => it.acquire_many_with(n, wait).ok(),
            Kind::Bounded(it) => it.acquire_many_with(n, wait).ok(),
        }
    }

    fn release(self, n: usize) -> Result<(), ReleaseError> {
        match self {
            Kind::Plain(it) => it.release(n),
            Kind::Bounded(it) => it.release(n),
        }
    }

    fn available(self) -> usize {
        match self {
            Kind::Plain(it) => it.available(),
            Kind::Bounded(it) => it.available(),
        }
    }
}

/// The stop sources of the waits of each thread, for other threads to request.
type Stops = Arc<Mutex<StopSource>>;

fn run(seed: u64, kind: Kind, in_use: &'static AtomicUsize) {
    let stops: Vec<Stops> = (0..THREADS).map(|_| Stops::default()).collect();
    let threads: Vec<_> = (0..THREADS)
        .map(|me| {
            let stops = stops.clone();
            Helper::start(move || {
                let mut chance = Chance::new(seed * 100 + me as u64);
                for _ in 0..STEPS {
                    let n = 1 + chance.place(PERMITS);
                    let wait = match chance.below(8) {
                        0 => Wait::timeout(Duration::ZERO),
                        1 => Wait::timeout(Duration::from_micros(chance.below(200))),
                        2..=4 => {
                            *stops[me].lock().unwrap() = StopSource::new();
                            until(&stops[me].lock().unwrap())
                        }
                        _ => Wait::forever(),
                    };
                    let permit = match chance.below(6) {
                        0 => kind.try_acquire(n),
                        _ => kind.acquire(n, &wait),
                    };
                    if let Some(permit) = permit {
                        assert_eq!(permit.count(), n);
                        let before = in_use.fetch_add(n, Ordering::Relaxed);
                        assert!(before + n <= PERMITS, "more permits are in use than exist");
                        if chance.below(3) == 0 {
                            std::thread::yield_now();
                        }
                        in_use.fetch_sub(n, Ordering::Relaxed);
                        if chance.below(2) == 0 {
                            permit.forget();
                            kind.release(n).expect("that many were taken");
                        }
                    }
                    stops[chance.place(THREADS)].lock().unwrap().request_stop();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(Helper::join);
    assert_eq!((kind.available(), in_use.load(Ordering::Relaxed)), (PERMITS, 0));
    assert!(kind.try_acquire(PERMITS).is_some(), "the failed waits left nothing behind");
}

#[test]
fn no_permit_of_a_semaphore_is_lost_or_made_up() {
    static SEMAPHORE: Semaphore = Semaphore::new(PERMITS);
    (0..8).for_each(|seed| run(seed, Kind::Plain(&SEMAPHORE), &IN_USE[0]));
}

#[test]
fn no_permit_of_a_bounded_semaphore_is_lost_or_made_up() {
    static SEMAPHORE: BoundedSemaphore = BoundedSemaphore::new(PERMITS);
    (8..16).for_each(|seed| run(seed, Kind::Bounded(&SEMAPHORE), &IN_USE[1]));
}

/// A release that races with the bound, and is refused or granted, never leaves a thread asleep beside a permit.
#[test]
fn releases_without_an_acquire_leave_no_thread_asleep_beside_a_permit() {
    for _ in 0..200 {
        let semaphore = Arc::new(BoundedSemaphore::new(1));
        let held = semaphore.acquire();
        let waiters = [0; 2].map(|_| {
            let semaphore = Arc::clone(&semaphore);
            start_waiting(WaitKind::Semaphore, move || drop(semaphore.acquire()))
        });
        drop(held);
        // One of them is about to take the permit; the other is still in the queue.
        for _ in 0..50 {
            let _ = semaphore.release(1);
        }
        waiters.into_iter().for_each(Helper::join);
        assert_eq!(semaphore.available(), 1);
    }
}
