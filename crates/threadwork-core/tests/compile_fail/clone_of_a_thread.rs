//! A runnable has one owner, so a thread cannot be cloned; a handle can.

//~ error[E0308]
//~ `ThreadHandle`

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    let _: Thread<_> = thread.clone();
}
