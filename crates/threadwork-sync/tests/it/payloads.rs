//! Panic payloads that panic when they are dropped.
//!
//! Scenario "the payload that panics" in docs/architecture.md.

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use threadwork_sync::{
    Barrier, BrokenReason, StopCallback, StopSource,
    internal::panic::{Payload, catch},
};

use crate::support::Helper;

/// Panics when dropped, with another bomb as the payload, until the number is zero.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        if let Some(left) = self.0.checked_sub(1) {
            panic_any(Bomb(left));
        }
    }
}

/// Returns the number of the bomb without dropping it.
#[track_caller]
fn number_of(payload: Box<dyn Any + Send>) -> u32 {
    let mut bomb = payload.downcast::<Bomb>().expect("the payload is a bomb");
    mem::take(&mut bomb.0)
}

#[test]
fn all_stop_callbacks_are_called_and_the_first_panic_is_resumed() {
    let calls = Arc::new(AtomicU32::new(0));
    let [stop, parent] = [(); 2].map(|()| StopSource::new());
    let child = StopSource::child_of_all([&stop.token(), &parent.token()]);
    let kept: Vec<_> = (0..6)
        .map(|number| {
            let calls = Arc::clone(&calls);
            let of = if number < 4 { &stop } else { &child };
            StopCallback::new(&of.token(), move || {
                calls.fetch_add(1, Ordering::Relaxed);
                panic_any(Bomb(10 + number));
            })
        })
        .collect();
    let panic = catch_unwind(AssertUnwindSafe(|| stop.request_stop())).unwrap_err();
    assert_eq!(number_of(panic), 10);
    assert_eq!(calls.load(Ordering::Relaxed), 6);
    // A callback that panicked counts as returned, so its drop in another thread does not wait.
    Helper::start(move || drop(kept)).join();
}

#[test]
fn a_barrier_whose_action_panics_is_broken_and_the_panic_is_resumed() {
    let barrier = Barrier::new(1).with_action(|| panic_any(Bomb(7)));
    let panic = catch_unwind(AssertUnwindSafe(|| barrier.wait())).unwrap_err();
    assert_eq!(number_of(panic), 7);
    assert_eq!(barrier.wait().unwrap_err().reason(), BrokenReason::ActionPanicked);
}

#[test]
fn the_drop_of_a_caught_payload_does_not_panic_even_during_unwinding() {
    drop(Payload::new(Box::new(Bomb(1))));
    drop(catch(|| panic_any(Bomb(2))).unwrap_err());
    let panic = catch(|| {
        let _caught = catch(|| panic_any(Bomb(3)));
        panic_any(Bomb(4));
    });
    assert_eq!(number_of(panic.unwrap_err().into_inner()), 4);
    let resumed = catch(|| panic_any(Bomb(5))).map_err(|it| catch(|| it.resume()).unwrap_err());
    assert!(resumed.as_ref().unwrap_err().get().is::<Bomb>());
    assert_eq!(catch(|| 7).unwrap(), 7);
}
