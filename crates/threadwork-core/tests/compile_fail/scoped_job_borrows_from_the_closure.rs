//! A job of a scope may outlive the closure of its scope, so it cannot borrow from that closure.

//~ error[E0373]

use threadwork_core::{Executor, scope};

fn main() {
    let executor = Executor::new(1);
    scope(|scope| {
        let count = 0;
        drop(scope.submit(&executor, || count + 1));
    });
}
