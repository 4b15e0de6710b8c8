//! The registry of all threads.

mod list;
mod who;
mod join;
pub(crate) mod job;
pub(crate) mod current;

#[cfg(test)]
pub(crate) use self::list::find;
pub use self::{
    current::current_thread,
    list::main_thread,
    who::{active_count, enumerate, everyone},
};
pub(crate) use self::{
    join::join_all,
    list::{about_to_run, all, be_looked_after, insert, is_main, leaving, remove},
};
