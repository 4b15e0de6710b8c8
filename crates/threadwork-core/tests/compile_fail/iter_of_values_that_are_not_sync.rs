//! Other threads can see values only if they are `Sync`.

//~ error[E0277]: `Cell<{integer}>`
//~ error[E0599]

use std::cell::Cell;

use threadwork_core::Local;

fn main() {
    let local = Local::new(|| Cell::new(7));
    assert_eq!(local.get(), 7);
    assert_eq!(local.iter().map(|value| value.get()).sum::<i32>(), 7);
}
