//! Threads that share a `MyThread` share its result, so it must be `Sync` to be read.

//~ error[E0277]: `Cell<
//~ `MyThread::<F, R>::wait_result`

use std::cell::Cell;

use threadwork_core::MyThread;

fn main() {
    let thread = MyThread::new(|| Cell::new(7));
    thread.start().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| thread.wait_result().map(Cell::get));
    });
}
