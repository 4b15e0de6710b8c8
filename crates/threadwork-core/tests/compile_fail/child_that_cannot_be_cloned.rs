//! A supervisor starts a copy of a child each time, so a child must be `Clone`.

//~ error[E0277]
//~ `Reader: Prototype`

use threadwork_core::{Restart, Runnable, Supervisor};

struct Reader;

impl Runnable for Reader {}

fn main() {
    let _supervisor = Supervisor::new().child("reader", Restart::Always, Reader);
}
