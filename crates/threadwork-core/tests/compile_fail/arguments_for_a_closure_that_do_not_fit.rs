//! The arguments are a tuple of the closure's parameters.

use threadwork_core::{MyThread, Thread};

fn main() {
    let _ = Thread::with_args(|a, b| a + b, (1,));
    let _ = MyThread::with_args(|a: u32| a, 7);
}
