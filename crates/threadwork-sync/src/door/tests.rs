//! The door on bare words: which threads are woken, in which order, and what both sides learn.
#![cfg(not(threadwork_loom))]

use std::{
    num::NonZeroU64,
    panic::Location,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    Deadline,
    door::{
        Filter, Found, Key, Parked, Parking, Requeue, Subject, Ticket, Token, Until, unpark_all,
        unpark_filter, unpark_one, unpark_requeue, waits, with_locked,
    },
    floor::Word,
    number::{self, MAIN_IDENT, adopt_ident, reserve_ident},
};

mod signals;
mod turns;
mod watching;

const HELLO: Token = Token::from_number(77);

fn word() -> Arc<Word> {
    Arc::new(Word::new(0))
}

/// Parks with nothing to do before the thread sleeps.
fn park(
    key: Key,
    subject: &Subject,
    deadline: Deadline,
    validate: impl FnOnce() -> bool,
    timed_out: impl FnOnce(Key, bool),
) -> Parked {
    let parking = Parking { key, amount: 0, subject, overtaken: false };
    let until = Until { deadline: deadline.instant(), stop: None };
    super::park(&parking, until, validate, || (), timed_out)
}

fn subject() -> Subject {
    Subject::join(MAIN_IDENT, Location::caller())
}

/// A thread that stands in a queue, and the result of its call of `park`.
struct Waiter {
    ident: NonZeroU64,
    thread: JoinHandle<Parked>,
}

impl Waiter {
    /// Starts a thread, and returns once it stands in the queue of `word`.
    #[track_caller]
    fn at(word: &Arc<Word>) -> Waiter {
        let word = Arc::clone(word);
        Waiter::start(move || {
            let never = |_, _| unreachable!("there is no deadline");
            park(Key::of(&word), &subject(), Deadline::NEVER, || true, never)
        })
    }

    #[track_caller]
    fn start(f: impl FnOnce() -> Parked + Send + 'static) -> Waiter {
        let reserved = reserve_ident();
        let ident = reserved.get();
        let thread = thread::spawn(move || {
            adopt_ident(reserved);
            f()
        });
        let give_up = Instant::now() + Duration::from_secs(60);
        while !waits().iter().any(|it| it.thread.ident == ident) {
            assert!(Instant::now() < give_up, "the thread does not block");
            thread::yield_now();
        }
        Waiter { ident, thread }
    }

    fn word(&self) -> usize {
        (self.ident.get() as usize) << number::FLAG_BITS
    }

    #[track_caller]
    fn end(self) -> Parked {
        self.thread.join().unwrap()
    }
}

/// Returns the threads of a queue, in order.
fn queue(word: &Word) -> Vec<usize> {
    let mut threads = Vec::new();
    unpark_filter(
        Key::of(word),
        |Ticket { thread, .. }| {
            threads.push(thread);
            Filter::Skip
        },
        |_| HELLO,
    );
    threads
}

#[test]
fn park_does_not_wait_if_validate_returns_false() {
    let word = word();
    let timed_out = |_, _| unreachable!("no thread has waited");
    let parked = park(Key::of(&word), &subject(), Deadline::NEVER, || false, timed_out);
    assert_eq!(parked, Parked::Invalid);
    assert!(queue(&word).is_empty());
}

#[test]
fn an_empty_queue_wakes_no_thread() {
    let word = word();
    let key = Key::of(&word);
    let mut told = None;
    let found = unpark_one(key, |found| {
        told = Some(found);
        HELLO
    });
    assert_eq!((found, told), (Found::default(), Some(Found::default())));
    assert_eq!(unpark_all(key, HELLO), 0);
    assert!(!with_locked(key, |is_waited_at| is_waited_at));
}

#[test]
fn unpark_one_wakes_in_order_of_arrival_and_says_whether_others_are_left() {
    let word = word();
    let waiters = [Waiter::at(&word), Waiter::at(&word), Waiter::at(&word)];
    let mut words = waiters.each_ref().map(Waiter::word).to_vec();
    for waiter in waiters {
        assert_eq!(queue(&word), words);
        words.remove(0);
        let expected = Found { woken: 1, requeued: 0, more: !words.is_empty() };
        let found = unpark_one(Key::of(&word), |found| {
            assert_eq!(found, expected);
            HELLO
        });
        assert_eq!(found, expected);
        assert_eq!(waiter.end(), Parked::Woken(HELLO));
    }
}

