//! Threads that wait for any of several things: a knot of them is a deadlock, and one way out is enough.

use std::sync::OnceLock;

use threadwork_core::{Thread, ThreadHandle};
use threadwork_diagnostics::find_deadlocks;
use threadwork_sync::{Event, Wait, WaitKind, Waitable, Waiting, wait_any, waits};

use crate::{
    deadlocks::{start, the_deadlock},
    program::Program,
};

/// The threads of one program, which know each other once they have begun.
struct Known {
    handles: OnceLock<Vec<ThreadHandle>>,
    begin: Event,
}

impl Known {
    const fn new() -> Known {
        Known { handles: OnceLock::new(), begin: Event::new() }
    }

    fn begin(&self, threads: &[Thread]) {
        self.handles.set(threads.iter().map(|it| it.handle().clone()).collect()).expect("set once");
        self.begin.set();
    }

    fn thread(&self, at: usize) -> &ThreadHandle {
        self.begin.wait();
        &self.handles.get().expect("set before")[at]
    }
}

/// Waits until there are as many records of these threads, without those of threads that have not begun.
fn until_blocked(threads: &[Thread], n_records: usize) {
    let has_begun = |it: &Waiting| it.kind != WaitKind::Event || it.name.is_some();
    let is_one_of_them =
        |it: &Waiting| threads.iter().any(|thread| thread.ident() == Some(it.thread.ident));
    let is_counted = |it: &&Waiting| has_begun(it) && is_one_of_them(it);
    while waits().iter().filter(is_counted).count() != n_records {
        std::thread::yield_now();
    }
}

#[test]
fn a_thread_that_waits_for_any_of_several_has_a_way_out_if_one_of_them_is_not_blocked() {
    let program = Program::new(|| {
        static KNOWN: Known = Known::new();
        static WAY_OUT: Event = Event::new().named("way out");

        let ann = start("ann", |wait| {
            let objects: [&dyn Waitable; 2] = [KNOWN.thread(1), &WAY_OUT];
            assert_eq!(wait_any(&objects, wait), Ok(1));
        });
        let bob = start("bob", |wait| KNOWN.thread(0).join_with(wait).unwrap());
        let threads = [ann, bob];
        KNOWN.begin(&threads);
        until_blocked(&threads, 3);
        assert_eq!(find_deadlocks(), []);
        WAY_OUT.set();
        threads.iter().for_each(|it| it.join().unwrap());
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn threads_of_which_each_waits_for_others_of_them_are_a_knot() {
    let program = Program::new(|| {
        static KNOWN: Known = Known::new();

        let ann = start("ann", |wait: &Wait| {
            let objects: [&dyn Waitable; 2] = [KNOWN.thread(1), KNOWN.thread(2)];
            assert!(wait_any(&objects, wait).is_err());
        });
        let [bob, cat] = ["bob", "cat"].map(|name| {
            start(name, |wait| {
                let _ = KNOWN.thread(0).join_with(wait);
            })
        });
        let threads = [ann, bob, cat];
        KNOWN.begin(&threads);
        let deadlock = the_deadlock();
        let mut found: Vec<_> =
            deadlock.edges.iter().map(|it| (&*it.waiter, &*it.holder, it.any_of)).collect();
        found.sort_unstable();
        let expected = [
            ("ann", "bob", true),
            ("ann", "cat", true),
            ("bob", "ann", false),
            ("cat", "ann", false),
        ];
        assert_eq!(found, expected, "{deadlock}");
        threads[0].request_stop();
        threads.iter().for_each(|it| it.join().unwrap());
        assert_eq!(find_deadlocks(), []);
    });
    assert!(program.run().lines().is_empty());
}
