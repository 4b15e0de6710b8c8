//! A function that is called with arguments has at most twelve parameters.

//~ error[E0277]: `{integer}` cannot be called with the arguments
//~ error[E0277]: `fn([u8; 7], u8
//~ error[E0277]
//~ error[E0277]: `fn([u8; 7], u8
//~ does not take these arguments
//~ the arguments are a tuple with one element for each parameter: `()`, `(a,)`, `(a, b)` and so on up to twelve

use threadwork_core::MyThread;

fn thirteen(
    _: [u8; 7],
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
    _: u8,
) {
}

fn main() {
    let _ = MyThread::with_args(7, (1, 2));
    let _ = MyThread::with_args(thirteen, ([0; 7], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}
