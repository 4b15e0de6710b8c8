//! A result comes from another thread, so it must be `Send`.

//~ error[E0277]: `Rc<

use std::rc::Rc;

use threadwork_core::Task;

fn main() {
    let _ = Task::spawn(|| Rc::new(7));
}
