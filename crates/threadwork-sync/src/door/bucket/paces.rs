//! When the locks whose queues share a bucket last did what they do only now and then.

use crate::floor::{Pace, const_new};

/// The locks that share a bucket share these too. They do each of it less often then.
#[derive(Debug)]
pub(in crate::door) struct Paces {
    /// A thread made all others execute a fence, because it was the first to wait.
    pub(in crate::door) fences: Pace,
    /// A lock was handed over.
    pub(in crate::door) hand_overs: Pace,
    /// A lock was freed, and a waiter was woken to take it.
    pub(in crate::door) wake_ups: Pace,
    /// A thread let others run, because a woken waiter had not come back.
    pub(in crate::door) yields: Pace,
}

impl Paces {
    const_new! {
        pub(in crate::door) const fn new() -> Paces {
            Paces {
                fences: Pace::new(),
                hand_overs: Pace::new(),
                wake_ups: Pace::new(),
                yields: Pace::new(),
            }
        }
    }
}
