//! A closure that returns a value needs `MyThread`.

//~ error[E0277]: a thread's closure cannot return `{integer}`
//~ returns `{integer}`, which is neither `()` nor a `Result<(), E>` with an error
//~ to keep a result, use `MyThread::new`, `MyThread::spawn` or a builder's `spawn_my_thread`; to ignore it, end the closure with `;`

use threadwork_core::Thread;

fn main() {
    let _ = Thread::new(|| 7);
}
