//! The process: its forks, its operating system threads, and how many threads it can carry.

mod number;
mod part;
mod fork;
mod idle;
mod helper;
mod maps;

pub use self::{
    fork::look_after,
    helper::{Helper, helpers, start_helper},
    number::this_process,
    part::{LockPart, Locked, Part, hold},
};
pub(crate) use self::{
    helper::spawn_with_stack,
    idle::{run_in_idle, spawn_to_be_used_again},
    maps::{count_maps, give_maps_back, take_maps},
    part::guard,
};
