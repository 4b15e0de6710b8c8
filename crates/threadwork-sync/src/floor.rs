//! The floor: everything that differs between real programs and models.
//!
//! Words, small locks, the clock, spinning and the sleep of a thread come from here, and what a fork does to them.
//! No other module of this crate names the clock, the locks of `std`, the futex or the model checker.
//!
//! # Twins
//!
//! Under `--cfg threadwork_loom` the words, the locks and the sleep come from a model that explores all interleavings.
//! Both twins offer the same names. Under `--cfg threadwork_noise` the words of real programs let other threads run at random moments.

mod kept;
#[cfg(not(threadwork_loom))]
mod real;
#[cfg(threadwork_loom)]
mod model;
mod moment;
#[cfg(not(threadwork_loom))]
mod sleep;
#[cfg(not(threadwork_loom))]
mod spin;
#[cfg(not(threadwork_loom))]
mod at_work;
#[cfg(not(threadwork_loom))]
mod fork;
#[cfg(not(threadwork_loom))]
mod gate;

#[cfg(threadwork_loom)]
pub use self::model::{
    Arc, Inside, Word, fence::leave_out_heavy_fences, inside, leave_out_hand_overs, let_time_pass,
    now,
};
#[cfg(threadwork_loom)]
pub(crate) use self::model::{
    AtWork, BUCKETS, Bursts, Byte, Mutex, MutexGuard, Pace, Protected, Renewable, Sleep, Spin,
    Wakes, back_off, bucket_of, buckets, changes_soon, const_new, fence, free_by_store,
    happens_at_once, happens_soon, is_past, let_others_run, process_wide, real_only,
    set_thread_word, thread_values, thread_word,
};
#[cfg(not(threadwork_loom))]
pub(crate) use self::moment::Pace;
pub use self::moment::elapsed;
#[cfg(not(threadwork_loom))]
pub(crate) use self::{
    at_work::AtWork,
    fork::Place,
    real::{
        BUCKETS, Byte, Mutex, MutexGuard, Protected, Renewable, bucket_of, buckets, const_new,
        fence, free_by_store, is_past, process_wide, real_only, set_thread_word, thread_word,
    },
    sleep::{Sleep, Wakes},
    spin::{Bursts, Spin, back_off, changes_soon, happens_at_once, happens_soon, let_others_run},
};
#[cfg(not(threadwork_loom))]
pub use self::{
    fork::Part,
    gate::{Inside, inside, is_closed, objects_locked},
    real::{Arc, Word, now},
    sleep::on_time,
};
pub(crate) use self::{kept::Kept, moment::Moment};
