//! Locks and events in the destructors of thread-locals, when this crate's own data of the thread may be dropped already.
//!
//! A thread without a record cannot be seen to block, so a short deadline makes sure that it does.

use std::{
    cell::RefCell,
    num::NonZeroU64,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use threadwork_sync::{
    Event, Lock, RawLock, StopCallback, StopSource, Wait, WaitError, get_ident, waits,
};

use crate::support::{Helper, eventually};

const MOMENT: Duration = Duration::from_millis(1);

thread_local! {
    static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

/// Uses the whole crate when its thread-local is destroyed.
struct AtEnd {
    ident: NonZeroU64,
    shared: Arc<Shared>,
}

struct Shared {
    held: RawLock,
    stop: StopSource,
    /// The destructor waits for this.
    ready: Event,
    /// How the destructor ended. A panic that escaped from it would end the process.
    outcome: Lock<Option<thread::Result<()>>>,
}

impl AtEnd {
    fn use_everything(&self) {
        let Shared { held, stop, ready, .. } = &*self.shared;
        assert_eq!(get_ident(), self.ident, "the number lasts as long as the thread");

        // Without blocking.
        let event = Event::new();
        event.set();
        event.wait();
        let lock = Lock::new(1);
        *lock.acquire() += 1;
        assert_eq!(lock.into_inner(), 2);

        // Blocking, until the deadline.
        event.clear();
        assert_eq!(event.wait_timeout(MOMENT), Err(WaitError::TimedOut));
        assert_eq!(held.acquire_timeout(MOMENT), Err(WaitError::TimedOut));
        let wait = Wait::timeout(MOMENT).or_stop(&stop.token());
        assert_eq!(held.acquire_with(&wait), Err(WaitError::TimedOut));
        drop(StopCallback::new(&stop.token(), || ()));
        assert!(waits().iter().all(|it| it.thread.ident != self.ident));

        // Most likely blocking, until another thread ends the wait.
        ready.set();
        let wait = Wait::forever().or_stop(&stop.token());
        assert_eq!(event.wait_with(&wait), Err(WaitError::Stopped));
        // Stopped before it enters a queue.
        assert_eq!(event.wait_with(&wait), Err(WaitError::Stopped));
        held.acquire();
        held.release().unwrap();
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.use_everything()));
        self.shared.ready.set();
        *self.shared.outcome.acquire() = Some(outcome);
    }
}

/// Runs a thread with an [`AtEnd`] in a thread-local, registered before or after the thread has blocked once.
#[track_caller]
fn check(before_first_wait: bool) {
    for held in [RawLock::new(), RawLock::fair()] {
        let shared = Arc::new(Shared {
            held,
            stop: StopSource::new(),
            ready: Event::new(),
            outcome: Lock::new(None),
        });
        shared.held.acquire();
        let inside = Arc::clone(&shared);
        let thread = Helper::start(move || {
            let wait = || assert_eq!(inside.held.acquire_timeout(MOMENT), Err(WaitError::TimedOut));
            if !before_first_wait {
                wait();
            }
            let at_end = AtEnd { ident: get_ident(), shared: Arc::clone(&inside) };
            AT_END.with(|it| *it.borrow_mut() = Some(at_end));
            if before_first_wait {
                wait();
            }
        });
        shared.ready.wait();
        shared.stop.request_stop();
        shared.held.release().unwrap();
        let outcome = eventually("the destructor does not end", || shared.outcome.acquire().take());
        assert!(outcome.is_ok(), "the destructor did not panic");
        thread.join();
        assert!(!shared.held.is_locked());
    }
}

#[test]
fn a_destructor_registered_before_the_first_wait_may_wait() {
    check(true);
}

#[test]
fn a_destructor_registered_after_the_first_wait_may_wait() {
    check(false);
}
