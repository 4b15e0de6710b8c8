//! The arguments are those of the closure, as a tuple.

use threadwork_core::{MyThread, Thread};

fn main() {
    let _ = Thread::with_args(|a, b| a + b, (1,));
    let _ = MyThread::with_args(|a: u32| a, 7);
}
