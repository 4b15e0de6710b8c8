//! Threads and locks that come and go leave no memory behind where locks are watched: a process of its own, and one test, as it counts
//! what is allocated.

use threadwork_core::Thread;
use threadwork_diagnostics::{Contention, watch_lock_order};
use threadwork_sync::Lock;
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Far less than a byte for each round.
const ROOM: isize = 256;

/// Says by how much the memory in use has grown.
#[track_caller]
fn check_growth(what: &str, mut round: impl FnMut()) {
    // Tables and lists get their size.
    (0..100).for_each(|_| round());
    let before = HEAP.bytes();
    (0..1000).for_each(|_| round());
    let growth = HEAP.bytes() - before;
    assert!(growth <= ROOM, "{what}: {growth} bytes more");
}

#[test]
fn threads_and_locks_that_come_and_go_leave_no_memory_behind() {
    static ORDERS: Lock<u32> = Lock::named("orders", 0);
    Contention::start();
    watch_lock_order(|it| panic!("{it}"));
    check_growth("threads", || {
        let thread = Thread::new(|| *ORDERS.acquire() += 1);
        thread.start().unwrap();
        thread.join().unwrap();
    });
    check_growth("locks", || {
        let (outer, inner) = (Box::new(Lock::new(0)), Box::new(Lock::new(0)));
        let guard = outer.acquire();
        *inner.acquire() += 1;
        *ORDERS.acquire() += 1;
        drop(guard);
    });
    let report = Contention::report();
    let [orders] = &report.locks[..] else { panic!("{report}") };
    assert_eq!((orders.name.as_str(), orders.acquired), ("orders", 2200));
}
