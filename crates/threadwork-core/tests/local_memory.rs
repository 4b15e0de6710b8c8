//! Objects and threads that are made and dropped leak no memory. This is one test in its own process, with a counting allocator.

use std::{
    cell::Cell,
    sync::{Arc, mpsc::channel},
    thread,
};

use threadwork_core::Local;
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Runs rounds that make, use and drop objects, and checks by how much the memory in use grows.
#[track_caller]
fn check_growth(what: &str, at_most: isize, n_rounds: usize, mut round: impl FnMut()) {
    // The first rounds let tables and lists reach their size.
    (0..100).for_each(|_| round());
    // A leak grows each time; memory that the test harness allocates meanwhile does not.
    let growths = [(); 3].map(|()| {
        let before = HEAP.bytes();
        (0..n_rounds).for_each(|_| round());
        HEAP.bytes() - before
    });
    assert!(growths.iter().any(|it| *it <= at_most), "{what}: {growths:?} bytes more");
}

#[test]
fn objects_and_threads_that_come_and_go_leak_no_memory() {
    let round = || {
        let locals: [_; 40] = std::array::from_fn(|n| Local::new(move || Cell::new([n; 8])));
        assert!(locals.iter().enumerate().all(|(n, it)| it.get() == [n; 8]));
    };
    check_growth("objects of one thread", 0, 5000, round);

    // In a thread that uses all of them and lives on; some values are removed too.
    let (give, given) = channel::<Arc<Local<Cell<u64>>>>();
    let (tell, told) = channel();
    let other = thread::spawn(move || {
        for local in given {
            local.set(1);
            local.remove();
            local.set(2);
            drop(local);
            tell.send(()).unwrap();
        }
    });
    let round = || {
        let local = Arc::new(Local::default());
        give.send(Arc::clone(&local)).unwrap();
        told.recv().unwrap();
        local.set(3);
    };
    // The channels allocate blocks, and may hold one more.
    check_growth("objects used in two threads", 4096, 5000, round);
    drop(give);
    other.join().unwrap();

    // One object, or more than fit the short table, and many threads one after the other.
    let locals: [Local<Cell<u64>>; 40] = std::array::from_fn(|_| Local::default());
    check_growth("threads of many objects", 4096, 500, || use_in_a_thread(&locals));
}

fn use_in_a_thread(locals: &[Local<Cell<u64>>]) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| locals.iter().for_each(|it| it.set(it.get() + 1)));
        thread.join().unwrap();
    });
}
