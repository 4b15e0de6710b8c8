//! Drops of the values of a `Local`: with their threads, with the object, and with both at once.
//!
//! Scenario "the value that is given up once" in docs/architecture.md.

use std::{
    cell::{Cell, RefCell},
    fmt,
    sync::{
        Arc, Barrier, Weak,
        atomic::{AtomicU32, Ordering},
        mpsc::channel,
    },
    thread,
};

use threadwork_core::{AccessError, Local, Thread, current_thread, enumerate};
use threadwork_sync::{Event, Lock};

use crate::{
    local::{Dropped, message_of},
    support::{foreign, join, run},
};

/// Calls a function when dropped.
struct AtEnd(Box<dyn FnMut() + Send>);

impl AtEnd {
    fn new(f: impl FnMut() + Send + 'static) -> AtEnd {
        AtEnd(Box::new(f))
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl fmt::Debug for AtEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtEnd")
    }
}

/// Values that each call a function when dropped.
type Ends = Local<RefCell<Option<AtEnd>>>;

const fn ends() -> Ends {
    Local::new(|| RefCell::new(None))
}

/// The results of the destructors of a thread.
type Told<T> = Arc<Lock<Vec<T>>>;

fn counted() -> (Arc<AtomicU32>, Local<Dropped, impl Fn() -> Dropped>) {
    let drops = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&drops);
    (drops, Local::new(move || Dropped(Arc::clone(&counted))))
}

#[test]
fn a_value_is_dropped_before_a_join_of_its_thread_returns() {
    let (drops, local) = counted();
    let local = Arc::new(local);
    let there = Arc::clone(&local);
    run(&Thread::new(move || there.with(|_| ()))).unwrap();
    assert_eq!((drops.load(Ordering::SeqCst), local.len()), (1, 0));
    let there = Arc::clone(&local);
    foreign(move || there.with(|_| ()));
    assert_eq!((drops.load(Ordering::SeqCst), local.len()), (2, 0));
    let there = Arc::clone(&local);
    let panicking = Thread::new(move || there.with(|_| panic!("on purpose")));
    run(&panicking).unwrap_err();
    assert_eq!((drops.load(Ordering::SeqCst), local.len()), (3, 0));
}

#[test]
fn the_drop_of_the_object_drops_the_values_of_living_threads() {
    let (drops, local) = counted();
    let (local, gone) = (Arc::new(local), Arc::new(Event::new()));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (tell, told) = channel();
            let (mut local, gone) = (Some(Arc::clone(&local)), Arc::clone(&gone));
            let thread = Thread::new(move || {
                local.take().expect("the closure is called once").with(|_| ());
                tell.send(()).unwrap();
                gone.wait();
            });
            thread.start().unwrap();
            told.recv().unwrap();
            thread
        })
        .collect();
    local.with(|_| ());
    assert_eq!((drops.load(Ordering::SeqCst), local.len()), (0, 4));
    drop(Arc::into_inner(local).expect("the threads have dropped theirs"));
    assert_eq!(drops.load(Ordering::SeqCst), 4);
    gone.set();
    threads.iter().for_each(|it| join(it).unwrap());
    assert_eq!(drops.load(Ordering::SeqCst), 4, "once each");
}

#[test]
fn a_new_object_never_has_a_value_of_an_old_one() {
    let (ask, asked) =
        channel::<Arc<Local<Cell<usize>, Box<dyn Fn() -> Cell<usize> + Send + Sync>>>>();
    let (tell, told) = channel();
    let other = thread::spawn(move || {
        for local in asked {
            let before = local.get();
            local.set(before + 1000);
            drop(local);
            tell.send(before).unwrap();
        }
    });
    for n in 0..100 {
        let local: Box<dyn Fn() -> Cell<usize> + Send + Sync> = Box::new(move || Cell::new(n));
        let local = Arc::new(Local::new(local));
        assert_eq!(local.replace(2000), n);
        ask.send(Arc::clone(&local)).unwrap();
        assert_eq!(told.recv().unwrap(), n);
        // An object of another type takes the place.
        drop(local);
        let texts = Local::new(|| format!("text {n}"));
        assert_eq!(texts.with(String::clone), format!("text {n}"));
    }
    drop(ask);
    other.join().unwrap();
}

#[test]
fn at_the_end_of_a_thread_the_latest_value_is_dropped_first() {
    static FIRST: Ends = ends();
    static SECOND: Ends = ends();
    static THIRD: Ends = ends();
    let order: Told<u8> = Arc::default();
    let told = Arc::clone(&order);
    foreign(move || {
        // The order of the places differs from the order in which the values are made.
        foreign(|| [&THIRD, &FIRST, &SECOND].map(|it: &Ends| it.take().is_some()));
        for (n, local) in (1..).zip([&FIRST, &SECOND, &THIRD]) {
            let told = Arc::clone(&told);
            local.set(Some(AtEnd::new(move || told.acquire().push(n))));
        }
    });
    assert_eq!(*order.acquire(), [3, 2, 1]);
}

