//! A thread is started by who owns it.

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    thread.handle().clone().start().unwrap();
}
