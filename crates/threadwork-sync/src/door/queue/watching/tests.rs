//! What others see of a thread that watches several places.
#![expect(unsafe_code, reason = "nodes are put into queues by hand")]

use std::{
    mem,
    num::NonZeroU64,
    panic::Location,
    pin::pin,
    sync::{Arc, Mutex},
    task::Waker,
    thread,
    time::{Duration, Instant},
};

use super::{Watched, watch_any};
use crate::{
    RwLock, WaitKind, Waiter, Waiting,
    door::{
        Key, Parking, Signal, Subject, Token, Until,
        bucket::{node::Node, sleeper, table, watch::Watch},
        observer::{Observer, Waited, observe},
        queue::{place::leave, task::TaskPlace},
        subject::Holder,
        testing::{eventually, queue, start},
        unpark_all, unpark_one, waits,
    },
    floor::{Word, bucket_of, now},
    number::{MAIN_IDENT, from_word, get_ident},
};

#[track_caller]
fn event(name: &'static str) -> Subject {
    let location = Location::caller();
    Subject { kind: WaitKind::Event, name: Some(name), holder: Holder::Nobody, location }
}

fn of(ident: NonZeroU64) -> Vec<Waiting> {
    waits().into_iter().filter(|it| it.thread.ident == ident).collect()
}

fn words<const N: usize>() -> Arc<[Word; N]> {
    Arc::new([(); N].map(|()| Word::new(0)))
}

/// Watches all words, with a subject of its own for each; none of them is ready.
fn watch_all(words: &[Word], subjects: &[Subject], until: Until<'_>) -> Watched {
    let place =
        |(word, subject)| Parking { key: Key::of(word), amount: 0, subject, overtaken: false };
    let places: Vec<_> = words.iter().zip(subjects).map(place).collect();
    watch_any(&places, until, |_| true)
}

/// More than have room on the stack.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[test]
fn a_thread_is_listed_with_all_that_it_waits_for_in_the_order_of_the_call() {
    let words = words::<6>();
    let inner = Arc::clone(&words);
    let (word, thread) = start(move || {
        let mut subjects = NAMES.map(event);
        subjects[3] = Subject::join(MAIN_IDENT, Location::caller());
        watch_all(&*inner, &subjects, Until::default())
    });
    let all = of(from_word(word).unwrap());
    let names: Vec<_> = all.iter().map(|it| it.name).collect();
    assert_eq!(names, ["a", "b", "c", "", "e", "f"].map(|it| Some(it).filter(|it| !it.is_empty())));
    assert!(all.iter().all(|it| it.thread.waiter == Waiter::AnyOf && it.since == all[0].since));
    assert!(all.iter().zip(words.iter()).all(|(it, word)| it.address == Key::of(word).address()));
    assert_eq!(all[3].holder, Some(MAIN_IDENT));
    assert!(all.iter().all(|it| it.thread == all[0].thread && it.readers.is_empty()));
    assert!(
        !cfg!(all(target_os = "linux", not(threadwork_portable)))
            || all[0].thread.native_id.is_some()
    );
    unpark_one(Key::of(&words[5]), |_| Token::RETRY);
    assert_eq!(thread.join().unwrap(), Watched::Look);
    assert!(of(from_word(word).unwrap()).is_empty());
}

/// Stands in the queues of both words as a watcher whose wait is shown, and runs `then`.
fn standing(words: &[Word; 2], then: impl FnOnce(&Watch)) {
    let subjects = [event("left first"), event("left last")];
    let watch = Watch::new(true);
    let sleeper = sleeper::mine();
    let sleeper: &'static sleeper::Sleeper = &sleeper;
    watch.begin(sleeper);
    let node = |at: usize| {
        let parking = Parking {
            key: Key::of(&words[at]),
            amount: 0,
            subject: &subjects[at],
            overtaken: false,
        };
        Node::watcher(&parking, &watch)
    };
    let nodes = [node(0), node(1)];
    for node in &nodes {
        // SAFETY: the bucket is locked, and the node is new. It leaves at the end of this function.
        unsafe { table::locked(node.key()).push_front(node) };
    }
    assert!(of(get_ident()).is_empty(), "the thread has not slept yet");
    watch.since.set(now());
    then(&watch);
    nodes.iter().for_each(|it| drop(leave(it)));
}

#[test]
fn a_thread_that_was_told_is_not_listed_although_it_stands_in_all_queues() {
    let words = words::<2>();
    standing(&words, |_| {
        assert_eq!(of(get_ident()).len(), 2);
        unpark_one(Key::of(&words[0]), |_| Token::RETRY);
        assert!(of(get_ident()).is_empty(), "its wait is over");
    });
}

