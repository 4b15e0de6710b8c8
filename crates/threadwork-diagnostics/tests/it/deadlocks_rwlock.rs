//! Deadlocks through read-write locks.

use std::{mem, sync::Arc};

use threadwork_diagnostics::find_deadlocks;
use threadwork_sync::{Barrier, Event, Lock, RwLock, RwLockUpgradableGuard, WaitKind, waits};

use crate::{
    deadlocks::{check_and_resolve, edges, start, the_deadlock},
    program::Program,
};

#[test]
fn a_read_write_lock_that_is_written_again_by_its_writer_is_found() {
    let program = Program::new(|| {
        static W: RwLock<()> = RwLock::named("w", ());

        let threads = [start("ann", |wait| {
            let _w = W.write();
            drop(W.read_with(wait));
        })];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "RwLock", "w", "ann")]);
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn two_writers_of_read_write_locks_are_found() {
    let program = Program::new(|| {
        static V: RwLock<()> = RwLock::named("v", ());
        static W: RwLock<()> = RwLock::new(());
        static READY: Barrier = Barrier::new(2);

        let threads = [
            start("ann", |wait| {
                // Not a write from the start: an upgrade.
                let _v = RwLockUpgradableGuard::upgrade(V.upgradable_read());
                READY.wait().unwrap();
                drop(W.write_with(wait));
            }),
            start("bob", |wait| {
                let _w = W.write();
                READY.wait().unwrap();
                drop(V.upgradable_read_with(wait));
            }),
        ];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "RwLock", "", "bob"), ("bob", "RwLock", "v", "ann")]);
        let address = deadlock.edges[0].address;
        assert!(deadlock.to_string().contains(&format!("read-write lock at {address:#x}, held")));
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn readers_that_want_to_write_what_the_other_reads_are_found() {
    let program = Program::new(|| {
        static V: RwLock<()> = RwLock::named("v", ());
        static W: RwLock<()> = RwLock::named("w", ());
        static READY: Barrier = Barrier::new(2);

        let threads = [
            start("ann", |wait| {
                let _v = V.read();
                READY.wait().unwrap();
                drop(W.write_with(wait));
            }),
            start("bob", |wait| {
                let _w = W.read();
                READY.wait().unwrap();
                drop(V.write_with(wait));
            }),
        ];
        let deadlock = the_deadlock();
        assert_eq!(
            edges(&deadlock),
            [("ann", "RwLock", "w", "bob"), ("bob", "RwLock", "v", "ann")]
        );
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_reader_that_reads_again_while_a_writer_waits_is_found() {
    let program = Program::new(|| {
        static W: RwLock<()> = RwLock::named("w", ());
        static READY: Event = Event::new();

        let threads = [
            start("ann", |wait| {
                let _w = W.read();
                READY.wait();
                drop(W.read_with(wait));
            }),
            start("bob", |wait| {
                while W.n_readers() == 0 {
                    std::thread::yield_now();
                }
                drop(W.write_with(wait));
            }),
        ];
        while !waits().iter().any(|it| it.name == Some("w")) {
            std::thread::yield_now();
        }
        READY.set();
        let deadlock = the_deadlock();
        assert_eq!(
            edges(&deadlock),
            [("ann", "RwLock", "w", "bob"), ("bob", "RwLock", "w", "ann")]
        );
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn an_upgrade_of_a_thread_that_reads_beside_it_is_found() {
    let program = Program::new(|| {
        static W: RwLock<()> = RwLock::named("w", ());

        let threads = [start("ann", |wait| {
            let (_plain, seen) = (W.read(), W.upgradable_read());
            assert!(RwLockUpgradableGuard::upgrade_with(seen, wait).is_err());
        })];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "RwLock", "w", "ann")]);
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn an_upgradable_reader_is_found() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a", ());
        static W: RwLock<()> = RwLock::named("w", ());
        static READY: Barrier = Barrier::new(2);

        let threads = [
            start("ann", |wait| {
                let _w = W.upgradable_read();
                READY.wait().unwrap();
                drop(A.acquire_with(wait));
            }),
            start("bob", |wait| {
                let _a = A.acquire();
                READY.wait().unwrap();
                drop(W.write_with(wait));
            }),
        ];
        let deadlock = the_deadlock();
        assert_eq!(edges(&deadlock), [("ann", "Lock", "a", "bob"), ("bob", "RwLock", "w", "ann")]);
        check_and_resolve(&deadlock, &threads, 0);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_reader_of_a_dropped_lock_is_in_no_deadlock_through_another_lock_at_its_address() {
    let program = Program::new(|| {
        static READING: Event = Event::new();
        static DONE: Event = Event::new();

        let mut w = Arc::new(RwLock::named("first", ()));
        mem::forget(w.read());
        *Arc::get_mut(&mut w).unwrap() = RwLock::named("second", ());
        let (to_read, to_write) = (Arc::clone(&w), w);
        let reader = start("reader", move |_| {
            let _w = to_read.read();
            READING.set();
            DONE.wait();
        });
        READING.wait();
        let writer = start("writer", move |_| drop(to_write.write()));
        let watcher = start("watcher", |_| {
            while ![WaitKind::RwLock, WaitKind::Join]
                .iter()
                .all(|kind| waits().iter().any(|it| it.kind == *kind))
            {
                std::thread::yield_now();
            }
            println!("{:?}", find_deadlocks());
            DONE.set();
        });
        // This thread, which forgot a guard, waits for the writer, which waits for a reader.
        writer.join().unwrap();
        reader.join().unwrap();
        watcher.join().unwrap();
    });
    assert_eq!(program.run().lines(), ["[]"]);
}
