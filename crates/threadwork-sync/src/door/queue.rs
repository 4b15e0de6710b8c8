//! What threads and tasks do at queues: they enter, wait, wake others, leave, and read who waits.

mod few;
mod wake;
mod freeing;
mod end;
mod place;
mod park;
mod watching;
mod task;

#[cfg(not(threadwork_loom))]
mod read;

pub use self::park::blocked_elsewhere;
#[cfg(not(threadwork_loom))]
pub(crate) use self::read::{Record, Records, records};
#[cfg(not(threadwork_loom))]
pub use self::read::{ends_of_waits, native_ids_in_waits};
pub(crate) use self::{
    few::Few,
    freeing::HandOver,
    park::{look_before, park, spin_before},
    task::TaskPlace,
    wake::{unpark_all, unpark_filter, unpark_one, unpark_requeue, with_locked},
    watching::{LastingWatch, Watched, watch_any},
};