/// Holds the queue of the last word while the thread leaves that of the first, because its time is up. Returns `None` if the thread
/// had left both before that, else whether its wait was still shown.
fn is_shown_between(timeout: Duration) -> Option<bool> {
    let words = words::<8>();
    // Whoever locks two buckets locks the first one first.
    let bucket = |at: &usize| bucket_of(Key::of(&words[*at]).number());
    let [first, last] = [(0..8).max_by_key(bucket), (0..8).min_by_key(bucket)].map(Option::unwrap);
    assert!(bucket(&last) < bucket(&first), "the words are in several buckets");
    let inner = Arc::clone(&words);
    let thread = thread::spawn(move || {
        let subjects = [event("left first"), event("left last")];
        let until = Until { deadline: Some(now() + timeout), stop: None };
        let place = |at: usize, of: usize| Parking {
            key: Key::of(&inner[at]),
            amount: 0,
            subject: &subjects[of],
            overtaken: false,
        };
        watch_any(&[place(first, 0), place(last, 1)], until, |_| true)
    });
    let is_shown = loop {
        let (mut shown, list) = (None, table::locked(Key::of(&words[last])));
        // SAFETY: the bucket is locked.
        let node = || unsafe { list.first(Key::of(&words[last])) };
        if node().is_some_and(|it| it.shown_since().is_some()) {
            eventually("the thread does not leave", || queue(Key::of(&words[first])).is_empty());
            shown = node().map(|it| it.shown_since().is_some());
        }
        drop(list);
        if shown.is_some() || thread.is_finished() {
            break shown;
        }
    };
    assert_eq!(thread.join().unwrap(), Watched::TimedOut);
    is_shown
}

#[test]
fn a_wait_is_hidden_before_the_thread_leaves_the_first_queue() {
    let mut timeout = Duration::from_millis(5);
    let is_shown = loop {
        match is_shown_between(timeout) {
            Some(is_shown) => break is_shown,
            None => timeout *= 2,
        }
    };
    assert!(!is_shown);
}

#[test]
fn a_thread_that_is_found_in_two_waits_is_listed_with_the_newer_one() {
    let words = words::<3>();
    let (older, newer) = (event("older"), event("newer"));
    let sleeper = sleeper::mine();
    let sleeper: &'static sleeper::Sleeper = &sleeper;
    let node = |at: usize, subject: &Subject| {
        Node::waiter(
            &Parking { key: Key::of(&words[at]), amount: 0, subject, overtaken: false },
            sleeper,
        )
    };
    for (first, last) in [(0, 1), (1, 0)] {
        let nodes = [node(first, &older), node(last, &newer)];
        nodes[0].since().set(now());
        nodes[1].since().set(now() + Duration::from_nanos(1));
        for node in &nodes {
            // SAFETY: the bucket is locked, and the node is new. It leaves below.
            unsafe { table::locked(node.key()).push_back(node) };
        }
        // A task that the thread has polled waits all the while.
        let task = event("task");
        let task = pin!(TaskPlace::new(&Parking {
            key: Key::of(&words[2]),
            amount: 0,
            subject: &task,
            overtaken: false
        }));
        assert!(task.as_ref().stand(Waker::noop(), || true));
        let mut listed: Vec<_> =
            of(get_ident()).into_iter().map(|it| (it.name.unwrap(), it.thread.waiter)).collect();
        listed.sort_unstable_by_key(|it| it.0);
        nodes.iter().for_each(|it| drop(leave(it)));
        assert_eq!(listed, [("newer", Waiter::Thread), ("task", Waiter::Task)]);
    }
}

#[test]
fn a_task_has_no_native_id_holder_or_place_among_the_readers() {
    let lock = RwLock::new(());
    let word = Word::new(get_ident().get() as usize * 64);
    let subject = Subject { holder: Holder::InWord, ..event("task of a reader") };
    let task = pin!(TaskPlace::new(&Parking {
        key: Key::of(&word),
        amount: 0,
        subject: &subject,
        overtaken: false
    }));
    let guard = lock.read();
    assert!(task.as_ref().stand(Waker::noop(), || true));
    let [it] = &of(get_ident())[..] else { panic!() };
    assert_eq!((it.thread.waiter, it.thread.native_id, it.holder), (Waiter::Task, None, None));
    assert!(it.readers.is_empty());
    drop(guard);
}

#[test]
fn a_reader_that_waits_for_any_of_several_is_one_reader() {
    let (lock, words) = (Arc::new(RwLock::new(())), words::<3>());
    let (reading, inner) = (Arc::clone(&lock), Arc::clone(&words));
    let (reader, reads) = start(move || {
        let _guard = reading.read();
        watch_all(&*inner, &["a", "b", "c"].map(event), Until::default())
    });
    let (writer, writes) = start(move || drop(lock.write()));
    let [wait] = &of(from_word(writer).unwrap())[..] else { panic!() };
    assert_eq!(wait.readers, [from_word(reader).unwrap()]);
    unpark_all(Key::of(&words[1]), Token::RETRY);
    reads.join().unwrap();
    writes.join().unwrap();
}

