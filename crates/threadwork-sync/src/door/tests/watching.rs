//! Standing in several queues at once: who is told, who is not counted, and that nobody stays behind.

use std::{panic::Location, sync::Arc, thread::JoinHandle, time::Duration};

use super::{HELLO, Waiter, queue, subject, word};
use crate::{
    Deadline,
    door::{
        self, Filter, Found, Key, LastingWatch, Parked, Parking, Signal, Sort, Subject, Token,
        Until, WaitKind, Watched,
        testing::{eventually, n_watchers, start},
        unpark_all, unpark_filter, unpark_one, waits, watch_any, with_locked,
    },
    floor::Word,
    number,
};

fn places<'a>(words: &[Arc<Word>], subject: &'a Subject) -> Vec<Parking<'a>> {
    words
        .iter()
        .map(|it| Parking { key: Key::of(it), amount: 0, subject, overtaken: false })
        .collect()
}

/// Starts a thread that watches all words, and returns once it does.
fn watcher(words: &[Arc<Word>], signal: Option<&Arc<Signal>>) -> (usize, JoinHandle<Watched>) {
    let (words, signal) = (words.to_vec(), signal.cloned());
    start(move || {
        let until = Until { deadline: None, stop: signal.as_deref() };
        watch_any(&places(&words, &subject()), until, |_| true)
    })
}

#[track_caller]
fn ended(thread: JoinHandle<Watched>) -> Watched {
    eventually("the watcher is not told", || thread.is_finished());
    thread.join().unwrap()
}

#[test]
fn a_wake_up_of_any_queue_ends_the_wait_and_the_thread_leaves_all() {
    for n in [1, 2, 9] {
        let words: Vec<_> = (0..n).map(|_| word()).collect();
        for woken in [0, n - 1] {
            let (thread, watcher) = watcher(&words, None);
            words.iter().for_each(|it| assert_eq!(queue(it), [thread]));
            let found = unpark_one(Key::of(&words[woken]), |_| HELLO);
            assert_eq!(found, Found { woken: 0, requeued: 0, more: true });
            assert_eq!(ended(watcher), Watched::Look);
            words.iter().for_each(|it| assert!(queue(it).is_empty()));
        }
    }
}

#[test]
fn a_watcher_stands_before_the_others_and_uses_up_no_wake_up() {
    let words = [word(), word()];
    let first = Waiter::at(&words[0]);
    let (thread, watcher) = watcher(&words, None);
    let second = Waiter::at(&words[0]);
    assert_eq!(queue(&words[0]), [thread, first.word(), second.word()]);
    let found = unpark_one(Key::of(&words[0]), |_| HELLO);
    assert_eq!(found, Found { woken: 1, requeued: 0, more: true });
    assert_eq!((first.end(), ended(watcher)), (Parked::Woken(HELLO), Watched::Look));
    assert_eq!(queue(&words[0]), [second.word()]);
    assert_eq!(unpark_all(Key::of(&words[0]), HELLO), 1);
    second.end();
}

#[test]
fn a_thread_that_need_not_wait_at_one_place_waits_at_none() {
    let (words, subject) = ([word(), word(), word()], subject());
    for ready in 0..3 {
        let watched = watch_any(&places(&words, &subject), Until::default(), |at| at != ready);
        assert_eq!(watched, Watched::Look);
        words.iter().for_each(|it| assert!(queue(it).is_empty()));
    }
}

#[test]
fn a_deadline_and_a_signal_end_the_wait_at_all_places() {
    let (words, subject) = ([word(), word()], subject());
    let passed = Deadline::after(Duration::ZERO).instant();
    let until = Until { deadline: passed, stop: None };
    assert_eq!(watch_any(&places(&words, &subject), until, |_| true), Watched::TimedOut);
    let signal = Arc::new(Signal::new());
    let (_, watcher) = watcher(&words, Some(&signal));
    assert_eq!(n_watchers(&signal), 1);
    signal.raise();
    signal.end_waits();
    assert_eq!(ended(watcher), Watched::Stopped);
    let until = Until { deadline: None, stop: Some(&signal) };
    let never = |_| unreachable!("the wait has not begun");
    assert_eq!(watch_any(&places(&words, &subject), until, never), Watched::Stopped);
    assert_eq!(n_watchers(&signal), 0);
    words.iter().for_each(|it| assert!(queue(it).is_empty()));
}

