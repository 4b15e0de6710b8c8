//! A thread may outlive the function that makes it, so it cannot borrow from that function.

//~ error[E0373]

use threadwork_core::Thread;

fn main() {
    let mut count = 0;
    let thread = Thread::new(|| count += 1);
    thread.start().unwrap();
}
