//! Scoped threads: borrows and results.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use threadwork_core::{
    Outcome, ResultError, Runnable, ScopeBuilder, ScopedThread, StartError, Thread, ThreadGroup,
    ThreadState, current_thread, enumerate, scope,
};
use threadwork_sync::{Event, Lock, WaitKind, get_native_id};

use crate::support::{ABSURD_STACK_SIZE, PATIENCE, blocked, eventually, in_time, join};

#[test]
fn threads_borrow_from_outside_the_scope() {
    let mut words = vec!["a", "b"];
    let count = AtomicU32::new(0);
    let returned = scope(|scope| {
        scope.call(|| words.push("c")).unwrap();
        for _ in 0..3 {
            scope.call(|| count.fetch_add(1, Ordering::Relaxed)).unwrap();
        }
        7
    });
    assert_eq!((returned, words, count.into_inner()), (7, vec!["a", "b", "c"], 3));
}

#[test]
fn a_runnable_is_given_back_after_its_run() {
    struct Sum<'a> {
        numbers: &'a [u32],
        sum: u32,
    }
    impl Runnable for Sum<'_> {
        fn run(&mut self) {
            self.sum = self.numbers.iter().sum();
        }
        fn name(&self) -> std::borrow::Cow<'_, str> {
            format!("sum of {}", self.numbers.len()).into()
        }
    }

    let numbers = [1, 2, 3, 4];
    scope(|scope| {
        let thread = scope.start(Sum { numbers: &numbers[1..], sum: 0 }).unwrap();
        let name = thread.name();
        assert!(name.starts_with("Thread-") && name.ends_with(" (sum of 3)"), "{name}");
        let named = Thread::builder().name("adder");
        let other = scope.start_as(named, Sum { numbers: &numbers, sum: 0 }).unwrap();
        assert_eq!(other.name(), "adder");
        assert_eq!(thread.into_result().unwrap().sum, 9);
        assert_eq!(other.into_result().unwrap().sum, 10);
    });
}

#[test]
fn a_scoped_thread_has_a_default_name() {
    fn download() -> u32 {
        7
    }
    let group = ThreadGroup::new("borrowers");
    scope(|scope| {
        let thread = scope.call(download).unwrap();
        assert!(thread.name().ends_with(" (download)"), "{}", thread.name());
        assert_eq!(scope.call_as(group.builder(), download).unwrap().name(), "borrowers/worker-1");
        let named = Thread::builder().name("own").group(&group);
        assert_eq!(scope.call_as(named, download).unwrap().name(), "own");
        assert_eq!(thread.into_result().unwrap(), 7);
    });
}

#[test]
fn a_scoped_thread_has_the_states_of_any_thread() {
    in_time(|| {
        let gate = Event::new();
        let handle = scope(|scope| {
            let thread = scope.call(|| gate.wait()).unwrap();
            assert_eq!(blocked(&thread).kind, WaitKind::Event);
            assert_eq!(thread.state(), ThreadState::Running);
            assert!(enumerate().contains(&thread));
            assert!(thread.outcome().is_none());
            assert_eq!(thread.native_id().is_some(), get_native_id().is_some());
            assert!(format!("{thread:?}").starts_with("Thread { name: "));
            gate.set();
            thread.handle().clone()
        });
        // The handle outlives the scope.
        assert_eq!(handle.state(), ThreadState::Finished);
        assert!(matches!(handle.outcome(), Some(Outcome::Finished)));
        handle.join().unwrap();
        assert!(!enumerate().contains(&handle));
        handle.set_name("renamed").unwrap();
        assert_eq!(handle.name(), "renamed");
    });
}

#[test]
fn a_scope_waits_for_threads_that_are_not_joined() {
    in_time(|| {
        let (gate, ended) = (Event::new(), AtomicBool::new(false));
        let other = &gate;
        scope(|scope| {
            scope
                .call(|| {
                    gate.wait();
                    (0..10).for_each(|_| std::thread::yield_now());
                    ended.store(true, Ordering::Relaxed);
                })
                .unwrap();
            other.set();
        });
        assert!(ended.into_inner());
    });
}

#[test]
fn threads_start_threads_of_the_same_scope() {
    fn descend<'scope>(
        scope: &threadwork_core::Scope<'scope, '_>,
        count: &'scope AtomicU32,
        levels: u32,
    ) {
        count.fetch_add(1, Ordering::Relaxed);
        let inner = scope.clone();
        if levels > 0 {
            scope.call(move || descend(&inner, count, levels - 1)).unwrap();
        }
    }
    in_time(|| {
        let count = AtomicU32::new(0);
        scope(|scope| descend(scope, &count, 50));
        assert_eq!(count.into_inner(), 51);
    });
}

