//! The result of a job of a scope may borrow, so neither the result nor the task can leave the scope.

//~ error: lifetime

use threadwork_core::{Executor, scope};

fn main() {
    let executor = Executor::new(1);
    let task = scope(|scope| scope.submit(&executor, || 7));
    task.into_result().unwrap();
}
