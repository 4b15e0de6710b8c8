//! The operating system's thread, as seen by its joiners.

use std::thread::JoinHandle;

use crate::process::{give_maps_back, this_process};

/// The join handle of an operating system thread, and the process in which that thread exists.
pub(crate) struct OsThread {
    join_handle: Option<JoinHandle<()>>,
    process: u32,
}

impl OsThread {
    pub(crate) fn new(join_handle: JoinHandle<()>) -> OsThread {
        OsThread { join_handle: Some(join_handle), process: this_process() }
    }

    fn is_here(&self) -> bool {
        self.process == this_process()
    }

    /// Joins the thread. Its result is not needed: the outcome of the thread says how it ended.
    pub(super) fn join(mut self) {
        if self.is_here() {
            let _ = self.join_handle.take().map(JoinHandle::join);
            give_maps_back();
        }
    }
}

impl Drop for OsThread {
    fn drop(&mut self) {
        // The thread does not exist in the child of a fork: the C library may have put a thread of the child in its place.
        if !self.is_here() {
            std::mem::forget(self.join_handle.take());
        }
    }
}
