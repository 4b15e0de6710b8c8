//! `BaseLocalTest` of CPython's `test_threading_local.py`, written independently from the claim of each method.
//!
//! Left out, because they test the interpreter: `derived_cycle_dealloc`, `cycle_collection`, `dict_attribute`,
//! `dict_attribute_subclass`, `threading_local_clear_race`, and the error for attributes of the class.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::{Arc, Weak},
    thread,
};

use threadwork_core::{Local, MyThread, Thread};
use threadwork_sync::{Barrier, Lock, get_ident};

use crate::support::{foreign, join};

/// After `test_local_refs`: the values of many threads are dropped when the threads end.
#[test]
fn the_values_of_ended_threads_are_dropped() {
    for count in [20, 50, 100] {
        let local = Arc::new(Local::new(|| RefCell::new(Arc::new(get_ident()))));
        let left: Arc<Lock<Vec<Weak<_>>>> = Arc::default();
        for _ in 0..count {
            let (local, left) = (Arc::clone(&local), Arc::clone(&left));
            let thread = Thread::new(move || {
                left.acquire().push(local.with_borrow(Arc::downgrade));
            });
            thread.start().unwrap();
            join(&thread).unwrap();
        }
        assert_eq!(left.acquire().len(), count);
        assert!(left.acquire().iter().all(|it| it.upgrade().is_none()));
        assert!(local.is_empty());
        // The value of a living thread stays until it is replaced.
        let mine = local.with_borrow(Arc::downgrade);
        assert!(mine.upgrade().is_some());
        local.set(Arc::new(get_ident()));
        assert!(mine.upgrade().is_none());
    }
}

/// After `test_derived`: each thread starts with what the constructor makes, and sees only what it has set itself.
#[test]
fn threads_that_use_one_object_at_the_same_time_do_not_see_each_other() {
    const THREADS: u32 = 10;
    let local = Local::new(|| Cell::new((0, get_ident())));
    let together = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        let (local, together) = (&local, &together);
        let threads = (1..=THREADS).map(|n| {
            scope.spawn(move || {
                assert_eq!(local.get(), (0, get_ident()));
                local.set((n, get_ident()));
                together.wait().unwrap();
                assert_eq!(local.get(), (n, get_ident()));
            })
        });
        // The end of a scope does not wait for the drops of the values.
        threads.collect::<Vec<_>>().into_iter().for_each(|it| it.join().unwrap());
    });
    assert!(local.is_empty());
}

/// After `test_threading_local`: a value that one thread sets is never visible in another one.
#[test]
fn only_the_thread_that_set_a_value_sees_it() {
    static LOCAL: Local<RefCell<Option<Vec<u8>>>> = Local::new(|| RefCell::new(None));
    LOCAL.set(Some(vec![1]));
    foreign(|| {
        assert_eq!(LOCAL.with_borrow(Option::clone), None);
        LOCAL.set(Some(vec![2]));
        assert_eq!(LOCAL.take(), Some(vec![2]));
    });
    assert_eq!(LOCAL.take(), Some(vec![1]));
}

/// After `test_threading_local_subclass`: a user type with a local, and beside it data that all threads share.
#[test]
fn a_user_type_has_local_and_shared_parts() {
    #[derive(Default)]
    struct Counts {
        here: Local<Cell<u32>>,
        everywhere: Lock<u32>,
    }

    impl Counts {
        fn add(&self) -> (u32, u32) {
            self.here.set(self.here.get() + 1);
            let mut everywhere = self.everywhere.acquire();
            *everywhere += 1;
            (self.here.get(), *everywhere)
        }
    }

    let counts = Arc::new(Counts::default());
    assert_eq!(counts.add(), (1, 1));
    let there = Arc::clone(&counts);
    let thread = MyThread::new(move || there.add());
    thread.start().unwrap();
    assert_eq!(thread.wait_result().unwrap(), &(1, 2));
    assert_eq!(counts.add(), (2, 3));
}

/// After `test_arguments`: the constructor's arguments are the same in every thread, and each thread calls it for itself.
#[test]
fn every_thread_calls_the_function_with_the_same_arguments() {
    fn with_arguments(
        pairs: &[(&'static str, u8)],
    ) -> Local<BTreeMap<&'static str, u8>, impl Fn() -> BTreeMap<&'static str, u8>> {
        Local::new(move || pairs.iter().copied().collect())
    }

    let pairs = [("a", 1), ("b", 2)];
    let local = with_arguments(&pairs);
    let made = || local.with(BTreeMap::clone);
    assert_eq!(made(), BTreeMap::from(pairs));
    thread::scope(|scope| {
        let there = scope.spawn(|| (made(), local.with(|it| std::ptr::from_ref(it).addr())));
        let (there, address) = there.join().unwrap();
        assert_eq!(there, made());
        assert_ne!(local.with(|it| std::ptr::from_ref(it).addr()), address);
    });
}
