//! `Thread::new` takes an `FnMut`; `MyThread::new` takes an `FnOnce`.

//~ error[E0525]
//~ `Runnable`

use threadwork_core::Thread;

fn main() {
    let name = String::from("Guido");
    let _ = Thread::new(move || drop(name));
}
