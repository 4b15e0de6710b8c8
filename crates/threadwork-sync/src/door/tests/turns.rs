//! A thread that was overtaken: it enters at the front, and leaves from there.

use std::cell::Cell;

use super::*;
use crate::{
    StopSource,
    door::testing::{eventually, queue},
};

fn word_of(ident: NonZeroU64) -> usize {
    usize::try_from(ident.get()).unwrap() << number::FLAG_BITS
}

/// Parks at the front. Returns how that ended, and what it was told when it gave up.
fn park_in_front(
    key: Key,
    until: Until<'_>,
    before_sleep: impl FnOnce(),
) -> (Parked, Option<bool>) {
    let gave_up = Cell::new(None);
    let parking = Parking { key, amount: 0, subject: &subject(), overtaken: true };
    let ended = |left: Key, was_last| {
        assert_eq!(left, key);
        gave_up.set(Some(was_last));
    };
    let parked = crate::door::park(&parking, until, || true, before_sleep, ended);
    (parked, gave_up.get())
}

/// Wakes the threads one by one. They are woken in this order.
#[track_caller]
fn wake_in_order(key: Key, waiters: Vec<Waiter>) {
    for waiter in waiters {
        assert_eq!(queue(key).first(), Some(&word_of(waiter.ident)));
        unpark_one(key, |_| HELLO);
        assert_eq!(waiter.thread.join().unwrap(), Parked::Woken(HELLO));
    }
    assert!(queue(key).is_empty());
}

#[test]
fn a_thread_that_was_overtaken_is_the_first_to_be_woken() {
    let word = word();
    let key = Key::of(&word);
    let waiters = vec![Waiter::at(&word), Waiter::at(&word)];
    let all = [number::current_word(), word_of(waiters[0].ident), word_of(waiters[1].ident)];
    let parked = park_in_front(key, Until::default(), || {
        assert_eq!(queue(key), all);
        let found = unpark_one(key, |_| HELLO);
        assert_eq!(found, Found { woken: 1, requeued: 0, more: true });
    });
    assert_eq!(parked, (Parked::Woken(HELLO), None));
    assert_eq!(queue(key), all[1..]);
    wake_in_order(key, waiters);
}

#[test]
fn a_thread_that_gives_up_at_the_front_leaves_the_others_in_their_order() {
    let stop = StopSource::new();
    for is_stopped in [false, true] {
        let word = word();
        let key = Key::of(&word);
        let waiters = vec![Waiter::at(&word), Waiter::at(&word)];
        let wait = crate::Wait::forever().or_stop(&stop.token());
        let until = if is_stopped {
            wait.limits()
        } else {
            Until { deadline: Some(Instant::now()), stop: None }
        };
        let parked = park_in_front(key, until, || {
            assert_eq!(queue(key).first(), Some(&number::current_word()));
            assert_eq!(queue(key).len(), 3);
            if is_stopped {
                stop.request_stop();
            }
        });
        let expected = if is_stopped { Parked::Stopped } else { Parked::TimedOut };
        assert_eq!(parked, (expected, Some(false)), "others are left");
        wake_in_order(key, waiters);
        let soon = Until { deadline: Some(Instant::now()), stop: None };
        assert_eq!(park_in_front(key, soon, || ()), (Parked::TimedOut, Some(true)));
    }
}

#[test]
fn a_sleeping_thread_at_the_front_is_stopped_there() {
    let (word, stop) = (word(), StopSource::new());
    let key = Key::of(&word);
    let behind = vec![Waiter::at(&word), Waiter::at(&word)];
    let wait = crate::Wait::forever().or_stop(&stop.token());
    let in_front = Waiter::start(move || park_in_front(key, wait.limits(), || ()).0);
    assert_eq!(queue(key).first(), Some(&word_of(in_front.ident)));
    stop.request_stop();
    assert_eq!(in_front.thread.join().unwrap(), Parked::Stopped);
    eventually("the thread has not left", || queue(key).len() == 2);
    wake_in_order(key, behind);
}
