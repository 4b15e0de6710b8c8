//! The operating system's thread, for those who join it.

use std::thread::JoinHandle;

use crate::process::{give_maps_back, this_process};

/// What joins the operating system's thread, in the process in which that is.
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

    /// Joins it; what the thread has to say is in its outcome.
    pub(super) fn join(mut self) {
        if self.is_here() {
            let _ = self.join_handle.take().map(JoinHandle::join);
            give_maps_back();
        }
    }
}

impl Drop for OsThread {
    fn drop(&mut self) {
        // The child of a fork has not got the thread: in its place the C library may have put one of the child's.
        if !self.is_here() {
            std::mem::forget(self.join_handle.take());
        }
    }
}
