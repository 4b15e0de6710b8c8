//! `Local`: the values that a thread sees.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use threadwork_core::{Local, MyThread, Thread};
use threadwork_sync::{Event, get_ident};

use crate::support::{Gated, blocked, foreign, join};

/// Counts drops.
pub(crate) struct Dropped(pub(crate) Arc<AtomicU32>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Returns the message that `f` panics with.
#[track_caller]
pub(crate) fn message_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("the panic has a message")).to_owned(),
    }
}

#[test]
fn every_thread_has_its_own_value() {
    static LOCAL: Local<Cell<u32>> = Local::new(|| Cell::new(1));
    LOCAL.set(2);
    assert_eq!(foreign(|| LOCAL.replace(3)), 1);
    let thread = MyThread::new(|| LOCAL.replace(4));
    thread.start().unwrap();
    assert_eq!(thread.wait_result().unwrap(), &1);
    assert_eq!(LOCAL.get(), 2);
}

#[test]
fn a_value_is_made_at_the_first_use_and_once_per_thread() {
    let made = AtomicU32::new(0);
    let local = Local::new(|| made.fetch_add(1, Ordering::SeqCst));
    assert_eq!((local.len(), local.is_empty(), made.load(Ordering::SeqCst)), (0, true, 0));
    local.with(|value| assert_eq!(*value, 0));
    local.with(|value| assert_eq!(*value, 0));
    thread::scope(|scope| {
        scope.spawn(|| local.with(|value| assert_eq!(*value, 1)));
    });
    assert_eq!(made.load(Ordering::SeqCst), 2);
}

#[test]
fn an_unused_object_makes_no_value() {
    drop(Local::new(|| -> u8 { panic!("the value is not needed") }));
    static NEVER: Local<u8> = Local::new(|| panic!("the value is not needed"));
    assert!(!NEVER.remove());
    assert_eq!(NEVER.iter().count(), 0);
}

#[test]
fn many_objects_at_once_keep_their_values_apart() {
    let locals: Vec<_> = (0..100_u32).map(|n| Local::new(move || Cell::new(n))).collect();
    let check = || {
        // The last one first, so that the thread needs a long table at once.
        locals.iter().rev().for_each(|local| local.set(local.get() + 1000));
        for (n, local) in (1000..).zip(&locals) {
            assert_eq!(local.get(), n);
        }
    };
    check();
    thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(check)));
    });
}

#[test]
fn calls_may_be_nested() {
    let local = Local::new(|| Cell::new(1));
    let there = Local::new(|| Cell::new(2));
    local.with(|outer| {
        local.with(|inner| inner.set(7));
        there.with(|other| outer.set(outer.get() + other.get()));
        assert!(local.with(|inner| std::ptr::eq(inner, outer)));
    });
    assert_eq!(local.get(), 9);
}

#[test]
fn a_panic_while_a_value_is_used_leaves_it_as_it_is() {
    let local = Local::new(|| Cell::new(1));
    let panicking = || {
        local.with(|value| {
            value.set(2);
            panic!("in use");
        });
    };
    assert_eq!(message_of(panicking), "in use");
    assert_eq!(local.get(), 2);
    assert!(local.remove());
    assert_eq!(local.get(), 1);
}

#[test]
fn if_a_value_cannot_be_made_the_next_use_tries_again() {
    let tries = AtomicU32::new(0);
    let local = Local::new(|| {
        assert!(tries.fetch_add(1, Ordering::SeqCst) > 0, "the first");
        7
    });
    assert_eq!(message_of(|| local.with(|_| ())), "the first");
    assert!(local.is_empty());
    assert_eq!(local.with(|value| *value), 7);
}

