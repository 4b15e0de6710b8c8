//! The arguments are a tuple of the closure's parameters.

//~ error[E0593]
//~ error[E0277]: `{closure
//~ cannot be called with the arguments `{integer}`
//~ does not take these arguments
//~ the arguments are a tuple with one element for each parameter: `()`, `(a,)`, `(a, b)` and so on up to twelve

use threadwork_core::{MyThread, Thread};

fn main() {
    let _ = Thread::with_args(|a, b| a + b, (1,));
    let _ = MyThread::with_args(|a: u32| a, 7);
}
