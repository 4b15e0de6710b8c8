//! A runnable moves to another thread, so it must be `Send`.

//~ error[E0277]: `Rc<u32>`

use std::rc::Rc;

use threadwork_core::{Runnable, Thread};

struct Shared(Rc<u32>);

impl Runnable for Shared {}

fn main() {
    let _ = Thread::new(Shared(Rc::new(7)));
}