/// What the observer was told: address, name of the object, and whether it was woken.
static TOLD: Mutex<Vec<(NonZeroU64, Told)>> = Mutex::new(Vec::new());

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Waited { address: usize, name: Option<&'static str>, woken: bool, any_of: bool },
    Woke { address: usize, count: usize },
}

struct Listener(#[expect(dead_code, reason = "a static without a size may have no address")] u8);

impl Observer for Listener {
    fn waited(&self, wait: &Waited) {
        let &Waited { address, woken, any_of, .. } = wait;
        assert!(wait.since <= wait.until);
        let told = Told::Waited { address, name: wait.subject.name, woken, any_of };
        TOLD.lock().unwrap().push((wait.ident, told));
    }

    fn woke(&self, address: usize, count: usize, _: Instant) {
        TOLD.lock().unwrap().push((get_ident(), Told::Woke { address, count }));
    }
}

/// Takes what this thread and the thread `ident` told the observer.
fn told_by(ident: NonZeroU64) -> Vec<Told> {
    let mut told = TOLD.lock().unwrap();
    let is_ours = |it: &(NonZeroU64, Told)| it.0 == ident || it.0 == get_ident();
    let (ours, others) = mem::take(&mut *told).into_iter().partition(is_ours);
    *told = others;
    ours.into_iter().map(|it| it.1).collect()
}

/// Starts a thread that watches three words, lets `end` end the wait, and returns what both threads told the observer.
fn told(timeout: Option<Duration>, end: impl FnOnce(&[Word; 3], &Signal)) -> (Watched, Vec<Told>) {
    static LISTENER: Listener = Listener(0);
    assert!(observe(&LISTENER));
    let (words, signal) = (words::<3>(), Arc::new(Signal::new()));
    let (of_thread, until) = (Arc::clone(&words), Arc::clone(&signal));
    let watch = move || {
        let until = Until { deadline: timeout.map(|it| now() + it), stop: Some(&until) };
        watch_all(&*of_thread, &["a", "b", "c"].map(event), until)
    };
    let (ident, ended) = if timeout.is_some() {
        thread::spawn(move || (get_ident(), watch())).join().unwrap()
    } else {
        let (word, thread) = start(watch);
        end(&words, &signal);
        (from_word(word).unwrap(), thread.join().unwrap())
    };
    let place = |address| words.iter().position(|it| Key::of(it).address() == address);
    let by_place = |it| match it {
        Told::Waited { address, name, woken, any_of } => {
            Told::Waited { address: place(address).unwrap(), name, woken, any_of }
        }
        // The signal is at no place.
        Told::Woke { address, count } => Told::Woke { address: place(address).unwrap_or(9), count },
    };
    (ended, told_by(ident).into_iter().map(by_place).collect())
}

#[test]
fn the_observer_is_told_once_with_the_object_that_ended_the_wait() {
    let waited = |address, name, woken| Told::Waited { address, name, woken, any_of: true };
    let woke = |address| Told::Woke { address, count: 1 };

    // The last is woken, and so is the first, perhaps before the thread looks.
    let (ended, mut all) = told(None, |words, _| {
        unpark_one(Key::of(&words[2]), |_| Token::RETRY);
        unpark_one(Key::of(&words[0]), |_| Token::RETRY);
    });
    assert_eq!(ended, Watched::Look);
    let place = all.iter().position(|it| matches!(it, Told::Waited { .. })).unwrap();
    assert_eq!(all.remove(place), waited(2, Some("c"), true));
    assert_eq!(all[0], woke(2));
    assert!(all[1..].is_empty() || all[1..] == [woke(0)], "{all:?}");

    // A stop ended it.
    let (ended, mut all) = told(None, |_, signal| {
        signal.raise();
        signal.end_waits();
    });
    assert_eq!(ended, Watched::Stopped);
    all.retain(|it| matches!(it, Told::Waited { .. }));
    assert_eq!(all, [waited(0, Some("a"), false)]);

    // The deadline ended it. A thread that did not sleep tells nothing.
    let mut timeout = Duration::from_millis(1);
    loop {
        let (ended, all) = told(Some(timeout), |_, _| ());
        assert_eq!(ended, Watched::TimedOut);
        if !all.is_empty() {
            assert_eq!(all, [waited(0, Some("a"), false)]);
            break;
        }
        timeout *= 2;
    }
}

#[test]
fn a_place_that_was_told_first_is_found_whatever_was_told_later() {
    let words = words::<2>();
    for first in [0, 1] {
        let subject = event("told");
        let watch = Watch::new(true);
        let node = |word| {
            Node::watcher(
                &Parking { key: Key::of(word), amount: 0, subject: &subject, overtaken: false },
                &watch,
            )
        };
        let nodes = [node(&words[0]), node(&words[1])];
        assert_eq!(super::first_told(&watch, nodes.iter()), 0);
        for place in [first, 1 - first] {
            nodes[place].tell();
        }
        let found = super::first_told(&watch, nodes.iter());
        assert_eq!(found, std::ptr::from_ref(&nodes[first]).addr());
        assert!(!watch.is_told());
    }
}
