//! The queues in which threads and tasks stand.
//!
//! A queue is named by a [`Key`](crate::door::Key). The queues of several keys share a bucket, which has one lock and one list of nodes.
//! A node is in the memory of the one that waits, and is the record of the wait: readers walk the lists.
//!
//! (The table of queues by address is that of Linux's futexes: H. Franke, R. Russell and M. Kirkwood, "Fuss, futexes and furwocks", 2002;
//! in a process it became known by WebKit's `ParkingLot`: F. Pizlo, "Locking in WebKit", 2016.)

mod signal;
mod terms;
mod sleeper;
mod watch;
mod node;
mod list;
mod table;
mod wake;
mod end;
mod place;
mod park;
mod watching;
mod task;

#[cfg(not(threadwork_loom))]
mod read;

#[cfg(not(threadwork_loom))]
pub use self::read::ends_of_waits;
#[cfg(not(threadwork_loom))]
pub(crate) use self::read::{Record, Records, records};
#[cfg(threadwork_loom)]
pub use self::table::n_parked;
pub use self::{park::blocked_elsewhere, sleeper::be_helper};
pub(crate) use self::{
    park::park,
    signal::Signal,
    task::TaskPlace,
    terms::{Filter, Found, Parked, Parking, Requeue, Sort, Ticket, Token, Until},
    wake::{unpark_all, unpark_filter, unpark_one, unpark_requeue, with_locked},
    watching::{LastingWatch, Watched, watch_any},
};
