//! What a thread runs goes to another thread, so it has to be `Send`.

use std::rc::Rc;

use threadwork_core::{Runnable, Thread};

struct Shared(Rc<u32>);

impl Runnable for Shared {}

fn main() {
    let _ = Thread::new(Shared(Rc::new(7)));
}
