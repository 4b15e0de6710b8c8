//! Iterators that several threads use, beyond what Python promises.

use std::{
    cell::Cell,
    iter,
    rc::Rc,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use threadwork_sync::{
    ConcurrentTee, Event, SerializeIterator, Wait, WaitError, WaitKind, concurrent_tee, get_ident,
};
use threadwork_test_support::assert_lacks;

use crate::{
    auto_traits::{assert_all, assert_send, assert_sync, assert_unwind_safe},
    objects::{panic_of, start_waiting, stopped},
    support::Helper,
};

#[test]
fn they_are_shared_as_far_as_the_iterator_and_the_items_are_sent() {
    const {
        assert_all::<SerializeIterator<std::vec::IntoIter<u8>>>();
        assert_send::<SerializeIterator<iter::Once<Cell<u8>>>>();
        assert_sync::<SerializeIterator<iter::Once<Cell<u8>>>>();
        assert_unwind_safe::<SerializeIterator<iter::Once<Cell<u8>>>>();
        assert_all::<ConcurrentTee<std::vec::IntoIter<u8>>>();
    }
}
assert_lacks!(SerializeIterator<iter::Once<Rc<u8>>>: Send);
// Threads look at one item at the same time.
assert_lacks!(ConcurrentTee<iter::Once<Cell<u8>>>: Send);

type Jobs = Box<dyn Iterator<Item = u32> + Send>;

/// A source that makes its items once the gate is open.
fn gated(gate: &'static Event) -> Jobs {
    Box::new((1..=100).inspect(|_| gate.wait()))
}

/// Checks that each form waits while another thread has its turn, with its own line on record.
fn check_forms<T: Clone + Send + 'static>(
    new: fn(&'static Event) -> T,
    forms: &[fn(T) -> Option<u32>],
) {
    for (number, form) in forms.iter().copied().enumerate() {
        let gate: &'static Event = Box::leak(Box::default());
        let first = new(gate);
        let others = first.clone();
        let holder = start_waiting(WaitKind::Event, move || form(first));
        let helper = start_waiting(WaitKind::Lock, move || form(others));
        let record = helper.blocked();
        let of_form = format!("form {number}");
        assert_eq!((record.name, record.location.file()), (Some("jobs"), file!()), "{of_form}");
        assert_eq!(record.holder, Some(holder.ident()), "{of_form}");
        gate.set();
        assert!(holder.join().is_some() && helper.join().is_some(), "{of_form}");
    }
}

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn who_waits_for_a_turn_is_recorded_with_its_line_and_who_has_the_turn() {
    check_forms::<SerializeIterator<Jobs>>(
        |gate| SerializeIterator::named("jobs", gated(gate)),
        &[
            |it| it.next(),
            |it| it.next_timeout(LONG).unwrap(),
            |it| it.next_with(&Wait::timeout(LONG)).unwrap(),
            |it| (&it).into_iter().find(|_| true),
            |it| it.clone().map(|it| it + 1).find(|_| true),
        ],
    );
    check_forms::<ConcurrentTee<Jobs>>(
        |gate| ConcurrentTee::named("jobs", gated(gate)),
        &[
            |mut it| it.next(),
            |mut it| it.next_timeout(LONG).unwrap(),
            |mut it| it.next_with(&Wait::timeout(LONG)).unwrap(),
            |it| it.clone().map(|it| it + 1).find(|_| true),
        ],
    );
}

#[test]
fn a_turn_that_does_not_come_takes_no_item() {
    static GATE: Event = Event::new();
    let shared = SerializeIterator::new(gated(&GATE));
    let tee = ConcurrentTee::new(shared.clone());
    let holder = start_waiting(WaitKind::Event, {
        let mut tee = tee.clone();
        move || tee.next()
    });
    let mut tee = tee;
    assert_eq!((shared.try_next(), tee.try_next()), (None, None));
    assert_eq!(shared.next_timeout(Duration::ZERO), Err(WaitError::TimedOut));
    assert_eq!(tee.next_timeout(Duration::ZERO), Err(WaitError::TimedOut));
    assert_eq!(shared.next_with(&stopped()), Err(WaitError::Stopped));
    assert_eq!(tee.next_with(&stopped()), Err(WaitError::Stopped));
    GATE.set();
    assert_eq!((holder.join(), tee.next(), shared.next()), (Some(1), Some(1), Some(2)));
}

#[test]
fn what_is_kept_is_passed_while_another_thread_has_its_turn() {
    static GATE: Event = Event::new();
    let [mut fast, mut slow] = concurrent_tee((1..=2).inspect(|it| {
        if *it == 2 {
            GATE.wait();
        }
    }));
    assert_eq!(fast.next(), Some(1));
    let holder = start_waiting(WaitKind::Event, move || fast.next());
    assert_eq!(slow.next(), Some(1));
    GATE.set();
    assert_eq!((holder.join(), slow.next(), slow.next()), (Some(2), Some(2), None));
}

/// Answers `None`, and then goes on.
struct Hiccup {
    n_calls: u32,
    at_drop: Option<Box<dyn FnOnce() + Send>>,
}

impl Iterator for Hiccup {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.n_calls += 1;
        (self.n_calls != 2).then_some(self.n_calls)
    }
}