#[test]
fn while_values_are_dropped_older_ones_are_usable_and_no_new_ones_are_made() {
    static OLDER: Local<Cell<u8>> = Local::new(|| Cell::new(0));
    static ENDING: Ends = ends();
    static YOUNGER: Local<Cell<u8>> = Local::new(|| Cell::new(0));
    static NEW: Local<Cell<u8>> = Local::new(|| Cell::new(0));
    static REMOVED: Ends = ends();
    let seen: Told<Result<u8, AccessError>> = Arc::default();
    let told = Arc::clone(&seen);
    let thread = Thread::new(move || {
        OLDER.set(1);
        REMOVED.take();
        let told = Arc::clone(&told);
        ENDING.set(Some(AtEnd::new(move || {
            let mut told = told.acquire();
            told.push(OLDER.try_with(Cell::get));
            told.push(ENDING.try_with(|_| 2));
            told.push(YOUNGER.try_with(Cell::get));
            told.push(NEW.try_with(Cell::get));
            // Only older values can still be removed.
            told.push(Ok(u8::from(ENDING.remove() || YOUNGER.remove() || NEW.remove())));
            told.push(Ok(u8::from(REMOVED.remove())));
            told.push(REMOVED.try_with(|_| 3));
            let message = message_of(|| NEW.set(1));
            assert!(message.contains("already been dropped"), "{message}");
            let shown = format!("{ENDING:?}").contains("value: <none>");
            told.push(Ok(u8::from(shown)));
        })));
        YOUNGER.set(3);
    });
    run(&thread).unwrap();
    let gone = seen.acquire()[1];
    assert!(
        gone.unwrap_err().to_string().starts_with("the values of this thread are already dropped")
    );
    let expected = [Ok(1), gone, gone, gone, Ok(0), Ok(1), gone, Ok(1)];
    assert_eq!(*seen.acquire(), expected);
    assert!(OLDER.is_empty() && ENDING.is_empty() && REMOVED.is_empty());
}

#[test]
fn a_value_whose_drop_panics_harms_neither_its_thread_nor_the_others() {
    static FIRST: Ends = ends();
    static PANICS: Ends = ends();
    static LAST: Ends = ends();
    let order: Told<u8> = Arc::default();
    let told = Arc::clone(&order);
    let thread = Thread::new(move || {
        for (n, local) in (1..).zip([&FIRST, &PANICS, &LAST]) {
            let told = Arc::clone(&told);
            local.set(Some(AtEnd::new(move || {
                told.acquire().push(n);
                assert_ne!(n, 2, "on purpose");
            })));
        }
    });
    run(&thread).unwrap();
    assert_eq!(*order.acquire(), [3, 2, 1]);
    assert!(PANICS.is_empty());
}

#[test]
fn the_drop_of_an_object_drops_all_values_even_if_some_of_them_panic() {
    static DROPS: AtomicU32 = AtomicU32::new(0);
    let panicking = || {
        let local = Arc::new(ends());
        let fill = |local: &Ends| {
            local.set(Some(AtEnd::new(|| {
                let n = DROPS.fetch_add(1, Ordering::SeqCst);
                panic!("drop {n}");
            })));
        };
        let (gone, ready) = (Arc::new(Event::new()), Arc::new(Barrier::new(3)));
        let threads = [0, 1].map(|_| {
            let (local, gone, ready) = (Arc::clone(&local), Arc::clone(&gone), Arc::clone(&ready));
            thread::spawn(move || {
                fill(&local);
                drop(local);
                ready.wait();
                gone.wait();
            })
        });
        ready.wait();
        fill(&local);
        let local = Arc::into_inner(local).expect("the threads have dropped theirs");
        (local, move || {
            gone.set();
            threads.into_iter().for_each(|it| it.join().unwrap());
        })
    };
    let (local, end) = panicking();
    assert_eq!(message_of(|| drop(local)), "drop 0");
    assert_eq!(DROPS.load(Ordering::SeqCst), 3);
    end();
    // During unwinding, another panic would abort the process.
    let (local, end) = panicking();
    let unwinding = || {
        let _local = local;
        panic!("already");
    };
    assert_eq!(message_of(unwinding), "already");
    assert_eq!(DROPS.load(Ordering::SeqCst), 6);
    end();
}

