//! Only threads, tasks, and what contains a thread can be waited for in the order of their ends.

//~ error[E0277]: `u32` is neither a thread nor a task
//~ has no end that can be waited for
//~ a type of your own that contains a thread fits if it implements `AsRef<ThreadHandle>`

use threadwork_core::as_completed;

fn main() {
    let _ = as_completed(&[7_u32]);
}
