//! `StopCallback`: called once or deregistered, and never running after its drop.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

use threadwork_sync::{Event, StopCallback, StopSource, Wait, WaitError, get_ident};

use crate::support::Helper;

type Notes<T> = Arc<Mutex<Vec<T>>>;

fn note<T: Send + 'static>(notes: &Notes<T>, what: T) -> impl FnOnce() + Send + 'static {
    let notes = Arc::clone(notes);
    move || notes.lock().unwrap().push(what)
}

#[test]
fn callbacks_run_once_in_order_of_registration() {
    let stop = StopSource::new();
    let notes = Notes::default();
    let kept: Vec<_> =
        (0..10).map(|it| StopCallback::new(&stop.token(), note(&notes, it))).collect();
    assert!(notes.lock().unwrap().is_empty());
    stop.request_stop();
    stop.request_stop();
    drop(kept);
    assert!(notes.lock().unwrap().iter().copied().eq(0..10));
}

#[test]
fn a_callback_runs_in_the_thread_that_requests_the_stop() {
    let stop = StopSource::new();
    let notes = Notes::default();
    let notes_inside = Arc::clone(&notes);
    let callback = StopCallback::new(&stop.token(), move || {
        notes_inside.lock().unwrap().push(get_ident());
    });
    let stopper = Helper::start(move || stop.request_stop());
    let ident = stopper.ident();
    stopper.join();
    assert_eq!(*notes.lock().unwrap(), [ident]);
    drop(callback);
}

#[test]
fn a_callback_runs_at_registration_if_the_stop_was_requested() {
    let stop = StopSource::new();
    stop.request_stop();
    let notes = Notes::default();
    let notes_inside = Arc::clone(&notes);
    let callback = StopCallback::new(&stop.token(), move || {
        notes_inside.lock().unwrap().push(get_ident());
    });
    assert_eq!(*notes.lock().unwrap(), [get_ident()]);
    drop(callback);
    assert_eq!(notes.lock().unwrap().len(), 1);
}

#[test]
fn a_dropped_callback_is_deregistered_with_all_it_captured() {
    let stop = StopSource::new();
    let notes = Notes::default();
    drop(StopCallback::new(&stop.token(), note(&notes, 1)));
    assert_eq!(Arc::strong_count(&notes), 1, "what the callback captured is dropped");
    stop.request_stop();
    assert!(notes.lock().unwrap().is_empty());
}

#[test]
fn what_a_callback_captured_is_dropped_once_it_has_run() {
    let stop = StopSource::new();
    let notes = Notes::default();
    let callback = StopCallback::new(&stop.token(), note(&notes, 1));
    stop.request_stop();
    assert_eq!(Arc::strong_count(&notes), 1);
    drop(callback);
}

#[test]
fn a_drop_waits_for_the_callback_that_runs_in_another_thread() {
    static ENTERED: Event = Event::new();
    static LEAVE: Event = Event::new();
    static LEFT: AtomicBool = AtomicBool::new(false);
    let stop = StopSource::new();
    let callback = StopCallback::new(&stop.token(), || {
        ENTERED.set();
        LEAVE.wait();
        LEFT.store(true, Ordering::Relaxed);
    });
    let stopper = Helper::start(move || stop.request_stop());
    ENTERED.wait();
    let dropper = Helper::start_blocked(move || {
        drop(callback);
        LEFT.load(Ordering::Relaxed)
    });
    LEAVE.set();
    assert!(dropper.join(), "the drop returned after the callback had");
    assert!(stopper.join());
}

