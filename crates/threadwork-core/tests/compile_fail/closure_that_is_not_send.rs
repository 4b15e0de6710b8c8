//! What a closure captures goes to another thread, so it has to be `Send`.

use std::rc::Rc;

use threadwork_core::Thread;

fn main() {
    let shared = Rc::new(7);
    let _ = Thread::new(move || println!("{shared}"));
}
