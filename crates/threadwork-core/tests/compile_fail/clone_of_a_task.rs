//! One owner may take the result, so a task cannot be cloned; a shared one can.

//~ error[E0599]

use threadwork_core::Task;

fn main() {
    let task = Task::spawn(|| 7).unwrap();
    let _ = task.clone();
}
