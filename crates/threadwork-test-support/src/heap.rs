//! An allocator that counts.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicIsize, Ordering},
};

/// The system's allocator, which counts what is in use: the global allocator of a test that is about memory.
///
/// Such a test is alone in its process. What the test harness does at the same time counts too.
#[derive(Debug, Default)]
pub struct CountingHeap {
    bytes: AtomicIsize,
    allocated: AtomicIsize,
    freed: AtomicIsize,
}

impl CountingHeap {
    /// For a static.
    #[must_use]
    pub const fn new() -> CountingHeap {
        CountingHeap {
            bytes: AtomicIsize::new(0),
            allocated: AtomicIsize::new(0),
            freed: AtomicIsize::new(0),
        }
    }

    /// The bytes that are in use.
    pub fn bytes(&self) -> isize {
        self.bytes.load(Ordering::SeqCst)
    }

    /// The blocks that are in use.
    pub fn blocks(&self) -> isize {
        self.allocated() - self.freed.load(Ordering::SeqCst)
    }

    /// How many blocks have been allocated so far, those that are freed included.
    pub fn allocated(&self) -> isize {
        self.allocated.load(Ordering::SeqCst)
    }
}

// SAFETY: everything is passed on to the system's allocator.
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
