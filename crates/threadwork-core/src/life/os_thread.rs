//! The operating system's thread: its number, its processor time, and the handle by which it is joined.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread::JoinHandle,
    time::Duration,
};

use threadwork_sync::{
    get_native_id,
    internal::os::{cpu_time_of_thread, thread_cpu_time},
};

use crate::process::{give_maps_back, this_process};

/// What the operating system calls a thread, and the processor time that others have used under this number before.
#[derive(Default)]
pub(crate) struct Native {
    /// The operating system's number of the thread plus one; zero until the thread runs, and where there is no such number.
    id: AtomicUsize,
    /// In nanoseconds. It is not zero if the operating system's thread is one that is used again.
    cpu_before: AtomicU64,
}

impl Native {
    pub(super) fn id(&self) -> Option<u64> {
        self.id.load(Ordering::Acquire).checked_sub(1).map(|id| id as u64)
    }

    pub(super) fn set_id(&self, id: Option<u64>) {
        let id = id.and_then(|id| usize::try_from(id).ok()?.checked_add(1)).unwrap_or(0);
        self.id.store(id, Ordering::Release);
    }

    /// Notes that the processor time used so far belongs to threads that ran before, in the operating system's current thread.
    pub(crate) fn begins_here(&self) {
        let before = thread_cpu_time().unwrap_or_default().as_nanos();
        self.cpu_before.store(u64::try_from(before).unwrap_or(0), Ordering::Relaxed);
    }

    /// Notes the number that the forking thread has in the child, where it has used no processor time yet.
    pub(super) fn survive_fork(&self) {
        self.set_id(get_native_id());
        self.cpu_before.store(0, Ordering::Relaxed);
    }

    /// Returns the processor time used by the thread, which is the current one.
    pub(crate) fn cpu_time_here(&self) -> Option<Duration> {
        thread_cpu_time().map(|it| self.own_part(it))
    }

    /// Returns the processor time used by the thread, which is alive.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        cpu_time_of_thread(self.id()?).map(|it| self.own_part(it))
    }

    fn own_part(&self, cpu: Duration) -> Duration {
        cpu.saturating_sub(Duration::from_nanos(self.cpu_before.load(Ordering::Relaxed)))
    }
}

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
