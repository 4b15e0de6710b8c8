//! There is one owner of a runnable; what a clone gives is a handle.

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    let _: Thread<_> = thread.clone();
}
