//! Two threads use what a scoped thread borrows, so it must be `Sync`.

//~ error[E0277]: `Cell<i32>`

use std::cell::Cell;

use threadwork_core::scope;

fn main() {
    let count = Cell::new(0);
    scope(|scope| {
        scope.call(|| count.set(1)).unwrap();
    });
}
