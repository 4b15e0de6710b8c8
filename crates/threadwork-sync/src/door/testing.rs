//! Helpers of the white-box tests: threads that are blocked when the test continues.
#![cfg(not(threadwork_loom))]

use std::{
    cell::Cell,
    panic::Location,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    door::{
        self, Filter, HandOver, Key, Parked, Parking, Subject, Token, Until, bucket::table::paces,
        reads, waits,
    },
    number::{FLAG_BITS, MAIN_IDENT, adopt_ident, reserve_ident},
};

thread_local! {
    static VISITS: Cell<usize> = const { Cell::new(0) };
}

/// Notes that the current thread looks again at what it waits for, or is about to enter a queue.
pub(crate) fn note_visit() {
    VISITS.set(VISITS.get() + 1);
}

/// Returns how many times the current thread did that.
pub(crate) fn visits() -> usize {
    VISITS.get()
}

thread_local! {
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

/// Notes that the current thread looks for a while before it sleeps.
pub(crate) fn note_look() {
    LOOKS.set(LOOKS.get() + 1);
}

/// Returns how many times the current thread did that.
pub(crate) fn looks() -> usize {
    LOOKS.get()
}

#[track_caller]
pub(crate) fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !look() {
        assert!(Instant::now() < give_up, "{what}");
        thread::yield_now();
    }
}

/// Starts a thread, and returns its word and handle once it is blocked.
#[track_caller]
pub(crate) fn start<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> (usize, JoinHandle<T>) {
    let reserved = reserve_ident();
    let ident = reserved.get();
    let thread = thread::spawn(move || {
        adopt_ident(reserved);
        f()
    });
    eventually("the thread does not block", || waits().iter().any(|it| it.thread.ident == ident));
    (usize::try_from(ident.get()).unwrap() << FLAG_BITS, thread)
}

/// Returns the words of the threads in the queue.
pub(crate) fn queue(key: Key) -> Vec<usize> {
    let mut threads = Vec::new();
    let look = |it: door::Ticket| {
        threads.push(it.thread);
        Filter::Skip
    };
    door::unpark_filter(key, look, |_| Token::RETRY);
    threads
}

/// Wakes the thread with the word `thread`, if it stands in the queue. Returns `true` if it did.
pub(crate) fn unpark_thread(key: Key, thread: usize, token: Token) -> bool {
    let only = |it: door::Ticket| if it.thread == thread { Filter::Wake } else { Filter::Skip };
    door::unpark_filter(key, only, |_| token).woken > 0
}

/// Returns the number of nodes that watch a signal.
pub(crate) fn n_watchers(signal: &door::Signal) -> usize {
    queue(signal.key()).len()
}

#[track_caller]
pub(crate) fn subject() -> Subject {
    Subject::join(MAIN_IDENT, Location::caller())
}

thread_local! {
    static DECIDED: Cell<Option<HandOver>> = const { Cell::new(None) };
}

/// Lets the current thread hand over in `f` as `how` says, however long ago the last hand-over was.
pub(crate) fn deciding<R>(how: HandOver, f: impl FnOnce() -> R) -> R {
    DECIDED.set(Some(how));
    let result = f();
    DECIDED.set(None);
    result
}

/// Returns what was decided for the current thread.
pub(crate) fn decided() -> Option<HandOver> {
    DECIDED.get()
}

/// Returns when a lock whose queue shares a bucket with that of the key was handed over last, if ever.
pub(crate) fn last_hand_over(key: Key) -> Option<Instant> {
    paces(key).hand_overs.last()
}

/// Lets the last hand-over be at `time`, or never.
pub(crate) fn set_last_hand_over(key: Key, time: Option<Instant>) {
    paces(key).hand_overs.set(time);
}

/// Returns `true` if the current thread has noted that it reads under a lock.
pub(crate) fn has_noted_a_read() -> bool {
    reads::are_any()
}

/// Stands at the front of a queue, wanting `amount`. Runs `meanwhile` there, before this thread falls asleep.
pub(crate) fn stand_in_front(key: Key, amount: usize, meanwhile: impl FnOnce()) -> Parked {
    let parking = Parking { key, amount, subject: &subject(), overtaken: true };
    door::park(&parking, Until::default(), || true, meanwhile, |_, _| ())
}

/// Starts a thread that sleeps in a queue, wanting `amount`, and returns what it is told: it never looks at the object.
#[track_caller]
pub(crate) fn start_asleep(key: Key, amount: usize) -> (usize, JoinHandle<Parked>) {
    start(move || {
        let parking = Parking { key, amount, subject: &subject(), overtaken: false };
        door::park(&parking, Until::default(), || true, || (), |_, _| ())
    })
}
