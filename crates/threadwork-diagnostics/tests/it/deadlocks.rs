//! Real deadlocks, and their reports.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use threadwork_core::{Thread, ThreadHandle, current_stop_token, enumerate};
use threadwork_diagnostics::{Deadlock, find_deadlocks};
use threadwork_sync::{Barrier, Event, Lock, RLock, RwLock, Wait};

use crate::program::Program;

/// Starts a thread with that name. Its function gets a wait that a stop ends.
pub(crate) fn start(name: &str, run: impl FnOnce(&Wait) + Send + 'static) -> Thread {
    let mut run = Some(run);
    let run = move || {
        let wait = Wait::forever().or_stop(&current_stop_token());
        run.take().expect("it runs once")(&wait);
    };
    let thread: Thread = Thread::builder().name(name).build(run).into();
    thread.start().unwrap();
    thread
}

/// Waits until there is a deadlock, which must be the only one.
pub(crate) fn the_deadlock() -> Deadlock {
    loop {
        match &find_deadlocks()[..] {
            [] => std::thread::yield_now(),
            [deadlock] => return deadlock.clone(),
            more => panic!("{more:#?}"),
        }
    }
}

/// The waiter, the kind, the object and the holder of each edge.
pub(crate) fn edges(deadlock: &Deadlock) -> Vec<(&str, &str, &str, &str)> {
    let edges = deadlock.edges.iter();
    edges
        .map(|it| {
            let object = it.object.as_deref().unwrap_or("");
            (&*it.waiter, &*it.kind, object, &*it.holder)
        })
        .collect()
}

/// Checks that the report is consistent, and that a stop of one of its threads resolves the deadlock.
pub(crate) fn check_and_resolve(deadlock: &Deadlock, threads: &[Thread], stopped: usize) {
    let edges = &deadlock.edges;
    for (edge, next) in edges.iter().zip(edges.iter().cycle().skip(1)) {
        let thread = threads.iter().find(|it| it.name() == edge.waiter).expect("one of them");
        assert_eq!(edge.waiter_ident, thread.ident().unwrap().get());
        assert_eq!((&edge.holder, edge.holder_ident), (&next.waiter, next.waiter_ident));
        assert_eq!(edge.holder_location, next.location);
        assert!(edge.location.contains("tests/it/deadlocks"), "it waits here: {edge}");
        assert!(deadlock.to_string().contains(&edge.location), "{deadlock}");
    }
    assert!(edges.iter().all(|it| it.waiter_ident >= edges[0].waiter_ident));
    assert_eq!(find_deadlocks(), std::slice::from_ref(deadlock), "the search changed nothing");
    threads[stopped].request_stop();
    threads.iter().for_each(|it| it.join().unwrap());
    assert_eq!(find_deadlocks(), []);
}

