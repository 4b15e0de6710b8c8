//! Signals: whom they take out of which queue, and when they come too late.

use std::sync::Arc;

use super::{HELLO, Waiter, queue, subject, word};
use crate::{
    door::{
        self, Key, Parked, Parking, Requeue, Signal, Until,
        testing::{n_watchers, unpark_thread},
        unpark_all, unpark_requeue, with_locked,
    },
    floor::now,
};

#[test]
fn a_signal_takes_a_thread_out_wherever_it_stands() {
    let word = word();
    let first = Waiter::at(&word);
    let signal = Arc::new(Signal::new());
    let stopped = {
        let (word, signal) = (Arc::clone(&word), Arc::clone(&signal));
        Waiter::start(move || {
            let (key, subject) = (Key::of(&word), subject());
            let parking = Parking { key, amount: 0, subject: &subject, overtaken: false };
            let until = Until { deadline: None, stop: Some(&signal) };
            door::park(
                &parking,
                until,
                || true,
                || (),
                |left, was_last| {
                    assert_eq!((left, was_last), (key, false));
                },
            )
        })
    };
    let last = Waiter::at(&word);
    assert!(with_locked(Key::of(&word), |is_waited_at| is_waited_at));
    assert!(signal.raise() && !signal.raise());
    signal.end_waits();
    assert_eq!(stopped.end(), Parked::Stopped);
    assert_eq!(queue(&word), [first.word(), last.word()]);
    assert_eq!(n_watchers(&signal), 0);
    for waiter in [last, first] {
        assert!(unpark_thread(Key::of(&word), waiter.word(), HELLO));
        assert_eq!(waiter.end(), Parked::Woken(HELLO));
    }
}

#[test]
fn a_signal_leaves_a_thread_that_was_moved_in_its_place() {
    let (from, to) = (word(), word());
    let signal = Arc::new(Signal::new());
    let moved = {
        let (from, signal) = (Arc::clone(&from), Arc::clone(&signal));
        Waiter::start(move || {
            let subject = subject();
            let parking =
                Parking { key: Key::of(&from), amount: 0, subject: &subject, overtaken: false };
            let until = Until { deadline: None, stop: Some(&signal) };
            let gave_up = |_, _| unreachable!("the signal comes too late");
            door::park(&parking, until, || true, || (), gave_up)
        })
    };
    unpark_requeue(Key::of(&from), Key::of(&to), || Requeue::MoveAll, |_| ());
    let behind = Waiter::at(&to);
    signal.raise();
    signal.end_waits();
    assert_eq!(queue(&to), [moved.word(), behind.word()]);
    unpark_all(Key::of(&to), HELLO);
    assert_eq!([moved.end(), behind.end()], [Parked::Woken(HELLO); 2]);
}

#[test]
fn a_raised_signal_keeps_a_thread_out_of_the_queue() {
    let (word, signal, subject) = (word(), Signal::new(), subject());
    signal.raise();
    let parking = Parking { key: Key::of(&word), amount: 0, subject: &subject, overtaken: false };
    let until = Until { deadline: None, stop: Some(&signal) };
    let never = || unreachable!("the wait has not begun");
    assert_eq!(door::park(&parking, until, never, || (), |_, _| ()), Parked::Stopped);
    let (of_signal, of_word) = (n_watchers(&signal), queue(&word));
    assert_eq!((of_signal, of_word), (0, vec![]));
}

#[test]
fn a_wake_up_before_a_signal_goes_first() {
    let (word, signal, subject) = (word(), Signal::new(), subject());
    let key = Key::of(&word);
    let parking = Parking { key, amount: 0, subject: &subject, overtaken: false };
    let until = Until { deadline: Some(now()), stop: Some(&signal) };
    let before_sleep = || {
        assert_eq!(unpark_all(key, HELLO), 1);
        signal.raise();
        signal.end_waits();
    };
    let gave_up = |_, _| unreachable!("the thread was woken");
    assert_eq!(door::park(&parking, until, || true, before_sleep, gave_up), Parked::Woken(HELLO));
    assert_eq!(n_watchers(&signal), 0);
}
