//! Waiting for the end of a thread.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_core::{JoinError, MyThread, Thread, ThreadHandle, enumerate};
use threadwork_sync::{Event, StopSource, Wait, WaitKind};

use crate::support::{Gated, blocked, eventually, join, record_of, run};

const TOO_LONG: [Duration; 2] = [Duration::from_secs(u64::MAX), Duration::MAX];

type Join = fn(&ThreadHandle) -> Result<(), JoinError>;
type Joiner<F> = MyThread<F, Result<(), JoinError>>;

/// Starts a thread that joins another, and returns once it is blocked.
#[track_caller]
fn joiner<W>(
    thread: &ThreadHandle,
    wait: W,
) -> Joiner<impl FnOnce() -> Result<(), JoinError> + use<W>>
where
    W: FnOnce(&ThreadHandle) -> Result<(), JoinError> + Send + 'static,
{
    let thread = thread.clone();
    let joiner = MyThread::new(move || wait(&thread));
    joiner.start().unwrap();
    blocked(&joiner);
    joiner
}

#[track_caller]
fn ended<F: Send>(joiner: Joiner<F>) -> Result<(), JoinError> {
    join(&joiner).unwrap();
    joiner.get_result().unwrap().clone()
}

/// After `ThreadTests.test_join_from_multiple_threads`.
#[test]
fn many_join_one_thread_and_all_return() {
    let gated = Gated::started();
    let joiners: Vec<_> = (0..8)
        .map(|number| {
            joiner(&gated, move |it| match number % 4 {
                0 => it.join(),
                1 => it.join_timeout(Duration::from_secs(1000)),
                2 => it.join_timeout(Duration::MAX),
                _ => it.join_with(&Wait::forever().or_stop(&StopSource::new().token())),
            })
        })
        .collect();
    gated.open();
    for joiner in joiners {
        ended(joiner).unwrap();
    }
    gated.end().unwrap();
}

#[test]
fn every_joiner_gets_the_panic() {
    let gated = Gated::calling(|| panic!("for all of you"));
    gated.start().unwrap();
    blocked(&gated);
    let joiners: Vec<_> = (0..8)
        .map(|number| {
            joiner(&gated, move |it| match number % 2 {
                0 => it.join(),
                _ => it.join_timeout(Duration::from_secs(1000)),
            })
        })
        .collect();
    gated.open();
    for joiner in joiners {
        let Err(JoinError::Panicked(panic)) = ended(joiner) else { panic!("no panic") };
        assert_eq!(panic.message(), "for all of you");
    }
    for _ in 0..3 {
        assert!(matches!(gated.join(), Err(JoinError::Panicked(_))), "a late joiner gets it too");
    }
}

#[test]
fn a_thread_can_be_joined_many_times_in_all_ways() {
    let thread = Thread::new(|| ());
    run(&thread).unwrap();
    for _ in 0..3 {
        thread.join().unwrap();
        thread.join_timeout(Duration::ZERO).unwrap();
        thread.join_timeout(Duration::MAX).unwrap();
        thread.join_with(&Wait::timeout(Duration::ZERO)).unwrap();
        thread.handle().clone().join().unwrap();
    }
}