#[test]
fn unpark_all_wakes_all_threads_of_one_word_with_the_same_token() {
    let (word, other) = (word(), word());
    let waiters = [Waiter::at(&word), Waiter::at(&word)];
    let stranger = Waiter::at(&other);
    assert_eq!(unpark_all(Key::of(&word), HELLO), 2);
    for waiter in waiters {
        assert_eq!(waiter.end(), Parked::Woken(HELLO));
    }
    assert_eq!(queue(&other), [stranger.word()]);
    assert_eq!(unpark_all(Key::of(&other), Token::RETRY), 1);
    assert_eq!(stranger.end(), Parked::Woken(Token::RETRY));
}

#[test]
fn a_filter_wakes_skips_and_stops() {
    let word = word();
    let waiters = [(); 4].map(|()| Waiter::at(&word));
    let words = waiters.each_ref().map(Waiter::word);
    let mut asked = Vec::new();
    let filter = |Ticket { thread, .. }: Ticket| {
        asked.push(thread);
        match asked.len() {
            1 => Filter::Skip,
            2 => Filter::Wake,
            _ => Filter::Stop,
        }
    };
    let found = unpark_filter(Key::of(&word), filter, |_| HELLO);
    assert_eq!(asked, words[..3]);
    assert_eq!(found, Found { woken: 1, requeued: 0, more: true });
    assert_eq!(queue(&word), [words[0], words[2], words[3]]);

    let found = unpark_filter(Key::of(&word), |_| Filter::Wake, |_| HELLO);
    assert_eq!(found, Found { woken: 3, requeued: 0, more: false });
    for waiter in waiters {
        assert_eq!(waiter.end(), Parked::Woken(HELLO));
    }
}

/// Applies `requeue` to three waiters, and checks what is found and which waiters are then in which queue.
#[track_caller]
fn check_requeue(requeue: Requeue, expected: Found, left: &[usize], moved: &[usize]) {
    let (from, to) = (word(), word());
    let waiters = [(); 3].map(|()| Waiter::at(&from));
    let words = waiters.each_ref().map(Waiter::word);
    let mut told = None;
    let found =
        unpark_requeue(Key::of(&from), Key::of(&to), || requeue, |found| told = Some(found));
    assert_eq!(found, expected);
    assert_eq!(told.unwrap_or_default(), expected);
    let words_at = |places: &[usize]| places.iter().map(|it| words[*it]).collect::<Vec<_>>();
    assert_eq!(queue(&from), words_at(left));
    assert_eq!(queue(&to), words_at(moved));

    unpark_all(Key::of(&from), Token::RETRY);
    unpark_all(Key::of(&to), Token::RETRY_MORE);
    for (place, waiter) in waiters.into_iter().enumerate() {
        let token = if left.contains(&place) {
            Token::RETRY
        } else if moved.contains(&place) {
            Token::RETRY_MORE
        } else {
            HELLO
        };
        assert_eq!(waiter.end(), Parked::Woken(token));
    }
}

#[test]
fn nothing_is_moved_if_validate_says_so() {
    check_requeue(Requeue::Nothing, Found::default(), &[0, 1, 2], &[]);
}

#[test]
fn move_all_keeps_the_order() {
    check_requeue(Requeue::MoveAll, Found { woken: 0, requeued: 3, more: false }, &[], &[0, 1, 2]);
}

#[test]
fn move_one_moves_the_first_and_leaves_the_others() {
    check_requeue(Requeue::MoveOne, Found { woken: 0, requeued: 1, more: true }, &[1, 2], &[0]);
}

