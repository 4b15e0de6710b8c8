//! A runnable cannot be changed while it is borrowed.

//~ error[E0502]

use threadwork_core::{Runnable, Thread};

struct Count(u32);

impl Runnable for Count {}

fn main() {
    let mut thread = Thread::new(Count(7));
    thread.start().unwrap();
    thread.join().unwrap();
    let before = thread.runnable().unwrap();
    thread.runnable_mut().unwrap().0 += 1;
    assert_eq!(before.0, 7);
}
