//! A supervisor starts a copy of a child each time, so a child must be `Clone`.

//~ error[E0277]
//~ `Reader` cannot be run more than once
//~ for a supervised child that cannot be cloned, use `Supervisor::child_with`, with a closure that makes a new one

use threadwork_core::{Restart, Runnable, Supervisor};

struct Reader;

impl Runnable for Reader {}

fn main() {
    let _supervisor = Supervisor::new().child("reader", Restart::Always, Reader);
}
