//! Stops: every wait that has the token ends and no other, and no callback runs after its drop.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Event, StopCallback, StopSource, Wait, WaitError, internal::model::let_time_pass,
};

use crate::{Data, check, event::News, timed};

/// A waiter always returns when a stop is requested, and sees what was written before it.
#[test]
fn a_stop_ends_every_wait() {
    check(2, || {
        let news = Arc::new(News::default());
        let stop = StopSource::new();
        let waiter = {
            let (news, wait) = (Arc::clone(&news), Wait::forever().or_stop(&stop.token()));
            thread::spawn(move || {
                assert_eq!(news.happened.wait_with(&wait), Err(WaitError::Stopped));
                news.data.get()
            })
        };
        news.data.add_one();
        stop.request_stop();
        assert_eq!(waiter.join().unwrap(), 1);
    });
}

/// A thread that finds a stop requested without waiting sees what was written before it.
#[test]
fn stop_requested_sees_what_was_written_before() {
    check(2, || {
        let data = Arc::new(Data::default());
        let stop = StopSource::new();
        let reader = {
            let (data, token) = (Arc::clone(&data), stop.token());
            thread::spawn(move || !token.stop_requested() || data.get() == 1)
        };
        data.add_one();
        stop.request_stop();
        assert!(reader.join().unwrap());
    });
}

/// A wait for an event that is set before the stop is requested succeeds.
#[test]
fn a_set_before_a_stop_goes_first() {
    check(2, || {
        let event = Arc::new(Event::new());
        let stop = StopSource::new();
        let waiter = {
            let (event, wait) = (Arc::clone(&event), Wait::forever().or_stop(&stop.token()));
            thread::spawn(move || event.wait_with(&wait))
        };
        event.set();
        stop.request_stop();
        assert_eq!(waiter.join().unwrap(), Ok(()));
    });
}

/// A stop and a set at the same time: one of them ends the wait, and no other waiter is forgotten.
#[test]
fn a_stop_and_a_set_leave_no_thread_waiting() {
    check(3, || {
        let event = Arc::new(Event::new());
        let stop = StopSource::new();
        let [forever, or_stop] =
            [Wait::forever(), Wait::forever().or_stop(&stop.token())].map(|wait| {
                let event = Arc::clone(&event);
                thread::spawn(move || event.wait_with(&wait))
            });
        stop.request_stop();
        event.set();
        assert_eq!(forever.join().unwrap(), Ok(()));
        assert!(matches!(or_stop.join().unwrap(), Ok(()) | Err(WaitError::Stopped)));
    });
}

/// A stop that finds a thread still announced wakes it from that wait or not at all, but not from its next wait.
#[test]
fn a_stop_does_not_reach_the_next_wait() {
    check(2, || {
        let event = Arc::new(Event::new());
        let (stop, other) = (StopSource::new(), StopSource::new());
        let waiter = {
            let event = Arc::clone(&event);
            let first = timed().or_stop(&stop.token());
            let second = Wait::forever().or_stop(&other.token());
            thread::spawn(move || {
                let _ = event.wait_with(&first);
                event.wait_with(&second)
            })
        };
        let_time_pass();
        stop.request_stop();
        event.set();
        assert_eq!(waiter.join().unwrap(), Ok(()));
    });
}

/// After the drop of a callback its function is not running and does not run; it runs at most once.
#[test]
fn a_dropped_callback_is_not_running() {
    check(2, || {
        let data = Arc::new(Data::default());
        let stop = StopSource::new();
        let callback = {
            let data = Arc::clone(&data);
            StopCallback::new(&stop.token(), move || data.add_one())
        };
        let stopper = {
            let stop = stop.clone();
            thread::spawn(move || stop.request_stop())
        };
        drop(callback);
        let calls = data.get();
        assert!(calls <= 1);
        assert!(stopper.join().unwrap());
        assert_eq!(data.get(), calls);
    });
}

