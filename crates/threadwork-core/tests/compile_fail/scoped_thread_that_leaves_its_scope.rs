//! The result of a scoped thread may borrow, so neither the result nor the thread can leave the scope.

//~ error: lifetime

use threadwork_core::scope;

fn main() {
    let thread = scope(|scope| scope.call(|| 7).unwrap());
    thread.into_result().unwrap();
}
