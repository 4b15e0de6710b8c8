//! A function that is called with arguments has at most twelve parameters.

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
