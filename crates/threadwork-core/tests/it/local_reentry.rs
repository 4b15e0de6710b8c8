//! User code that uses a `Local` while an operation on it or on another one is in progress.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use threadwork_core::{Local, StartError, Thread};
use threadwork_sync::Lock;

use crate::{
    local::message_of,
    support::{ABSURD_STACK_SIZE, in_time, run},
};

/// An object that any code can drop.
type Droppable<T> = Lock<Option<Arc<Local<T>>>>;

/// Stores an object of which the current thread has a value.
fn fill<T: Send + 'static>(droppable: &Droppable<T>, local: Local<T>) {
    local.with(|_| ());
    let _old = droppable.acquire().replace(Arc::new(local));
}

fn drop_it<T>(droppable: &Droppable<T>) {
    let local = droppable.acquire().take();
    drop(local);
}

#[test]
fn values_that_a_thread_does_not_take_are_dropped_once_it_has_the_rest() {
    static SECOND: Local<RefCell<String>> = Local::inheritable(RefCell::default, |it| {
        // After the first value was computed, and before the thread runs.
        drop_it(&FIRST);
        RefCell::new(it.borrow().clone() + " (inherited)")
    });
    struct UsesSecond;
    impl Drop for UsesSecond {
        fn drop(&mut self) {
            SECOND.with(|it| it.borrow_mut().push('!'));
        }
    }
    static FIRST: Droppable<UsesSecond> = Lock::new(None);

    let seen = in_time(|| {
        fill(&FIRST, Local::inheritable(|| UsesSecond, |_| UsesSecond));
        SECOND.with(|it| "of main".clone_into(&mut it.borrow_mut()));
        in_time(|| SECOND.with(|it| it.borrow().clone()))
    });
    assert_eq!(seen, "of main! (inherited)!", "each drop used the value of its thread");
}

#[test]
fn the_function_that_passes_a_value_on_may_drop_the_object() {
    static OBJECT: Droppable<Counted> = Lock::new(None);
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    struct Counted;
    impl Counted {
        fn new() -> Counted {
            ALIVE.fetch_add(1, Ordering::SeqCst);
            Counted
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    in_time(|| {
        let pass_on = |_: &Counted| {
            drop_it(&OBJECT);
            assert_eq!(ALIVE.load(Ordering::SeqCst), 1, "the value in use is still alive");
            Counted::new()
        };
        fill(&OBJECT, Local::inheritable(Counted::new, pass_on));
        run(&Thread::new(|| assert_eq!(ALIVE.load(Ordering::SeqCst), 0))).unwrap();
    });
}

#[test]
fn the_function_that_makes_a_value_may_use_and_remove_others_and_start_threads() {
    static A: Local<Cell<u8>> = Local::inheritable(
        || {
            B.set(B.get() + 1);
            assert!(B.remove());
            Cell::new(in_time(|| B.replace(7)) + B.get())
        },
        |it| Cell::new(it.get() + 1),
    );
    static B: Local<Cell<u8>> = Local::inheritable(|| Cell::new(1), |it| Cell::new(it.get() + 10));
    let seen = in_time(|| (A.get(), B.get(), in_time(|| (A.get(), B.get()))));
    assert_eq!(seen, (2, 1, (3, 11)));
}

#[test]
fn a_value_that_is_removed_may_make_the_next_one_while_it_is_dropped() {
    static LOCAL: Local<Next> = Local::new(|| Next(Cell::new(0)));
    struct Next(Cell<u8>);
    impl Drop for Next {
        fn drop(&mut self) {
            let n = self.0.get();
            if n > 0 {
                LOCAL.with(|next| next.0.set(n - 1));
            }
        }
    }
    in_time(|| {
        LOCAL.with(|it| it.0.set(3));
        for left in [2, 1, 0] {
            assert!(LOCAL.remove());
            assert_eq!(LOCAL.with(|it| it.0.get()), left);
        }
        // In use twice, each time another value.
        LOCAL.with(|old| {
            old.0.set(2);
            assert!(LOCAL.remove());
            LOCAL.with(|new| assert_eq!((old.0.get(), new.0.get()), (2, 0)));
            assert!(LOCAL.remove());
            assert_eq!(LOCAL.len(), 0);
        });
        assert_eq!(LOCAL.with(|it| it.0.get()), 1, "the drop of the old value made it");
    });
}

#[test]
fn a_replaced_value_may_use_the_object_while_it_is_dropped() {
    static LOCAL: Local<RefCell<Option<Looks>>> = Local::new(|| RefCell::new(None));
    struct Looks(u8);
    impl Drop for Looks {
        fn drop(&mut self) {
            let there = LOCAL.try_with(|it| it.borrow().as_ref().map(|it| it.0)).ok().flatten();
            assert_eq!(there.unwrap_or(self.0 + 1), self.0 + 1);
        }
    }
    in_time(|| (0..3).for_each(|n| LOCAL.set(Some(Looks(n)))));
}

/// Panics when dropped.
struct PanicsInItsDrop;

impl Drop for PanicsInItsDrop {
    fn drop(&mut self) {
        panic!("in the drop");
    }
}

#[test]
fn values_for_a_thread_that_is_not_started_may_panic_when_they_are_dropped() {
    let locals = [(); 2].map(|()| Local::inheritable(|| None, |_| Some(PanicsInItsDrop)));
    locals.iter().for_each(|it| it.with(|_| ()));
    let thread = Thread::builder().stack_size(ABSURD_STACK_SIZE).build(|| ());
    assert!(matches!(thread.start(), Err(StartError::Os(_))));
    // The function of a third object panics.
    let panics: Local<u8> = Local::inheritable(|| 0, |_| panic!("no heir"));
    panics.with(|_| ());
    assert_eq!(message_of(|| _ = thread.start()), "no heir");
}
