//! What a thread of a scope gives may borrow, so neither it nor its thread leaves the scope.

use threadwork_core::scope;

fn main() {
    let thread = scope(|scope| scope.call(|| 7).unwrap());
    thread.into_result().unwrap();
}