#[test]
fn a_value_that_needs_itself_panics_instead_of_hanging() {
    static LOCAL: Local<Cell<u32>> = Local::new(|| Cell::new(LOCAL.get() + 1));
    static SETS: Local<Cell<u32>> = Local::new(|| {
        SETS.set(1);
        Cell::new(2)
    });
    static LEFT: Local<u8> = Local::new(|| RIGHT.with(|it| *it));
    static RIGHT: Local<u8> = Local::new(|| LEFT.try_with(|it| *it).unwrap());

    let message = "the value of a `Local` is used by the function that creates it".to_owned();
    assert_eq!(message_of(|| _ = LOCAL.get()), message);
    assert_eq!(message_of(|| _ = LOCAL.try_with(Cell::get)), message);
    assert_eq!(message_of(|| _ = SETS.get()), message);
    assert_eq!(message_of(|| RIGHT.with(|_| ())), message);
    assert!(LOCAL.is_empty() && SETS.is_empty() && LEFT.is_empty() && RIGHT.is_empty());
    LOCAL.set(5);
    assert_eq!(LOCAL.get(), 5, "a value that was set need not be made");
}

#[test]
fn while_a_value_is_made_this_thread_can_make_others_and_other_threads_the_same() {
    static BASE: Local<u32> = Local::new(|| 3);
    static LOCAL: Local<u32> = Local::new(|| {
        let here = BASE.with(|base| *base);
        // The first thread waits for the value of a second one.
        if LAST.with(Cell::get) { here } else { here + foreign(second) }
    });
    static LAST: Local<Cell<bool>> = Local::new(|| Cell::new(false));
    fn second() -> u32 {
        LAST.set(true);
        LOCAL.with(|it| *it)
    }
    assert_eq!(LOCAL.with(|it| *it), 6);
}

#[test]
fn a_cell_has_the_methods_of_cells() {
    let made = AtomicU32::new(0);
    let local = Local::new(|| Cell::new(made.fetch_add(1, Ordering::SeqCst) + 10));
    local.set(1);
    assert_eq!(made.load(Ordering::SeqCst), 0, "a value that was set need not be made");
    assert_eq!(local.get(), 1);
    assert_eq!(local.replace(2), 1);
    assert_eq!(local.take(), 2);
    assert_eq!(local.get(), 0);
    local.remove();
    assert_eq!(local.replace(5), 10);
    local.remove();
    assert_eq!(local.take(), 11);
    local.remove();
    assert_eq!(local.get(), 12);
}

#[test]
fn a_ref_cell_has_the_methods_of_ref_cells() {
    let local = Local::new(|| RefCell::new("made".to_owned()));
    local.set("set".to_owned());
    assert_eq!(local.replace("replaced".to_owned()), "set");
    local.with_borrow_mut(|value| value.push('!'));
    assert_eq!(local.with_borrow(String::clone), "replaced!");
    assert_eq!(local.take(), "replaced!");
    assert_eq!(local.with_borrow(String::len), 0);
    local.remove();
    assert_eq!(local.take(), "made");
    let conflicting = || local.with_borrow(|_| local.with_borrow_mut(|_| ()));
    assert!(message_of(conflicting).contains("borrowed"));
    local.with_borrow_mut(|value| value.push('?'));
    assert_eq!(local.take(), "?");
}

#[test]
fn a_removed_value_is_dropped_at_once_and_made_again_and_other_threads_keep_theirs() {
    let drops = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&drops);
    let local = Arc::new(Local::new(move || Dropped(Arc::clone(&counted))));
    let there = Arc::clone(&local);
    local.with(|_| ());
    let gated = Gated::calling(move || there.with(|_| ()));
    gated.start().unwrap();
    assert!(local.remove());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(!local.remove());
    assert!(local.is_empty());
    local.with(|_| ());
    assert_eq!((local.len(), drops.load(Ordering::SeqCst)), (1, 1));
    gated.end().unwrap();
    assert_eq!((local.len(), drops.load(Ordering::SeqCst)), (1, 2));
}

