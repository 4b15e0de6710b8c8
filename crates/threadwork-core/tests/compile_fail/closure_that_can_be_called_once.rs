//! What `Thread::new` takes can be called more than once; `MyThread::new` takes the rest.

use threadwork_core::Thread;

fn main() {
    let name = String::from("Guido");
    let _ = Thread::new(move || drop(name));
}
