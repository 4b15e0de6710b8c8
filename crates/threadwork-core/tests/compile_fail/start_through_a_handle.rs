//! Only the owner of a thread can start it.

//~ error[E0599]

use threadwork_core::Thread;

fn main() {
    let thread = Thread::new(|| ());
    thread.handle().clone().start().unwrap();
}
