//! An executor outlives the function that submits to it, so its jobs cannot borrow. Those of a scope can: `scope.submit`.

//~ error[E0597]

use threadwork_core::Executor;

fn main() {
    let executor = Executor::new(1);
    let words = vec!["one", "two"];
    let words = &words;
    drop(executor.submit(move || words.len()));
}
