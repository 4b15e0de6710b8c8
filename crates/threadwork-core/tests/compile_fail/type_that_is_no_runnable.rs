//! A thread runs a `Runnable` or a closure.

//~ error[E0277]: `Job` cannot be run in a thread of its own
//~ neither a `Runnable` nor a closure that can be called more than once
//~ implement `threadwork::Runnable` for your type (it must be `Send`), or pass an `FnMut() + Send` closure
//~ for a closure that can be called only once, use `Thread::spawn`; for one that returns a value, `MyThread::new`
//~ for a function with arguments, use `Thread::with_args` or `MyThread::with_args`

use threadwork_core::Thread;

struct Job;

fn main() {
    let _ = Thread::new(Job);
}
