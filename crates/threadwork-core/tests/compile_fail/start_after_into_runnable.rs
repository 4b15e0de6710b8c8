//! A thread without its runnable is none.

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    let runnable = thread.into_runnable();
    thread.start().unwrap();
    drop(runnable);
}
