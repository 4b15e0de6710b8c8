//! A runnable has one owner, so a thread cannot be cloned; a handle can.

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    let _: Thread<_> = thread.clone();
}
