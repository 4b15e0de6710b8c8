//! When a thread looks before it sleeps.
//!
//! Scenario "the wait that is long each time" in docs/architecture.md.

use std::{
    panic::Location,
    ptr, thread,
    time::{Duration, Instant},
};

use super::Slept;
use crate::{
    WaitKind,
    door::{
        Key, LastingWatch, Parked, Parking, Subject, Token, Until, Watched,
        bucket::{lengths::Where, sleeper},
        observer::How,
        spin_before,
        testing::{eventually, looks},
        unpark_one, watch_any,
    },
    floor::{Moment, Word, now},
};

#[track_caller]
fn event() -> Subject {
    Subject::of(WaitKind::Event, None, Location::caller())
}

/// Returns how many times the current thread looks for a while in `wait`.
fn looks_in(wait: impl FnOnce()) -> usize {
    let before = looks();
    wait();
    looks() - before
}

/// Waits until the deadline, which is now. Only the sleep notices that.
fn time_out(subject: &Subject) {
    let word = Word::new(0);
    let parking = Parking { key: Key::of(&word), amount: 0, subject, overtaken: false };
    let until = Until { deadline: Some(now()), stop: None };
    assert_eq!(super::park(&parking, until, || true, || (), |_, _| ()), Parked::TimedOut);
}

/// Waits, and is woken before it sleeps.
fn be_woken(subject: &Subject) {
    let word = Word::new(0);
    let key = Key::of(&word);
    let wake = || _ = unpark_one(key, |_| Token::RETRY);
    let parking = Parking { key, amount: 0, subject, overtaken: false };
    let parked = super::park(&parking, Until::default(), || true, wake, |_, _| unreachable!());
    assert_eq!(parked, Parked::Woken(Token::RETRY));
}

#[test]
fn after_a_long_wait_a_thread_sleeps_at_once_and_after_a_short_one_it_looks_again() {
    let subject = event();
    assert_eq!(looks_in(|| time_out(&subject)), 1);
    for _ in 0..3 {
        assert_eq!(looks_in(|| time_out(&subject)), 0);
        assert_eq!(looks_in(|| time_out(&subject)), 0);
        assert_eq!(looks_in(|| be_woken(&subject)), 0);
        assert_eq!(looks_in(|| time_out(&subject)), 1);
    }
}

#[test]
fn after_a_long_wait_a_thread_spins_for_a_moment_only_before_it_enters_a_queue() {
    let subject = event();
    let rounds = || {
        let mut spin = spin_before(&subject);
        (0..).take_while(|_| spin.spin()).count()
    };
    let all = rounds();
    time_out(&subject);
    assert!((1..all).contains(&rounds()), "a few at most of {all}");
    be_woken(&subject);
    assert_eq!(rounds(), all);
}

#[test]
fn a_long_wait_says_nothing_about_other_lines_and_other_kinds() {
    let subject = event();
    // Two lines may share a bit.
    let is_other = |it: &Subject| Where::of(it) != Where::of(&subject);
    let line = [event(), event(), event()].into_iter().find(is_other).unwrap();
    let kinds = [WaitKind::Latch, WaitKind::Join, WaitKind::Barrier];
    let kind = kinds.map(|kind| Subject { kind, ..subject }).into_iter().find(is_other).unwrap();
    time_out(&subject);
    assert_eq!(looks_in(|| time_out(&line)), 1);
    assert_eq!(looks_in(|| time_out(&kind)), 1);
    assert_eq!(looks_in(|| time_out(&Subject { name: Some("another"), ..subject })), 0);
}

#[test]
fn a_short_sleep_that_others_end_counts_as_short() {
    let (subject, word) = (event(), Word::new(0));
    let sleeper = sleeper::mine();
    let (at, since) = (Where::of(&subject), Moment::none());
    let is_long_after = |woken, time| {
        let slept = Slept::begin(&since, &sleeper, at, || false).unwrap();
        let begin = Instant::now();
        while begin.elapsed() < time {}
        slept.end(&sleeper, Key::of(&word), &subject, How { woken, any_of: false });
        sleeper.lengths.was_long(at)
    };
    eventually("no sleep is short", || !is_long_after(true, Duration::ZERO));
    assert!(is_long_after(true, Duration::from_millis(1)));
    eventually("no sleep is short", || !is_long_after(true, Duration::ZERO));
    assert!(is_long_after(false, Duration::ZERO));
}

#[test]
fn a_thread_that_watches_several_places_learns_by_the_first() {
    let words = [Word::new(0), Word::new(0)];
    let [first, second] = [event(), event()];
    let places = [&first, &second].map(|subject| Parking {
        key: Key::of(&words[0]),
        amount: 0,
        subject,
        overtaken: false,
    });
    let until = || Until { deadline: Some(now()), stop: None };
    let watch = |places: &[Parking<'_>]| {
        assert_eq!(watch_any(places, until(), |_| true), Watched::TimedOut);
    };
    assert_eq!(looks_in(|| watch(&places)), 1);
    assert_eq!(looks_in(|| watch(&places)), 0);
    assert_eq!(looks_in(|| time_out(&first)), 0);
    // Whoever waits for nothing learns nothing.
    assert_eq!(looks_in(|| watch(&[])), 1);
    assert_eq!(looks_in(|| watch(&[])), 1);

    let mut lasting = LastingWatch::new(places.into_iter());
    let mut wait = || assert_eq!(lasting.wait(until(), |_| unreachable!()), Watched::TimedOut);
    assert_eq!(looks_in(&mut wait), 0);
    be_woken(&first);
    assert_eq!(looks_in(&mut wait), 1);
    assert_eq!(looks_in(&mut wait), 0);
}

#[test]
fn a_thread_knows_nothing_of_the_one_that_had_its_sleeper_before() {
    let subject = event();
    let wait = || {
        let looks = looks_in(|| time_out(&subject));
        (ptr::from_ref(*sleeper::mine()).addr(), looks)
    };
    let give_up = Instant::now() + Duration::from_secs(60);
    let mut before = 0;
    loop {
        let (used, looks) = thread::scope(|scope| scope.spawn(wait).join().unwrap());
        assert_eq!(looks, 1);
        if used == before {
            break;
        }
        assert!(Instant::now() < give_up, "no sleeper is used again");
        before = used;
    }
}
