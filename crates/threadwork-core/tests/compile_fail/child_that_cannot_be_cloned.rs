//! A supervisor starts a copy each time, so a child can be copied.

use threadwork_core::{Restart, Runnable, Supervisor};

struct Reader;

impl Runnable for Reader {}

fn main() {
    let _supervisor = Supervisor::new().child("reader", Restart::Always, Reader);
}
