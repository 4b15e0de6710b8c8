//! Starting a thread.

mod stack_size;
mod room;
mod newborn;
mod spawn;
mod launch;

pub(crate) use self::{
    launch::{Prepared, start, start_runnable},
    room::check_maps,
};
pub use self::{
    room::start_helper_with_stack,
    stack_size::{set_stack_size, stack_size},
};
