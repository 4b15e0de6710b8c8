//! `spawn` takes a function; an object is started by a builder's `start`.

//~ error[E0277]
//~ `Job`

use threadwork_core::{Runnable, Thread};

struct Job;

impl Runnable for Job {}

fn main() {
    let _ = Thread::spawn(Job);
}
