//! Watching locks: how long threads wait for them and hold them, and in which order they acquire them.

mod here;
mod held;
mod counts;
mod order;
mod threads;
mod fork;
mod watch;
mod contention;

pub use self::{
    contention::{Contention, ContentionReport, LockReport, SlowPlace, Times},
    order::{LockInversion, LockStep},
    watch::watch_lock_order,
};
