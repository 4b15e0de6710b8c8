//! The floor: everything that differs between real programs and models.
//!
//! Words, small locks, the clock and spinning come from here. Apart from the queues of the door, no other module of this crate names
//! the clock, the locks of `std` or the model checker.
//!
//! # Twins
//!
//! Under `--cfg threadwork_loom` the words, the locks and the clock come from a model that explores all interleavings.
//! Both twins offer the same names. Under `--cfg threadwork_noise` the words of real programs let other threads run at random moments.

mod kept;
#[cfg(threadwork_noise)]
mod noise;
#[cfg(not(threadwork_loom))]
mod real;
#[cfg(threadwork_loom)]
mod model;
#[cfg(not(threadwork_loom))]
mod spin;
#[cfg(not(threadwork_loom))]
mod gate;
#[cfg(not(threadwork_loom))]
mod at_work;

#[cfg(not(threadwork_loom))]
pub use self::gate::{Inside, inside, objects_locked};
pub(crate) use self::kept::Kept;
#[cfg(threadwork_loom)]
pub(crate) use self::model::{
    Arc, Mutex, Spin, Word, back_off, const_new, is_past, now, real_only, set_thread_word,
    static_mutex, thread_word,
};
#[cfg(threadwork_loom)]
pub use self::model::{Inside, inside};
#[cfg(not(threadwork_loom))]
pub(crate) use self::{
    at_work::AtWork,
    real::{
        Arc, Mutex, Word, const_new, is_past, now, real_only, set_thread_word, static_mutex,
        thread_word,
    },
    spin::{Spin, back_off, happens_soon},
};
