//! What a thread allocates. This is one test in its own process, with a counting allocator.

use threadwork_core::{Builder, Thread, ThreadHandle};
use threadwork_test_support::heap::CountingHeap;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::new();

/// Returns how many blocks are allocated from the making of a thread to its end. The least of many is not disturbed by the first uses
/// of anything, nor by lists that grow.
fn least<T: AsRef<ThreadHandle>>(start: impl Fn() -> T) -> isize {
    let once = || {
        let before = HEAP.allocated();
        let thread = start();
        thread.as_ref().join().unwrap();
        HEAP.allocated() - before
    };
    (0..20).map(|_| once()).min().unwrap()
}

#[test]
fn all_forms_of_a_start_allocate_as_little_as_the_plainest() {
    let plain = least(|| {
        let thread = loops().build(|| ());
        thread.start().unwrap();
        thread
    });
    let of_std = {
        let before = HEAP.allocated();
        let named = std::thread::Builder::new().name("loop".into());
        named.spawn(|| ()).unwrap().join().unwrap();
        HEAP.allocated() - before
    };
    assert!(plain <= of_std + 4, "{plain} blocks, and {of_std} by std");
    assert_eq!(least(|| loops().start(|| ()).unwrap()), plain);
    assert_eq!(least(|| loops().spawn(|| ()).unwrap()), plain);
    assert_eq!(least(|| loops().spawn_fallible(|| Ok(())).unwrap()), plain);
    assert_eq!(least(|| loops().spawn_my_thread(|| 7).unwrap()), plain);
    assert_eq!(least(|| loops().spawn_my_thread_fallible(|| Ok(7)).unwrap()), plain);
    let task = || {
        let task = loops().spawn_my_thread(|| 7).unwrap().into_task();
        task.thread().unwrap().clone()
    };
    assert_eq!(least(task), plain + 1, "a task is one block more");
    let recycled = || loops().recycled(true).spawn(|| ()).unwrap();
    assert!(least(recycled) < plain, "an operating system thread that is there allocates nothing");
    let data = || loops().data(7).spawn(|| ()).unwrap();
    assert_eq!(least(data), plain + 1, "data is one block more");
    let awaited = || {
        let thread = loops().spawn(|| ()).unwrap();
        thread.wait_until_running();
        thread
    };
    assert!(least(awaited) <= plain + 1, "an event is made if the thread does not run yet");
}

fn loops() -> Builder {
    Thread::builder().name("loop")
}
