//! The sleepers of models. They are leaked in each execution, as those of real programs are at the end.

use crate::{door::bucket::sleeper::Sleeper, floor::thread_values};

thread_values! {
    static MINE: &'static Sleeper = {
        let mine = Box::leak(Box::new(Sleeper::new()));
        mine.begin();
        mine
    };
}

/// Lends the sleeper of the current thread.
pub(in crate::door) fn mine() -> Box<&'static Sleeper> {
    Box::new(MINE.with(|it| *it))
}