#[test]
fn a_removed_value_whose_drop_panics_is_gone() {
    static LOCAL: Ends = ends();
    LOCAL.set(Some(AtEnd::new(|| panic!("on purpose"))));
    assert_eq!(message_of(|| _ = LOCAL.remove()), "on purpose");
    assert!(LOCAL.is_empty() && LOCAL.take().is_none());
}

#[test]
fn the_drop_of_a_value_may_start_and_list_threads() {
    static LOCAL: Ends = ends();
    static HEIRLOOM: Local<Cell<u8>> = Local::inheritable(|| Cell::new(1), |_| Cell::new(2));
    let seen: Told<u8> = Arc::default();
    let told = Arc::clone(&seen);
    let thread = Thread::new(move || {
        HEIRLOOM.set(3);
        let told = Arc::clone(&told);
        LOCAL.set(Some(AtEnd::new(move || {
            let there = Arc::clone(&told);
            let started = Thread::new(move || there.acquire().push(HEIRLOOM.get()));
            started.start().unwrap();
            assert!(
                !enumerate().contains(&current_thread()),
                "only the drops of its values are left"
            );
            join(&started).unwrap();
            told.acquire().push(HEIRLOOM.get());
        })));
    });
    run(&thread).unwrap();
    assert_eq!(*seen.acquire(), [1, 3], "an ending thread passes no values on");
}

#[test]
fn the_drop_of_a_value_may_drop_another_object() {
    let (drops, local) = counted();
    let holder = Arc::new(Local::new(|| RefCell::new(None)));
    let (inner, there) = (Arc::new(local), Arc::clone(&holder));
    inner.with(|_| ());
    let weak = Arc::downgrade(&inner);
    foreign(move || {
        inner.with(|_| ());
        there.set(Some(inner));
    });
    assert_eq!(weak.strong_count(), 0);
    assert_eq!(drops.load(Ordering::SeqCst), 2);
    drop(holder);
}

#[test]
fn an_object_held_by_its_own_value_is_dropped_with_the_thread() {
    type Own = Local<RefCell<Option<Holder>>>;
    struct Holder(Arc<Own>);
    let local: Arc<Own> = Arc::new(Local::new(|| RefCell::new(None)));
    let weak: Weak<Own> = Arc::downgrade(&local);
    foreign(move || {
        let inside = Arc::clone(&local);
        local.set(Some(Holder(inside)));
        assert!(local.with_borrow(|it| Arc::ptr_eq(&it.as_ref().unwrap().0, &local)));
    });
    assert_eq!(weak.strong_count(), 0);
}

thread_local! {
    static OLD: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
    static YOUNG: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

#[test]
fn other_destructors_find_the_values_or_an_error() {
    static LOCAL: Local<Cell<u8>> = Local::new(|| Cell::new(0));
    static UNUSED: Local<Cell<u8>> = Local::new(|| Cell::new(9));
    let seen: Told<Result<u8, AccessError>> = Arc::default();
    let told = Arc::clone(&seen);
    let at_end = move || {
        let told = Arc::clone(&told);
        Some(AtEnd::new(move || {
            let mut told = told.acquire();
            told.push(LOCAL.try_with(Cell::get));
            told.push(UNUSED.try_with(Cell::get));
        }))
    };
    let there = at_end.clone();
    foreign(move || {
        OLD.set(there());
        LOCAL.set(1);
        YOUNG.set(there());
    });
    let gone = seen.acquire()[2];
    assert!(gone.is_err());
    assert_eq!(*seen.acquire(), [Ok(1), Ok(9), gone, gone], "the latest value is dropped first");
    assert!(LOCAL.is_empty() && UNUSED.is_empty());
    // In a thread that had no value before.
    seen.acquire().clear();
    foreign(move || OLD.set(at_end()));
    assert_eq!(*seen.acquire(), [Ok(0), Ok(9)]);
    assert!(LOCAL.is_empty() && UNUSED.is_empty(), "a value made so late is dropped too");
}

#[test]
fn when_threads_and_the_object_end_at_the_same_time_each_value_is_dropped_once() {
    const THREADS: usize = 4;
    for _ in 0..200 {
        let (drops, local) = counted();
        let (local, start) = (Arc::new(local), Arc::new(Barrier::new(THREADS + 1)));
        let threads = [(); THREADS].map(|()| {
            let (local, start) = (Arc::clone(&local), Arc::clone(&start));
            thread::spawn(move || {
                local.with(|_| ());
                drop(local);
                start.wait();
            })
        });
        start.wait();
        drop(Arc::into_inner(local).expect("the threads have dropped theirs"));
        threads.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(drops.load(Ordering::SeqCst) as usize, THREADS);
    }
}
