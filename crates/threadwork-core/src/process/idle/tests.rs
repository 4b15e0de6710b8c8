//! Idle operating system threads, step by step.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{Lock, LockGuard, Waiting, waits};
use threadwork_test_support::patience::until;

use super::{BRIEFLY, MOST, Run, Seat, idle, run_in_idle, seats};

/// Keeps the other tests here from the list of idle threads, which is that of the whole process.
fn alone() -> LockGuard<'static, ()> {
    static ALONE: Lock<()> = Lock::new(());
    ALONE.acquire()
}

fn seat(stack_size: usize) -> Arc<Seat> {
    Arc::new(Seat::here(stack_size))
}

fn adds(to: &Arc<AtomicUsize>, number: usize) -> Run {
    let to = Arc::clone(to);
    Box::new(move || to.fetch_add(number, Ordering::Relaxed) > 0)
}

#[test]
fn the_idle_thread_that_ran_last_is_used_first_and_only_with_its_size_of_stack() {
    let _alone = alone();
    let (first, last, other) = (seat(1_000_001), seat(1_000_001), seat(1_000_002));
    for it in [&first, &last, &other] {
        assert!(it.becomes_idle());
    }
    let sum = Arc::new(AtomicUsize::new(0));
    for (number, seat) in [(1, &last), (10, &first)] {
        assert!(run_in_idle(1_000_001, adds(&sum, number)).is_ok());
        assert!(seat.given.is_set());
        seat.take().unwrap()();
        assert_eq!(sum.swap(0, Ordering::Relaxed), number);
        assert!(!seat.given.is_set(), "it can be given another one");
    }
    let Err(run) = run_in_idle(1_000_001, adds(&sum, 100)) else { panic!("there is none left") };
    run();
    assert_eq!(sum.load(Ordering::Relaxed), 100, "what was not taken comes back");
    assert!(!other.given.is_set() && other.leaves());
}

#[test]
fn a_thread_whose_patience_ends_while_it_is_given_something_runs_it() {
    let _alone = alone();
    let (seat, sum) = (seat(1_000_001), Arc::new(AtomicUsize::new(0)));
    assert!(seat.becomes_idle());
    assert!(idle().iter().any(|it| it.0 == seat.ident));
    // A starter has taken it off the list, and has still to give it something.
    seats().retain(|it| !Arc::ptr_eq(it, &seat));
    let its_seat = Arc::clone(&seat);
    let began = Instant::now();
    let waiter = thread::spawn(move || its_seat.wait_while(Duration::ZERO).map(|run| run()));
    // The first of its waits is over.
    let is_it = |it: &Waiting| it.name == Some("the next thread") && it.since >= began + BRIEFLY;
    until("it does not wait", || waits().iter().any(is_it));
    seat.next.acquire().replace(adds(&sum, 7));
    seat.given.set();
    assert_eq!(waiter.join().unwrap(), Some(false), "the sum was zero before");
    assert_eq!(sum.load(Ordering::Relaxed), 7);
}

#[test]
fn a_thread_whose_patience_has_ended_is_given_nothing() {
    let _alone = alone();
    let (seat, sum) = (seat(1_000_001), Arc::new(AtomicUsize::new(0)));
    assert!(seat.becomes_idle());
    assert!(seat.leaves(), "the idle thread was first");
    assert!(run_in_idle(1_000_001, adds(&sum, 7)).is_err());
    assert!(!idle().iter().any(|it| it.0 == seat.ident));
}

#[test]
fn no_more_than_the_most_are_idle() {
    let _alone = alone();
    let all: Vec<_> = (0..MOST).map(|_| seat(1_000_001)).collect();
    let before = seats().len();
    let n_idle = all.iter().filter(|it| it.becomes_idle()).count();
    assert_eq!(before + n_idle, MOST, "no thread of these tests becomes idle or leaves meanwhile");
    assert!(!seat(1_000_001).becomes_idle());
    assert_eq!(all.iter().filter(|it| it.leaves()).count(), n_idle);
}
