//! Which threads are in waits of this library, by their own account.
#![cfg(all(target_os = "linux", not(threadwork_portable)))]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use threadwork_sync::{Event, get_native_id, internal::door::native_ids_in_waits, waits};

#[test]
fn a_thread_is_in_a_wait_from_before_it_sleeps_until_it_runs_again() {
    static LEFT: AtomicBool = AtomicBool::new(false);
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    let (go, id) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (inner, native_id) = (Arc::clone(&go), Arc::new(std::sync::OnceLock::new()));
    let (known, told) = (Arc::clone(&id), Arc::clone(&native_id));
    let thread = thread::spawn(move || {
        told.set(get_native_id().unwrap()).unwrap();
        known.set();
        inner.wait();
        LEFT.store(true, Ordering::Release);
        while !ENOUGH.load(Ordering::Relaxed) {
            thread::yield_now();
        }
    });
    id.wait();
    let native_id = *native_id.get().unwrap();
    let is_in_wait = || native_ids_in_waits().contains(&native_id);
    while !waits().iter().any(|it| it.thread.native_id == Some(native_id)) {
        thread::yield_now();
    }
    assert!(is_in_wait());
    go.set();
    while !LEFT.load(Ordering::Acquire) {
        thread::yield_now();
    }
    assert!(!is_in_wait(), "it runs");
    ENOUGH.store(true, Ordering::Relaxed);
    thread.join().unwrap();
    assert!(!is_in_wait(), "it has ended");
}
