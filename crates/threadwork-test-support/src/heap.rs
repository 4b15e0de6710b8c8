//! A counting allocator.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicIsize, Ordering},
};

/// The system's allocator with counters of what is in use, for tests of memory.
///
/// Such a test must be alone in its process. Allocations of the test harness count too.
#[derive(Debug, Default)]
pub struct CountingHeap {
    bytes: AtomicIsize,
    allocated: AtomicIsize,
    freed: AtomicIsize,
}

impl CountingHeap {
    /// Creates the allocator, for a static.
    #[must_use]
    pub const fn new() -> CountingHeap {
        CountingHeap {
            bytes: AtomicIsize::new(0),
            allocated: AtomicIsize::new(0),
            freed: AtomicIsize::new(0),
        }
    }

    /// Returns the number of bytes in use.
    pub fn bytes(&self) -> isize {
        self.bytes.load(Ordering::SeqCst)
    }

    /// Returns the number of blocks in use.
    pub fn blocks(&self) -> isize {
        self.allocated() - self.freed.load(Ordering::SeqCst)
    }

    /// Returns the number of blocks allocated so far, including freed ones.
    pub fn allocated(&self) -> isize {
        self.allocated.load(Ordering::SeqCst)
    }
}

// SAFETY: all calls are passed on to the system's allocator.
unsafe impl GlobalAlloc for CountingHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.bytes.fetch_add(layout.size().cast_signed(), Ordering::SeqCst);
        self.allocated.fetch_add(1, Ordering::SeqCst);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        self.bytes.fetch_sub(layout.size().cast_signed(), Ordering::SeqCst);
        self.freed.fetch_add(1, Ordering::SeqCst);
        // SAFETY: passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}