#[test]
fn scopes_can_be_nested() {
    let numbers = [1, 2, 3];
    let sum = scope(|outer| {
        let thread = outer.call(|| {
            scope(|inner| {
                let threads = numbers.each_ref().map(|it| inner.call(move || it * 2).unwrap());
                threads.into_iter().map(|it| it.into_result().unwrap()).sum::<i32>()
            })
        });
        thread.unwrap().into_result().unwrap()
    });
    assert_eq!(sum, 12);
}

#[test]
fn a_thread_that_asks_for_its_own_result_gets_an_error() {
    in_time(|| {
        let (given, error) = (Event::new(), Lock::new(None));
        scope(|scope| {
            let own = Arc::new(Lock::new(None::<ScopedThread<'_, ()>>));
            let (inside, given, error) = (Arc::clone(&own), &given, &error);
            let thread = scope.call(move || {
                given.wait();
                let own = inside.acquire().take();
                *error.acquire() = own.and_then(|it| it.into_result().err());
            });
            *own.acquire() = Some(thread.unwrap());
            given.set();
        });
        assert!(matches!(*error.acquire(), Some(ResultError::CurrentThread)));
    });
}

#[test]
fn a_refused_thread_is_an_error_and_leaves_nothing_behind() {
    let (group, ran) = (ThreadGroup::new("refused"), AtomicBool::new(false));
    let kept = Arc::new(());
    scope(|scope| {
        let builder = || group.builder().stack_size(ABSURD_STACK_SIZE);
        let owned = Arc::clone(&kept);
        let refused = scope.call_as(builder(), || {
            drop(owned);
            ran.store(true, Ordering::Relaxed);
        });
        assert!(matches!(refused, Err(StartError::Os(_))));
        assert_eq!(Arc::strong_count(&kept), 1);
        group.set_limit(0);
        let full = scope.start_as(group.builder(), || ran.store(true, Ordering::Relaxed));
        assert!(matches!(full, Err(StartError::GroupFull { .. })));
    });
    assert!(!ran.into_inner());
    assert_eq!(group.count(), 0);
}

/// Counts drops.
struct Counted<'a>(&'a AtomicU32);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_result_is_dropped_once_by_its_last_owner() {
    let drops = AtomicU32::new(0);
    scope(|scope| {
        let taken = scope.call(|| Counted(&drops)).unwrap().into_result().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        drop(taken);
        assert_eq!(drops.load(Ordering::SeqCst), 1);

        let ended = scope.call(|| Counted(&drops)).unwrap();
        join(&ended).unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1, "the result is kept for its owner");
        drop(ended);
        assert_eq!(drops.load(Ordering::SeqCst), 2);

        let gate = Arc::new(Event::new());
        let waits = Arc::clone(&gate);
        let counted = &drops;
        let forgotten = scope.call(move || {
            waits.wait();
            Counted(counted)
        });
        let handle = forgotten.unwrap().handle().clone();
        gate.set();
        join(&handle).unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 3, "the thread itself dropped it");
        scope.call(|| Counted(&drops)).unwrap();
    });
    assert_eq!(drops.into_inner(), 4);
}

#[test]
fn a_long_scope_does_not_keep_the_data_of_ended_threads() {
    let kept = Arc::new(());
    let mut most = 0;
    scope(|scope| {
        for _ in 0..500 {
            let owned = Arc::clone(&kept);
            let builder =
                Thread::builder().on_panic(move |_, _| assert!(Arc::strong_count(&owned) > 0));
            scope.call_as(builder, || ()).unwrap().into_result().unwrap();
            most = most.max(Arc::strong_count(&kept));
        }
    });
    assert!(most < 50, "{most} of 500");
}

#[test]
fn the_record_of_a_wait_for_a_scoped_thread_has_the_callers_line() {
    in_time(|| {
        let gate = Event::new();
        let waiter = Lock::new(None);
        scope(|scope| {
            let waits = scope.call(|| {
                threadwork_core::scope(|inner| {
                    let thread = inner.call(|| gate.wait()).unwrap();
                    *waiter.acquire() = Some((current_thread(), line!() + 1));
                    thread.into_result().unwrap();
                });
            });
            let (thread, line) = eventually("the waiter does not run", || waiter.acquire().clone());
            let record = blocked(&thread);
            gate.set();
            assert_eq!((record.kind, record.location.line()), (WaitKind::Join, line));
            waits.unwrap();
        });
    });
}

#[test]
fn a_scope_has_the_settings_of_its_builder() {
    let returned = ScopeBuilder::new().timeout(PATIENCE).run(|scope| {
        let shown = format!("{scope:?}");
        assert_eq!(shown, "Scope { stop_requested: false, .. }");
        scope.call(|| 7).unwrap().into_result().unwrap()
    });
    assert_eq!(returned.unwrap(), 7);
}
