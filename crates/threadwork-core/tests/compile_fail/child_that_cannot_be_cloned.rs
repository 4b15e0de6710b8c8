//! A supervisor starts a copy of a child each time, so a child must be `Clone`.

use threadwork_core::{Restart, Runnable, Supervisor};

struct Reader;

impl Runnable for Reader {}

fn main() {
    let _supervisor = Supervisor::new().child("reader", Restart::Always, Reader);
}
