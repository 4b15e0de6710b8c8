//! `into_runnable` consumes the thread.

//~ error[E0382]

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    let runnable = thread.into_runnable();
    thread.start().unwrap();
    drop(runnable);
}
