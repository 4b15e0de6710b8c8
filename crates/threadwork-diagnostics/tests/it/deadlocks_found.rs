//! Deadlocks that are harder to find.

use std::sync::Arc;

use threadwork_core::current_thread;
use threadwork_diagnostics::find_deadlocks;
use threadwork_sync::{
    Barrier, Condition, Event, Lock, RawLock, StopSource, Wait, WaitError, Waiting, get_ident,
    waits,
};

use crate::{
    deadlocks::{check_and_resolve, edges, start, the_deadlock},
    program::Program,
};

#[test]
fn fair_locks_are_found_also_where_one_was_handed_over() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::from_raw(RawLock::fair().named("a"), ());
        static B: Lock<()> = Lock::from_raw(RawLock::fair().named("b"), ());
        static READY: Barrier = Barrier::new(2);

        let a = A.acquire();
        let threads = [
            start("ann", |wait| {
                // The lock is handed to it while it stands in the queue.
                let _a = A.acquire();
                READY.wait().unwrap();
                drop(B.acquire_with(wait));
            }),
            start("bob", |wait| {
                let _b = B.acquire();
                READY.wait().unwrap();
                drop(A.acquire_with(wait));
            }),
        ];
        let ident = threads[0].ident().unwrap();
        while !waits().iter().any(|it| it.thread.ident == ident && it.name == Some("a")) {
            std::thread::yield_now();
        }
        drop(a);
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Lock", "b", "bob"), ("bob", "Lock", "a", "ann")]);
        check_and_resolve(&deadlock, &threads, 1);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_thread_that_was_notified_and_waits_for_the_lock_is_found() {
    let program = Program::new(|| {
        static A: Lock<bool> = Lock::named("a", false);
        static B: Lock<()> = Lock::named("b", ());
        static CHANGED: Condition = Condition::new();

        let ann = start("ann", |_| {
            let _b = B.acquire();
            let mut a = A.acquire();
            CHANGED.wait_for(&mut a, |a| a.then_some(()));
        });
        let bob = start("bob", |wait| {
            // When this thread has the lock, the other one waits at the condition, or has not reached it yet.
            let a = loop {
                let mut a = A.acquire();
                if CHANGED.notify_all(&a) > 0 {
                    *a = true;
                    break a;
                }
            };
            drop(B.acquire_with(wait));
            drop(a);
        });
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Lock", "a", "bob"), ("bob", "Lock", "b", "ann")]);
        check_and_resolve(&deadlock, &[ann, bob], 1);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn the_main_thread_and_foreign_threads_are_found_too() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        let b = Arc::new(Lock::named("b\nanother line", ()));

        let held = b.acquire();
        let of_others = {
            let b = Arc::clone(&b);
            move || {
                let _a = A.acquire();
                drop(b.acquire());
            }
        };
        let foreign = std::thread::Builder::new().name("foreign".to_owned());
        let foreign = foreign.spawn(of_others).unwrap();
        while !A.is_locked() {
            std::thread::yield_now();
        }
        // The test harness started this thread, so it is not listed either.
        let me = get_ident().get();
        let seen = StopSource::new();
        let until_seen = Wait::forever().or_stop(&seen.token());
        let watcher = start("watcher", move |_| {
            let deadlock = the_deadlock();
            println!("{deadlock}");
            println!("{}", deadlock.edges.len());
            seen.request_stop();
        });
        assert_eq!(A.acquire_with(&until_seen).map(drop), Err(WaitError::Stopped));
        watcher.join().unwrap();
        drop(held);
        foreign.join().unwrap();
        println!("{me} {}", current_thread().name());
    });
    let ended = program.run();
    let lines = ended.lines();
    let [title, first, second, count, me] = lines[..] else { panic!("{ended:#?}") };
    assert_eq!((title, count), ("deadlock of 2 threads:", "2"));
    let (me, _) = me.split_once(' ').unwrap();
    assert!(first.contains(&format!("' (#{me}) waits at ")), "{first}");
    assert!(second.contains(r" for the lock 'b\nanother line', held by '"), "{second}");
    assert!(second.ends_with(&format!("' (#{me})")), "{second}");
    if cfg!(all(target_os = "linux", not(threadwork_portable))) {
        assert!(first.contains(" for the lock 'a', held by 'foreign' (#"), "{first}");
        assert!(second.starts_with("  'foreign' (#"), "{second}");
    }
}

#[test]
fn a_thread_that_only_waits_is_in_no_deadlock() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static GO: Event = Event::new().named("go");

        let threads: Vec<_> = (0..20)
            .map(|number| {
                start(&number.to_string(), |_| {
                    let _a = A.acquire();
                    GO.wait();
                })
            })
            .collect();
        let waits_here = |it: &Waiting| matches!(it.name, Some("a" | "go"));
        while waits().iter().filter(|it| waits_here(it)).count() < 20 {
            std::thread::yield_now();
        }
        assert_eq!(find_deadlocks(), []);
        GO.set();
        threads.iter().for_each(|it| it.join().unwrap());
    });
    assert!(program.run().lines().is_empty());
}
