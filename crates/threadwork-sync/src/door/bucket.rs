//! The buckets of queues, and what stands in them.
//!
//! A queue is named by a [`Key`](crate::door::Key). The queues of several keys share a bucket, which has one lock and one list of nodes.
//! A node is in the memory of the one that waits, and is the record of the wait: readers walk the lists.
//!
//! (The table of queues by address is that of Linux's futexes: H. Franke, R. Russell and M. Kirkwood, "Fuss, futexes and furwocks", 2002;
//! in a process it became known by WebKit's `ParkingLot`: F. Pizlo, "Locking in WebKit", 2016.)

pub(super) mod signal;
pub(super) mod terms;
pub(super) mod lengths;
pub(super) mod sleeper;
pub(super) mod watch;
pub(super) mod node;
pub(super) mod list;
pub(super) mod paces;
pub(super) mod table;

pub use self::sleeper::{IDLE, be_helper, is_helper};
#[cfg(not(threadwork_loom))]
pub use self::sleeper::{be_idle, go_on_as};
#[cfg(threadwork_loom)]
pub use self::table::n_parked;
pub(crate) use self::{
    signal::Signal,
    terms::{Filter, Found, Parked, Parking, Requeue, Sort, Ticket, Token, Until},
};
