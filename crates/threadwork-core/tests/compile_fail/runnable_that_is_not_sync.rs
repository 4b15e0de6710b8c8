//! Threads that share a `Thread` share its runnable, so it must be `Sync` to be read.

//~ error[E0277]: `Cell<u32>`
//~ `threadwork_core::Thread::<T>::runnable`

use std::cell::Cell;

use threadwork_core::{Runnable, Thread};

struct Count(Cell<u32>);

impl Runnable for Count {}

fn main() {
    let thread = Thread::new(Count(Cell::new(7)));
    let _ = thread.runnable().map(|it| it.0.get());
}