#[test]
fn a_drop_inside_its_own_callback_does_not_wait() {
    let stop = StopSource::new();
    let place: Arc<Mutex<Option<StopCallback>>> = Arc::default();
    let calls = Arc::new(AtomicU32::new(0));
    let callback = {
        let (place, calls) = (Arc::clone(&place), Arc::clone(&calls));
        StopCallback::new(&stop.token(), move || {
            let mine = place.lock().unwrap().take();
            assert!(mine.is_some());
            drop(mine);
            calls.fetch_add(1, Ordering::Relaxed);
        })
    };
    *place.lock().unwrap() = Some(callback);
    Helper::start(move || stop.request_stop()).join();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_callback_may_deregister_one_that_has_not_run() {
    let stop = StopSource::new();
    let notes = Notes::default();
    let place: Arc<Mutex<Option<StopCallback>>> = Arc::default();
    let first = {
        let place = Arc::clone(&place);
        StopCallback::new(&stop.token(), move || drop(place.lock().unwrap().take()))
    };
    *place.lock().unwrap() = Some(StopCallback::new(&stop.token(), note(&notes, 2)));
    let third = StopCallback::new(&stop.token(), note(&notes, 3));
    Helper::start(move || stop.request_stop()).join();
    assert_eq!(*notes.lock().unwrap(), [3]);
    drop((first, third));
}

#[test]
fn a_callback_may_use_its_source() {
    let stop = StopSource::new();
    let notes = Notes::default();
    let callback = {
        let (stop, notes) = (stop.clone(), Arc::clone(&notes));
        StopCallback::new(&stop.token(), move || {
            assert!(stop.stop_requested());
            assert!(!stop.request_stop());
            drop(StopCallback::new(&stop.token(), note(&notes, 1)));
            assert!(StopSource::child_of(&stop.token()).stop_requested());
            let wait = Wait::forever().or_stop(&stop.token());
            assert_eq!(Event::new().wait_with(&wait), Err(WaitError::Stopped));
        })
    };
    Helper::start(move || stop.request_stop()).join();
    assert_eq!(*notes.lock().unwrap(), [1]);
    drop(callback);
}

#[test]
fn a_panic_in_a_callback_lets_the_others_run_and_is_resumed() {
    let stop = StopSource::new();
    let notes = Notes::default();
    let token = stop.token();
    let kept = [
        StopCallback::new(&token, note(&notes, 1)),
        StopCallback::new(&token, || panic!("first")),
        StopCallback::new(&token, note(&notes, 2)),
        StopCallback::new(&token, || panic!("second")),
        StopCallback::new(&token, note(&notes, 3)),
    ];
    let waiter = {
        let token = stop.token();
        Helper::start_blocked(move || Event::new().wait_with(&Wait::forever().or_stop(&token)))
    };
    let panic = catch_unwind(|| stop.request_stop()).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"first"));
    assert_eq!(*notes.lock().unwrap(), [1, 2, 3]);
    assert!(token.stop_requested());
    assert_eq!(waiter.join(), Err(WaitError::Stopped));
    // A callback that panicked counts as returned, so its drop in another thread does not wait.
    Helper::start(move || drop(kept)).join();
}

#[test]
fn a_panic_at_registration_reaches_the_caller_at_once() {
    let stop = StopSource::new();
    stop.request_stop();
    let token = stop.token();
    let registered = catch_unwind(AssertUnwindSafe(|| {
        drop(StopCallback::new(&token, || panic!("on purpose")));
    }));
    assert!(registered.is_err());
}

#[test]
fn a_callback_is_either_called_or_deregistered() {
    for _ in 0..200 {
        let stop = StopSource::new();
        let notes = Notes::default();
        let callback = StopCallback::new(&stop.token(), note(&notes, 1));
        let stopper = thread::spawn(move || stop.request_stop());
        drop(callback);
        // From here on the callback is not running and will not run.
        let calls = notes.lock().unwrap().len();
        stopper.join().unwrap();
        assert_eq!(notes.lock().unwrap().len(), calls);
        assert!(calls <= 1);
    }
}

#[test]
fn debug_shows_whether_it_has_returned() {
    let stop = StopSource::new();
    let callback = StopCallback::new(&stop.token(), || ());
    assert!(format!("{callback:?}").contains("Callback { returned: false, .. }"));
    stop.request_stop();
    assert!(format!("{callback:?}").contains("Callback { returned: true, .. }"));
}