impl Drop for Hiccup {
    fn drop(&mut self) {
        self.at_drop.take().into_iter().for_each(|f| f());
    }
}

#[test]
fn an_end_is_the_end_for_all_and_the_iterator_is_dropped_without_the_lock() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (handle, seen) = (Arc::new(OnceLock::<SerializeIterator<Hiccup>>::new()), &dropped);
    let at_drop = {
        let (handle, dropped) = (Arc::clone(&handle), Arc::clone(seen));
        move || {
            // With the turn not yet over, this would be `None`.
            assert_eq!(handle.get().unwrap().try_next(), Some(None));
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    };
    let hiccup = Hiccup { n_calls: 0, at_drop: Some(Box::new(at_drop)) };
    let shared = SerializeIterator::new(hiccup);
    handle.set(shared.clone()).unwrap();
    assert_eq!(shared.next(), Some(1));
    assert_eq!(shared.clone().next(), None);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    assert_eq!(shared.next(), None);

    let [mut left, right] = concurrent_tee(Hiccup { n_calls: 0, at_drop: None });
    assert_eq!((left.next(), left.next(), left.next()), (Some(1), None, None));
    assert!(right.eq([1]));
}

#[test]
fn an_iterator_that_is_cloned_on_its_way_begins_where_it_is() {
    let [mut first] = concurrent_tee(0..4);
    assert_eq!(first.next(), Some(0));
    let second = first.clone();
    assert_eq!(first.next(), Some(1));
    assert!(second.eq(1..4));
    assert!(first.eq(2..4));
}

/// An item that counts its clones.
#[derive(Debug)]
struct Item(Arc<AtomicUsize>);

impl Clone for Item {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Item(Arc::clone(&self.0))
    }
}

#[test]
fn who_is_the_last_before_an_item_gets_the_item_itself() {
    let n_clones = Arc::new(AtomicUsize::new(0));
    let items = iter::repeat_with(|| Item(Arc::clone(&n_clones))).take(5);
    let tees: [_; 3] = concurrent_tee(items);
    tees.into_iter().for_each(|tee| assert_eq!(tee.count(), 5));
    assert_eq!(n_clones.load(Ordering::Relaxed), 5 * 2);
}

#[test]
fn a_panic_of_the_source_or_of_a_clone_loses_nothing_for_others() {
    struct Fragile(u32);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            assert_ne!(self.0, 3, "it breaks");
            Fragile(self.0)
        }
    }
    let source = (1..=4).inspect(|it| assert_ne!(*it, 2, "two")).map(Fragile);
    let [mut left, right] = concurrent_tee(source);
    let mut next = move || left.next().map(|it| it.0);
    assert_eq!(next(), Some(1));
    assert!(panic_of(&mut next).contains("two"));
    assert!(panic_of(&mut next).contains("it breaks"));
    assert_eq!((next(), next()), (Some(4), None));
    assert!(right.map(|it| it.0).eq([1, 3, 4]));
}

#[test]
fn a_long_way_behind_is_no_depth_of_the_stack() {
    let small = thread::Builder::new().stack_size(64 * 1024);
    let helper = Helper::start_with(small, || {
        let [fast, slow] = concurrent_tee((0..200_000).map(Box::new));
        assert_eq!(fast.count(), 200_000);
        drop(slow);
    });
    helper.join();
}

#[test]
fn their_debug_form_names_the_thread_that_has_its_turn_and_does_not_wait() {
    type Texts = Box<dyn Iterator<Item = String> + Send>;
    let handle = Arc::new(OnceLock::<SerializeIterator<Texts>>::new());
    let own = Arc::clone(&handle);
    let source = iter::once_with(move || format!("{:?}", own.get().unwrap()));
    let source: Texts = Box::new(source);
    let shared = SerializeIterator::named("jobs", source);
    handle.set(shared.clone()).unwrap();
    let me = get_ident();
    let inside = format!("SerializeIterator {{ name: Some(\"jobs\"), holder: Some({me}), .. }}");
    assert_eq!(shared.next(), Some(inside));
    let [tee] = concurrent_tee([1]);
    assert_eq!(format!("{tee:?}"), "ConcurrentTee { name: None, holder: None, .. }");
}