/// After `ThreadTests.test_join_with_timeout`.
#[test]
fn a_join_with_a_deadline_says_whether_the_thread_has_ended() {
    let gated = Gated::started();
    assert!(matches!(gated.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    assert!(matches!(gated.join_timeout(Duration::from_nanos(1)), Err(JoinError::TimedOut)));
    assert!(gated.is_alive());
    let patient = joiner(&gated, |it| it.join_timeout(Duration::from_secs(1000)));
    gated.open();
    ended(patient).unwrap();
    assert!(!gated.is_alive());
    gated.join_timeout(Duration::ZERO).unwrap();
}

#[test]
fn a_timeout_too_long_for_the_clock_means_no_timeout() {
    for timeout in TOO_LONG {
        let gated = Gated::started();
        let patient = joiner(&gated, move |it| it.join_timeout(timeout));
        assert!(gated.is_alive(), "a join does not affect the thread");
        gated.open();
        ended(patient).unwrap();
        gated.join_timeout(timeout).unwrap();
    }
}

#[test]
fn a_stop_ends_a_join_and_leaves_the_others_joining() {
    let gated = Gated::started();
    let stop = StopSource::new();
    let token = stop.token();
    let before = joiner(&gated, ThreadHandle::join);
    let stopped = joiner(&gated, move |it| it.join_with(&Wait::forever().or_stop(&token)));
    let behind = joiner(&gated, ThreadHandle::join);
    stop.request_stop();
    assert!(matches!(ended(stopped), Err(JoinError::WaitStopped)));
    assert!(gated.is_alive() && !gated.stop_requested(), "the joiner was stopped, not the thread");
    blocked(&before);
    blocked(&behind);
    let at_once = gated.join_with(&Wait::forever().or_stop(&stop.token()));
    assert!(matches!(at_once, Err(JoinError::WaitStopped)));
    gated.open();
    ended(before).unwrap();
    ended(behind).unwrap();
    gated.join_with(&Wait::forever().or_stop(&stop.token())).expect("the thread has ended");
}

#[test]
fn a_join_with_deadline_and_stop_ends_at_either() {
    let gated = Gated::started();
    let stop = StopSource::new();
    let at_once = Wait::timeout(Duration::ZERO).or_stop(&stop.token());
    assert!(matches!(gated.join_with(&at_once), Err(JoinError::TimedOut)));
    stop.request_stop();
    assert!(matches!(gated.join_with(&at_once), Err(JoinError::WaitStopped)));
    gated.end().unwrap();
}

#[test]
fn a_join_with_a_deadline_returns_while_another_joins_without() {
    let gated = Gated::started();
    let endless = joiner(&gated, ThreadHandle::join);
    assert!(matches!(gated.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    let second = joiner(&gated, ThreadHandle::join);
    assert!(matches!(gated.join_timeout(Duration::ZERO), Err(JoinError::TimedOut)));
    gated.open();
    ended(endless).unwrap();
    ended(second).unwrap();
    gated.end().unwrap();
}

/// After `ThreadTests.test_enumerate_after_join`.
#[test]
fn a_thread_that_was_joined_is_not_listed() {
    for _ in 0..200 {
        let thread = Thread::new(|| ());
        thread.start().unwrap();
        thread.join().unwrap();
        assert!(!enumerate().contains(&thread));
        let thread = Thread::new(|| ());
        thread.start().unwrap();
        thread.join_timeout(Duration::from_secs(1000)).unwrap();
        assert!(!enumerate().contains(&thread));
    }
}

/// Runs a function in a thread-local destructor.
struct AtTheEnd(Box<dyn FnOnce()>);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        std::mem::replace(&mut self.0, Box::new(|| ()))();
    }
}

thread_local! {
    static LAST: RefCell<Vec<AtTheEnd>> = const { RefCell::new(Vec::new()) };
}

fn at_the_end(f: impl FnOnce() + 'static) {
    LAST.with_borrow_mut(|last| last.push(AtTheEnd(Box::new(f))));
}

#[test]
fn after_a_join_the_thread_local_values_of_the_thread_are_dropped() {
    for _ in 0..50 {
        let dropped = Arc::new(AtomicBool::new(false));
        let inside = Arc::clone(&dropped);
        let thread = Thread::new(move || {
            let inside = Arc::clone(&inside);
            at_the_end(move || {
                (0..10).for_each(|_| std::thread::yield_now());
                inside.store(true, Ordering::SeqCst);
            });
        });
        thread.start().unwrap();
        thread.join().unwrap();
        assert!(dropped.load(Ordering::SeqCst));
    }
}

#[test]
fn every_join_without_a_deadline_waits_for_thread_local_destructors() {
    let (dropping, enough) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let dropped = Arc::new(AtomicBool::new(false));
    let thread = Thread::new({
        let (dropping, enough, dropped) =
            (Arc::clone(&dropping), Arc::clone(&enough), Arc::clone(&dropped));
        move || {
            let (dropping, enough, dropped) =
                (Arc::clone(&dropping), Arc::clone(&enough), Arc::clone(&dropped));
            at_the_end(move || {
                dropping.set();
                enough.wait();
                dropped.store(true, Ordering::SeqCst);
            });
        }
    });
    thread.start().unwrap();
    dropping.wait();
    assert!(!thread.is_alive(), "its runnable has returned");
    thread
        .join_timeout(Duration::ZERO)
        .expect("a join with a deadline does not wait for thread-local destructors");
    let joiners: Vec<_> = (0..3)
        .map(|_| {
            let dropped = Arc::clone(&dropped);
            joiner(&thread, move |it| {
                it.join().inspect(|()| assert!(dropped.load(Ordering::SeqCst)))
            })
        })
        .collect();
    assert!(!dropped.load(Ordering::SeqCst));
    enough.set();
    for joiner in joiners {
        ended(joiner).unwrap();
    }
    assert!(dropped.load(Ordering::SeqCst));
}

#[test]
fn a_thread_may_not_join_itself_from_a_thread_local_destructor_either() {
    let error = Arc::new(threadwork_sync::Lock::new(None));
    let inside = Arc::clone(&error);
    let thread = Thread::new(move || {
        let (current, inside) = (threadwork_core::current_thread(), Arc::clone(&inside));
        at_the_end(move || *inside.acquire() = current.join().err());
    });
    run(&thread).unwrap();
    assert!(matches!(*error.acquire(), Some(JoinError::CurrentThread)));
}

#[test]
fn the_record_of_a_join_has_the_thread_and_the_callers_line() {
    let gated = Gated::started();
    let line = line!() + 1;
    let joins: [Join; 4] = [
        |it| it.join(),
        |it| it.join(),
        |it| it.join_timeout(Duration::from_secs(1000)),
        |it| it.join_with(&Wait::timeout(Duration::MAX)),
    ];
    let joiners = joins.map(|join| joiner(&gated, join));
    for (joiner, line) in joiners.iter().zip(line + 1..) {
        let record = blocked(joiner);
        assert_eq!((record.kind, record.holder), (WaitKind::Join, gated.ident()));
        assert_eq!((record.location.file(), record.location.line()), (file!(), line));
    }
    gated.open();
    for joiner in joiners {
        let ident = joiner.ident().unwrap();
        ended(joiner).unwrap();
        assert_eq!(record_of(ident), None);
    }
}

#[test]
fn threads_that_join_each_other_in_a_chain_all_end() {
    let gated = Gated::started();
    let mut chain: Vec<ThreadHandle> = vec![gated.handle().clone()];
    for _ in 0..10 {
        chain.push(joiner(chain.last().unwrap(), ThreadHandle::join).handle().clone());
    }
    gated.open();
    for thread in chain.iter().rev() {
        join(thread).unwrap();
    }
    assert!(chain.iter().all(|it| !it.is_alive()));
}

#[test]
fn a_join_while_the_thread_is_being_started_waits_for_its_end() {
    for _ in 0..200 {
        let thread = Thread::new(std::thread::yield_now);
        let handle = thread.handle().clone();
        let joiner = MyThread::new(move || {
            eventually("the thread is not started", || match handle.join() {
                Err(JoinError::NotStarted) => None,
                ended => Some((ended, handle.state())),
            })
        });
        joiner.start().unwrap();
        thread.start().unwrap();
        join(&joiner).unwrap();
        let (ended, state) = joiner.get_result().unwrap();
        assert!(ended.is_ok() && state.has_ended());
        thread.join().unwrap();
    }
}
