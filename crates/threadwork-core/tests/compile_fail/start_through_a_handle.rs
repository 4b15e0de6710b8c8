//! Only the owner of a thread can start it.

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    thread.handle().clone().start().unwrap();
}