#[test]
fn a_value_that_is_removed_in_use_is_dropped_when_the_use_ends() {
    let drops = Arc::new(AtomicU32::new(0));
    let dropped = || drops.load(Ordering::SeqCst);
    let local = Local::new(|| (Dropped(Arc::clone(&drops)), Cell::new(1)));
    local.with(|(_, outer)| {
        outer.set(2);
        local.with(|(_, inner)| {
            assert!(local.remove());
            assert!(!local.remove());
            assert_eq!((inner.get(), local.len(), dropped()), (2, 0, 0));
            local.with(|(_, new)| assert_eq!(new.get(), 1));
        });
        assert_eq!((outer.get(), dropped()), (2, 0));
    });
    assert_eq!((local.len(), dropped()), (1, 1));
    // Also if the use ends with a panic.
    let panicking = || {
        local.with(|_| {
            local.remove();
            panic!("in use");
        });
    };
    assert_eq!(message_of(panicking), "in use");
    assert_eq!((local.len(), dropped()), (0, 2));
}

#[test]
fn the_values_of_all_threads_can_be_seen_in_the_order_of_their_numbers() {
    static LOCAL: Local<AtomicU32> = Local::new(|| AtomicU32::new(1));
    static GO_ON: Event = Event::new();
    let threads: Vec<_> = (2..5)
        .map(|n| {
            let thread = Thread::new(move || {
                LOCAL.with(|it| it.store(n, Ordering::SeqCst));
                GO_ON.wait();
            });
            thread.start().unwrap();
            blocked(&thread);
            thread
        })
        .collect();
    LOCAL.with(|_| ());
    let mut expected = vec![(get_ident(), 1)];
    expected.extend((2..).zip(&threads).map(|(n, it)| (it.ident().unwrap(), n)));
    expected.sort_unstable();
    let seen = || LOCAL.iter().map(|it| (it.ident(), it.load(Ordering::SeqCst)));
    assert_eq!(seen().collect::<Vec<_>>(), expected);
    assert_eq!((seen().len(), LOCAL.len()), (4, 4));
    assert_eq!(seen().next_back(), expected.pop());
    GO_ON.set();
    threads.iter().for_each(|it| join(it).unwrap());
    assert_eq!(LOCAL.len(), 1);
}

#[test]
fn an_iterator_keeps_the_value_of_an_ended_thread_alive() {
    let drops = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&drops);
    let local = Arc::new(Local::new(move || Dropped(Arc::clone(&counted))));
    let there = Arc::clone(&local);
    let ready = Arc::new(Event::new());
    let told = Arc::clone(&ready);
    let go_on = Arc::new(Event::new());
    let waiting = Arc::clone(&go_on);
    let thread = Thread::new(move || {
        there.with(|_| ());
        told.set();
        waiting.wait();
    });
    thread.start().unwrap();
    ready.wait();
    let mut values = local.iter();
    go_on.set();
    join(&thread).unwrap();
    let value = values.next().unwrap();
    assert_eq!((Some(value.ident()), local.len()), (thread.ident(), 0));
    assert_eq!(value.0.load(Ordering::SeqCst), 0);
    drop(value);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn debug_shows_the_value_of_this_thread_and_makes_none() {
    let local = Local::new(|| 7);
    assert_eq!(format!("{local:?}"), "Local { value: <none>, len: 0, .. }");
    foreign(|| ());
    local.with(|_| assert_eq!(format!("{local:?}"), "Local { value: 7, len: 1, .. }"));
    let shown = format!("{:?}", local.iter().next().unwrap());
    assert_eq!(shown, format!("LocalRef {{ ident: {}, value: 7 }}", get_ident()));
}

#[test]
fn the_default_makes_defaults() {
    static LOCAL: std::sync::LazyLock<Local<Cell<u32>>> = std::sync::LazyLock::new(Local::default);
    assert_eq!(LOCAL.replace(1), 0);
    assert_eq!(foreign(|| LOCAL.get()), 0);
}