/// A watch of all words, which stands in all queues.
fn lasting(words: &[Arc<Word>]) -> LastingWatch {
    let subject = Subject::of(WaitKind::Event, None, Location::caller());
    let mut watch = LastingWatch::new(places(words, &subject).into_iter());
    (0..words.len()).for_each(|at| assert!(watch.enter(at, || true)));
    watch
}

fn told(watch: &mut LastingWatch) -> Vec<usize> {
    let mut told = Vec::new();
    watch.take(|at| told.push(at));
    told
}

#[test]
fn a_lasting_watch_knows_in_which_order_its_places_were_woken() {
    let words = [word(), word(), word(), word()];
    let mut watch = lasting(&words);
    assert_eq!(told(&mut watch), []);
    for at in [2, 0, 2, 3] {
        unpark_all(Key::of(&words[at]), HELLO);
    }
    assert_eq!(told(&mut watch), [3, 0, 2], "the latest first, and each once");
    assert!(!watch.stays(0, || false));
    assert!(watch.stays(2, || true));
    for at in [0, 3, 2, 1] {
        unpark_all(Key::of(&words[at]), HELLO);
    }
    assert_eq!(told(&mut watch), [1, 2], "one has left, one was not looked at, two wait again");
    assert!(watch.enter(0, || true));
    drop(watch);
    words.iter().for_each(|it| assert!(!with_locked(Key::of(it), |is_waited_at| is_waited_at)));
}

#[test]
fn a_wait_of_a_lasting_watch_ends_with_what_was_told_before_it_or_during_it() {
    let words = [word(), word()];
    let mut watch = lasting(&words);
    let signal = Arc::new(Signal::new());
    let wait_from_now = |watch: &mut LastingWatch, deadline| {
        let mut told = Vec::new();
        let until = Until { deadline, stop: Some(&signal) };
        (watch.wait(until, |at| told.push(at)), told)
    };
    let passed = Deadline::after(Duration::ZERO).instant();
    assert_eq!(wait_from_now(&mut watch, passed), (Watched::TimedOut, vec![]));
    unpark_all(Key::of(&words[1]), HELLO);
    assert_eq!(wait_from_now(&mut watch, None), (Watched::Look, vec![1]));
    assert!(watch.stays(1, || true));
    let here = number::get_ident();
    let entries = move || waits().iter().filter(|it| it.thread.ident == here).count();
    let waiting = std::thread::scope(|scope| {
        let waker = scope.spawn(|| {
            eventually("the thread does not wait", || entries() > 0);
            let waiting = entries();
            unpark_all(Key::of(&words[0]), HELLO);
            waiting
        });
        assert_eq!(wait_from_now(&mut watch, None), (Watched::Look, vec![0]));
        waker.join().unwrap()
    });
    assert_eq!(waiting, 2, "there is a record for each place");
    assert_eq!(entries(), 0, "nobody waits now");
    signal.raise();
    signal.end_waits();
    unpark_all(Key::of(&words[1]), HELLO);
    assert_eq!(wait_from_now(&mut watch, None), (Watched::Stopped, vec![1]));
    assert_eq!(n_watchers(&signal), 0);
}

#[test]
fn a_signal_that_ends_the_wait_of_a_lasting_watch_is_no_place() {
    let words = [word(), word()];
    let signal = Arc::new(Signal::new());
    let (_, thread) = {
        let (words, signal) = (words.clone(), Arc::clone(&signal));
        start(move || {
            let mut watch = lasting(&words);
            let mut told = Vec::new();
            let until = Until { deadline: None, stop: Some(&signal) };
            let watched = watch.wait(until, |at| told.push(at));
            (watched, told)
        })
    };
    signal.raise();
    signal.end_waits();
    eventually("the watcher is not told", || thread.is_finished());
    assert_eq!(thread.join().unwrap(), (Watched::Stopped, vec![]));
    assert_eq!(n_watchers(&signal), 0);
}

#[test]
fn a_watch_that_is_leaked_stays_where_it_is_and_names_no_thread() {
    let words = vec![word()];
    let key = Key::of(&words[0]);
    std::mem::forget(lasting(&words));
    // The address must not be given to another test.
    std::mem::forget(words);
    let mut sorts = Vec::new();
    let wake = |it: door::Ticket| {
        sorts.push((it.sort, it.thread));
        Filter::Wake
    };
    assert_eq!(unpark_filter(key, wake, |_| Token::RETRY).woken, 0);
    assert_eq!(sorts, [(Sort::Watcher, 0)]);
    assert!(with_locked(key, |is_waited_at| is_waited_at), "the node is still there");
}
