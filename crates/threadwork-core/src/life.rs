//! The life of a thread, whatever it runs: its data, and the handle to it that every caller may have.

mod state;
mod name;
mod settings;
mod stop;
mod end;
mod os_thread;
#[expect(clippy::module_inception, reason = "the noun of the room has a file of its own")]
mod life;
mod cell;
mod handle;

pub(crate) use self::{
    cell::{Exclusive, Lender, Owner, Ran, ThreadData, lending},
    handle::Awaited,
    life::Life,
    name::{StartedAs, next_number},
    os_thread::OsThread,
    settings::{AtStart, Data, Marks, Origin, Role, Settings},
    state::beginning,
};
pub use self::{
    handle::{ThreadHandle, ThreadJoin},
    state::ThreadState,
};
