//! A thread runs a `Runnable` or a closure.

use threadwork_core::Thread;

struct Job;

fn main() {
    let _ = Thread::new(Job);
}