/// A callback that is registered while a stop is requested runs exactly once.
#[test]
fn a_callback_registered_during_a_stop_runs_once() {
    check(2, || {
        let data = Arc::new(Data::default());
        let stop = StopSource::new();
        let stopper = {
            let stop = stop.clone();
            thread::spawn(move || stop.request_stop())
        };
        let callback = {
            let data = Arc::clone(&data);
            StopCallback::new(&stop.token(), move || data.add_one())
        };
        stopper.join().unwrap();
        assert_eq!(data.get(), 1);
        drop(callback);
    });
}

/// A child that is made while its parent is stopped is stopped too.
#[test]
fn a_child_made_during_a_stop_is_stopped() {
    check(2, || {
        let parent = StopSource::new();
        let stopper = {
            let parent = parent.clone();
            thread::spawn(move || parent.request_stop())
        };
        let child = StopSource::child_of(&parent.token());
        stopper.join().unwrap();
        assert!(child.stop_requested());
    });
}

/// A chain of three sources, from the top.
fn three() -> (StopSource, StopSource, StopSource) {
    let top = StopSource::new();
    let middle = StopSource::child_of(&top.token());
    let low = StopSource::child_of(&middle.token());
    (top, middle, low)
}

/// All sources below are stopped when the request returns, even if a source between is dropped meanwhile.
#[test]
fn a_stop_reaches_sources_whose_parent_is_dropped_meanwhile() {
    check(2, || {
        let (top, middle, low) = three();
        let leaver = thread::spawn(move || drop(middle));
        assert!(top.request_stop());
        assert!(low.stop_requested());
        leaver.join().unwrap();
    });
}

/// Two neighbours in a chain are dropped at the same time, and a stop still reaches the end of the chain.
#[test]
fn neighbours_may_be_dropped_at_the_same_time() {
    check(2, || {
        let (top, middle, low) = three();
        let lower = StopSource::child_of(&low.token());
        let leaver = thread::spawn(move || drop(middle));
        drop(low);
        leaver.join().unwrap();
        top.request_stop();
        assert!(lower.stop_requested());
    });
}

/// A child that is made while a source above it is dropped is stopped with the top.
#[test]
fn a_child_made_while_a_parent_is_dropped_is_stopped_with_the_top() {
    check(2, || {
        let (top, middle, low) = three();
        let leaver = thread::spawn(move || drop(middle));
        let lower = StopSource::child_of(&low.token());
        drop(low);
        leaver.join().unwrap();
        top.request_stop();
        assert!(lower.stop_requested());
    });
}

/// A callback that is registered below while the top is stopped and the middle is dropped runs exactly once.
#[test]
fn a_callback_registered_below_during_a_stop_runs_once() {
    check(3, || {
        let data = Arc::new(Data::default());
        let (top, middle, low) = three();
        let stopper = thread::spawn(move || top.request_stop());
        let leaver = thread::spawn(move || drop(middle));
        let callback = {
            let data = Arc::clone(&data);
            StopCallback::new(&low.token(), move || data.add_one())
        };
        leaver.join().unwrap();
        assert!(stopper.join().unwrap());
        assert_eq!(data.get(), 1);
        drop(callback);
    });
}

/// A waiter below returns and sees what was written before the stop of the top, although the middle is dropped meanwhile.
#[test]
fn a_stop_of_the_top_ends_the_waits_below() {
    check(3, || {
        let news = Arc::new(News::default());
        let (top, middle, low) = three();
        let waiter = {
            let (news, wait) = (Arc::clone(&news), Wait::forever().or_stop(&low.token()));
            thread::spawn(move || {
                assert_eq!(news.happened.wait_with(&wait), Err(WaitError::Stopped));
                news.data.get()
            })
        };
        let leaver = thread::spawn(move || drop(middle));
        news.data.add_one();
        top.request_stop();
        assert_eq!(waiter.join().unwrap(), 1);
        leaver.join().unwrap();
    });
}

/// A stop of the top meets a stop of the middle: when either returns, the source below is stopped.
#[test]
fn two_stops_in_one_chain_may_meet() {
    check(2, || {
        let (top, middle, low) = three();
        let stopper = {
            let low = low.token();
            thread::spawn(move || {
                middle.request_stop();
                assert!(low.stop_requested());
            })
        };
        assert!(top.request_stop());
        assert!(low.stop_requested());
        stopper.join().unwrap();
    });
}
