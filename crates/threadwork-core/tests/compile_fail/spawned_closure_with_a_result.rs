//! A spawned closure that returns a value needs `MyThread`.

//~ error[E0277]: a thread's closure cannot return `i32`
//~ error[E0277]: a thread's closure cannot return `Vec<u8>`
//~ error[E0277]: a thread's closure cannot return `Option<&str>`
//~ error[E0277]
//~ returns `i32`, which is neither `()` nor a `Result<(), E>` with an error
//~ to keep a result, use `MyThread::new`, `MyThread::spawn` or a builder's `spawn_my_thread`; to ignore it, end the closure with `;`

use threadwork_core::{Thread, ThreadGroup};

fn main() {
    let _ = Thread::spawn(|| 7_i32);
    let _ = Thread::builder().name("sum").spawn(|| vec![7_u8]);
    let _ = ThreadGroup::new("sums").spawn(|| Some("x"));
    let _ = Thread::spawn(|| -> Result<(), u8> { Err(7) });
}
