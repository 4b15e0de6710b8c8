//! The values that a spawned closure captures move to another thread, so they must be `Send`.

//~ error[E0277]: `Rc<i32>`

use std::rc::Rc;

use threadwork_core::Thread;

fn main() {
    let shared = Rc::new(7);
    let _ = Thread::spawn(move || println!("{shared}"));
}
