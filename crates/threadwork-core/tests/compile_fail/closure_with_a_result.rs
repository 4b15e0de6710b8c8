//! A closure that returns a value needs `MyThread`.

use threadwork_core::Thread;

fn main() {
    let _ = Thread::new(|| 7);
}
