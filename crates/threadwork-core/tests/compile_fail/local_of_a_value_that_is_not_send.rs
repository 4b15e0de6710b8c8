//! The thread that drops a `Local` drops the values of all threads, so they must be `Send`.

//~ error[E0277]: `Rc<{integer}>`
//~ error[E0599]

use std::rc::Rc;

use threadwork_core::Local;

fn main() {
    let local = Local::new(|| Rc::new(7));
    local.with(|value| assert_eq!(**value, 7));
}
