//! What a scoped thread borrows is used by two threads at once.

use std::cell::Cell;

use threadwork_core::scope;

fn main() {
    let count = Cell::new(0);
    scope(|scope| {
        scope.call(|| count.set(1)).unwrap();
    });
}