#[test]
fn moved_threads_stand_behind_the_threads_of_the_other_queue() {
    let (from, to) = (word(), word());
    let there = Waiter::at(&to);
    let moved = Waiter::at(&from);
    unpark_requeue(Key::of(&from), Key::of(&to), || Requeue::MoveAll, |_| ());
    assert_eq!(queue(&to), [there.word(), moved.word()]);
    unpark_all(Key::of(&to), HELLO);
    assert_eq!([there.end(), moved.end()], [Parked::Woken(HELLO); 2]);
}

#[test]
fn a_passed_deadline_ends_park_and_says_whether_the_thread_was_the_last() {
    let word = word();
    let passed = Deadline::after(Duration::ZERO);
    let mut told = Vec::new();
    let mut time_out = || {
        let timed_out = |key, was_last| told.push((key, was_last));
        park(Key::of(&word), &subject(), passed, || true, timed_out)
    };
    assert_eq!(time_out(), Parked::TimedOut);
    let other = Waiter::at(&word);
    assert_eq!(time_out(), Parked::TimedOut);
    assert_eq!(queue(&word), [other.word()]);
    unpark_all(Key::of(&word), HELLO);
    other.end();
    assert_eq!(time_out(), Parked::TimedOut);
    let key = Key::of(&word);
    assert_eq!(told, [(key, true), (key, false), (key, true)]);
    // A thread that has timed out has no record any more.
    assert!(waits().iter().all(|it| it.thread.ident != number::get_ident()));
}

/// Moves a waiter with a deadline. Returns the arguments of its `timed_out` when the deadline passes, and the key of the other queue.
fn time_out_in_the_other_queue(other_is_empty: bool) -> ((Key, bool), Key) {
    let (from, to) = (word(), word());
    let keys = [&from, &to].map(|it| Key::of(it));
    let resident = (!other_is_empty).then(|| Waiter::at(&to));
    // The waiter has to be moved before its deadline passes: the next attempt gets a longer timeout.
    let mut timeout = Duration::from_millis(20);
    let told = loop {
        let told = Arc::new(std::sync::Mutex::new(None));
        let thread = {
            let (from, told) = (Arc::clone(&from), Arc::clone(&told));
            thread::spawn(move || {
                let timed_out = |key, was_last| *told.lock().unwrap() = Some((key, was_last));
                let deadline = Deadline::after(timeout);
                park(Key::of(&from), &subject(), deadline, || true, timed_out)
            })
        };
        let mut moved = 0;
        while moved == 0 && !thread.is_finished() {
            moved = unpark_requeue(keys[0], keys[1], || Requeue::MoveAll, |_| ()).requeued;
        }
        assert_eq!(thread.join().unwrap(), Parked::TimedOut);
        if moved == 1 {
            break told.lock().unwrap().take().unwrap();
        }
        timeout *= 2;
    };
    if let Some(resident) = resident {
        assert_eq!(queue(&to), [resident.word()]);
        unpark_all(keys[1], HELLO);
        resident.end();
    }
    assert!(queue(&from).is_empty() && queue(&to).is_empty());
    (told, keys[1])
}

#[test]
fn timed_out_names_the_queue_to_which_the_thread_was_moved() {
    let (told, to) = time_out_in_the_other_queue(true);
    assert_eq!(told, (to, true));
    let (told, to) = time_out_in_the_other_queue(false);
    assert_eq!(told, (to, false));
}

#[test]
fn the_holder_of_a_record_is_read_from_the_word() {
    use crate::door::{Holder, WaitKind};

    let word = word();
    let waiter = {
        let word = Arc::clone(&word);
        let location = Location::caller();
        let subject =
            Subject { kind: WaitKind::Lock, name: Some("x"), holder: Holder::InWord, location };
        Waiter::start(move || park(Key::of(&word), &subject, Deadline::NEVER, || true, |_, _| ()))
    };
    let holder = || waits().into_iter().find(|it| it.thread.ident == waiter.ident).unwrap().holder;
    assert_eq!(holder(), None);
    for ident in 1..4 {
        // The flags do not belong to the holder's number.
        word.store((ident << number::FLAG_BITS) | (ident % 4), Ordering::Relaxed);
        assert_eq!(holder().map(|it| it.get() as usize), Some(ident));
    }
    unpark_all(Key::of(&word), HELLO);
    waiter.end();
}
