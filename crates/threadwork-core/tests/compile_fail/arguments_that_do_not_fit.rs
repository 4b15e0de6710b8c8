//! The arguments are a tuple of the function's parameters.

//~ error[E0308]
//~ error[E0308]
//~ error[E0308]
//~ error[E0308]

use threadwork_core::{MyThread, Thread};

fn greet(name: &str, times: u32) -> String {
    name.repeat(times as usize)
}

fn main() {
    let _ = Thread::with_args(greet, ("Guido",));
    let _ = MyThread::with_args(greet, (3, "Guido"));
    let _ = Thread::builder().my_thread(greet, "Guido");
}
