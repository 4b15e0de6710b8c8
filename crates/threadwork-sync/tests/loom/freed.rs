//! Locks and events that are freed as early as their user may.

use std::mem::ManuallyDrop;

use loom::thread;
use threadwork_sync::{Event, RawLock};

use crate::{KINDS, check};

/// What is freed by the thread that was woken, in a place that the model can still look at.
struct Freed<T>(ManuallyDrop<T>);

impl<T> Freed<T> {
    fn leak(value: T) -> *mut Freed<T> {
        Box::into_raw(Box::new(Freed(ManuallyDrop::new(value))))
    }
}

/// Explores a waker that may still be about it when the thread it woke frees what both used.
fn check_last_user_frees<T: Sync + 'static>(
    new: impl Fn() -> T + Send + Sync + 'static,
    wait_and_leave: fn(&T),
    wake: fn(&T),
) {
    check(2, move || {
        let place = Freed::leak(new()).expose_provenance();
        let at = |place: usize| std::ptr::with_exposed_provenance_mut::<Freed<T>>(place);
        let waiter = thread::spawn(move || {
            // SAFETY: the value lives until it is dropped below.
            wait_and_leave(unsafe { &(*at(place)).0 });
            // SAFETY: its user has left, and the waker may not touch it any more, which the word checks.
            unsafe { ManuallyDrop::drop(&mut (*at(place)).0) };
        });
        // SAFETY: the memory lives until the end of the model.
        wake(unsafe { &(*at(place)).0 });
        waiter.join().unwrap();
        // SAFETY: it was leaked by this model, and both threads have left it.
        drop(unsafe { Box::from_raw(at(place)) });
    });
}

/// The next owner of a lock may free it while the release that woke it is not over.
#[test]
fn a_lock_may_be_freed_by_its_last_user() {
    for new in KINDS {
        let held = move || {
            let lock = new();
            lock.acquire();
            lock
        };
        let acquire_and_release = |it: &RawLock| {
            it.acquire();
            it.release().unwrap();
        };
        check_last_user_frees(held, acquire_and_release, |it| it.release().unwrap());
    }
}

/// Who has waited for an event may free it while the set that woke it is not over.
#[test]
fn an_event_may_be_freed_by_who_waited() {
    check_last_user_frees(Event::new, Event::wait, Event::set);
}
