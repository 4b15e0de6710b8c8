//! A scoped thread may outlive the closure of its scope, so it cannot borrow from that closure.

//~ error[E0373]

use threadwork_core::scope;

fn main() {
    scope(|scope| {
        let count = 0;
        scope.call(|| count + 1).unwrap();
    });
}
