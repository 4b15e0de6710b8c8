//! `waits()`: the readers of a lock that a writer waits for.
//!
//! Scenario "the lock that takes another's address" in docs/architecture.md.

use std::{
    mem,
    num::NonZeroU64,
    sync::{Arc, mpsc::channel},
};

use threadwork_sync::{Event, RwLock, StopSource, Wait, WaitKind, get_ident};

use crate::{objects::waits_for, support::Helper};

/// Returns the readers named in the record of a thread that waits to write.
fn readers_of(lock: &Arc<RwLock<u32>>) -> Vec<NonZeroU64> {
    let stop = StopSource::new();
    let wait = Wait::forever().or_stop(&stop.token());
    let other = Arc::clone(lock);
    let writer = Helper::start(move || assert!(other.write_with(&wait).is_err()));
    let readers = waits_for(WaitKind::RwLock, &writer).readers;
    stop.request_stop();
    writer.join();
    readers
}

/// A waiting thread that forgot its read guard of a lock; no other thread shares the lock any more.
struct Forgetful {
    ident: NonZeroU64,
    helper: Helper<()>,
    done: Arc<Event>,
}

impl Forgetful {
    fn start() -> (Forgetful, Arc<RwLock<u32>>) {
        let (give, take) = channel();
        let done = Arc::new(Event::new());
        let is_done = Arc::clone(&done);
        let helper = Helper::start(move || {
            let lock = Arc::new(RwLock::named("first", 1));
            mem::forget(lock.read());
            give.send((get_ident(), lock)).unwrap();
            is_done.wait();
        });
        let (ident, lock) = take.recv().unwrap();
        waits_for(WaitKind::Event, &helper);
        (Forgetful { ident, helper, done }, lock)
    }

    fn end(self) {
        self.done.set();
        self.helper.join();
    }
}

#[test]
fn a_thread_that_forgot_its_guard_is_a_reader_as_long_as_the_lock_exists() {
    let (thread, lock) = Forgetful::start();
    assert_eq!(readers_of(&lock), [thread.ident]);
    thread.end();
}

#[test]
fn it_is_no_reader_of_another_lock_at_the_same_address() {
    let (thread, mut lock) = Forgetful::start();
    *Arc::get_mut(&mut lock).unwrap() = RwLock::named("second", 2);
    let guard = lock.read();
    assert_eq!(readers_of(&lock), [], "a reader that does not wait itself is not named");
    drop(guard);
    thread.end();
}

#[test]
fn it_is_a_reader_of_the_lock_after_a_move_too() {
    let (thread, mut lock) = Forgetful::start();
    let first = mem::replace(Arc::get_mut(&mut lock).unwrap(), RwLock::named("second", 2));
    let guard = lock.read();
    assert_eq!(readers_of(&lock), []);
    drop(guard);
    assert_eq!(readers_of(&Arc::new(first)), [thread.ident]);
    thread.end();
}