#[test]
fn two_threads_with_two_locks_are_found_with_both_lines_of_each_edge() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static B: Lock<()> = Lock::named("b", ());
        static READY: Barrier = Barrier::new(2);
        static LINES: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

        let ann = start("ann", |wait| {
            let _a = A.acquire();
            READY.wait().unwrap();
            LINES[0].store(line!() + 1, Ordering::Relaxed);
            drop(B.acquire_with(wait));
        });
        let bob = start("bob", |wait| {
            let _b = B.acquire();
            READY.wait().unwrap();
            LINES[1].store(line!() + 1, Ordering::Relaxed);
            drop(A.acquire_with(wait));
        });
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Lock", "b", "bob"), ("bob", "Lock", "a", "ann")]);
        let lines = LINES.each_ref().map(|it| it.load(Ordering::Relaxed));
        for (edge, line) in deadlock.edges.iter().zip(lines) {
            assert!(edge.location.starts_with(&format!("{}:{line}:", file!())), "{deadlock:#?}");
        }
        let [first, second] = &deadlock.edges[..] else { panic!("{deadlock}") };
        assert_eq!(
            deadlock.to_string(),
            format!(
                "deadlock of 2 threads:\n  \
                 'ann' (#{0}) waits at {1} for the lock 'b', held by 'bob' (#{2})\n  \
                 'bob' (#{2}) waits at {3} for the lock 'a', held by 'ann' (#{0})",
                first.waiter_ident, first.location, second.waiter_ident, second.location
            )
        );
        check_and_resolve(&deadlock, &[ann, bob], 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn three_threads_with_a_lock_a_re_entrant_one_and_a_read_write_one_are_found() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static R: RLock<()> = RLock::named("r", ());
        static W: RwLock<()> = RwLock::named("w", ());
        static READY: Barrier = Barrier::new(3);

        let threads = [
            start("ann", |wait| {
                let _a = A.acquire();
                READY.wait().unwrap();
                drop(R.acquire_with(wait));
            }),
            start("bob", |wait| {
                let _r = (R.acquire(), R.acquire());
                READY.wait().unwrap();
                drop(W.read_with(wait));
            }),
            start("cid", |wait| {
                let _w = W.write();
                READY.wait().unwrap();
                drop(A.acquire_with(wait));
            }),
            // Not part of the circle.
            start("eve", |wait| drop(W.write_with(wait))),
        ];
        let deadlock = the_deadlock();
        assert_eq!(
            edges(&deadlock),
            [
                ("ann", "RLock", "r", "bob"),
                ("bob", "RwLock", "w", "cid"),
                ("cid", "Lock", "a", "ann")
            ]
        );
        assert!(deadlock.to_string().contains("for the re-entrant lock 'r', held by 'bob'"));
        assert!(deadlock.to_string().contains("for the read-write lock 'w', held by 'cid'"));
        check_and_resolve(&deadlock, &threads, 1);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn threads_that_join_each_other_are_found() {
    let program = Program::new(|| {
        static HANDLES: Lock<Vec<ThreadHandle>> = Lock::new(Vec::new());
        static READY: Event = Event::new();

        let join = |place: usize| {
            move |wait: &Wait| {
                READY.wait();
                let other = HANDLES.acquire()[place].clone();
                let _ = other.join_with(wait);
            }
        };
        let threads = [start("ann", join(1)), start("bob", join(2)), start("cid", join(0))];
        HANDLES.acquire().extend(threads.iter().map(|it| it.handle().clone()));
        READY.set();
        let deadlock = the_deadlock();
        assert_eq!(
            edges(&deadlock),
            [("ann", "Join", "", "bob"), ("bob", "Join", "", "cid"), ("cid", "Join", "", "ann")]
        );
        assert!(deadlock.to_string().contains("for the end of 'bob' (#"), "{deadlock}");
        check_and_resolve(&deadlock, &threads, 2);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_thread_that_joins_one_that_waits_for_its_lock_is_found() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());

        let threads = [start("ann", |_| {
            let _a = A.acquire();
            let bob = start("bob", |wait| drop(A.acquire_with(wait)));
            // A join without end is another kind of wait than one that a stop can end.
            bob.join().unwrap();
        })];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Join", "", "bob"), ("bob", "Lock", "a", "ann")]);
        let bob = enumerate().into_iter().find(|it| it.name() == "bob").unwrap();
        bob.request_stop();
        threads[0].join().unwrap();
        assert_eq!(find_deadlocks(), []);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_lock_that_is_acquired_again_by_its_holder_is_found_as_such() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());

        let threads = [start("ann", |wait| {
            let _a = A.acquire();
            drop(A.acquire_with(wait));
        })];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Lock", "a", "ann")]);
        let ident = threads[0].ident().unwrap();
        let location = &deadlock.edges[0].location;
        assert_eq!(
            deadlock.to_string(),
            format!(
                "deadlock of one thread with itself:\n  \
                 'ann' (#{ident}) waits at {location} for the lock 'a', which it holds itself"
            )
        );
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_deadlock_with_timeouts_is_found_and_ends_with_one_of_them() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static B: Lock<()> = Lock::named("b", ());
        static READY: Barrier = Barrier::new(2);
        const LONG: Duration = Duration::from_secs(3600);

        let threads = [
            start("ann", |wait| {
                let _a = A.acquire();
                READY.wait().unwrap();
                let wait = Wait::timeout(LONG).or_stop(wait.stop_token().unwrap());
                assert!(B.acquire_with(&wait).is_err());
            }),
            start("bob", |_| {
                let _b = B.acquire();
                READY.wait().unwrap();
                assert!(A.acquire_timeout(LONG).is_ok());
            }),
        ];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Lock", "b", "bob"), ("bob", "Lock", "a", "ann")]);
        check_and_resolve(&deadlock, &threads, 0);

        // Now with a timeout that passes. The deadlock must be seen before it does: if it is not, the next attempt has more time.
        let mut timeout = Duration::from_millis(50);
        loop {
            let shorter = [
                start("ann", move |_| {
                    let _a = A.acquire();
                    READY.wait().unwrap();
                    assert!(B.acquire_timeout(timeout).is_err());
                }),
                start("bob", |_| {
                    let _b = B.acquire();
                    READY.wait().unwrap();
                    drop(A.acquire());
                }),
            ];
            let mut found = Vec::new();
            while found.is_empty() && shorter[0].is_alive() {
                found = find_deadlocks();
            }
            shorter.iter().for_each(|it| it.join().unwrap());
            assert_eq!(find_deadlocks(), []);
            if let [deadlock] = &found[..] {
                assert_eq!(deadlock.edges.len(), 2);
                break;
            }
            timeout *= 2;
        }
    });
    assert!(program.run().lines().is_empty());
}
