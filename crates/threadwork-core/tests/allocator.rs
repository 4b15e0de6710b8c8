//! A global allocator that uses a lock of this library gives a new thread a number before the thread can adopt its own:
//! the process ends with a message, because a joiner of the thread would wait for ever.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, Ordering},
};

use threadwork_core::Thread;
use threadwork_sync::RawLock;
use threadwork_test_support::program::Program;

/// Whether the allocator uses the lock.
static IS_ON: AtomicBool = AtomicBool::new(false);
static LOCK: RawLock = RawLock::new();

struct Allocator;

// SAFETY: the memory is the system's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_ON.load(Ordering::Relaxed) && LOCK.try_acquire() {
            let released = LOCK.release();
            debug_assert!(released.is_ok(), "it was acquired");
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, and all memory is from there.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

#[test]
fn a_thread_that_has_a_number_already_ends_the_process_with_a_message() {
    let program = Program::new(|| {
        let thread = Thread::new(|| ());
        IS_ON.store(true, Ordering::Relaxed);
        thread.start().unwrap();
        thread.join().unwrap();
    });
    let ended = program.run();
    let said = &ended.stderr;
    // If nothing is allocated before, the program succeeds.
    assert!(ended.status.success() || said.contains("adopt before anything"), "{said}");
    if cfg!(all(target_os = "linux", not(threadwork_portable))) {
        assert!(!ended.status.success(), "a new thread allocates here");
    }
}
