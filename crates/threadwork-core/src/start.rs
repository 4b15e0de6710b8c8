//! How a thread is started.

mod stack_size;
mod room;
mod lifecycle;

pub(crate) use self::{
    lifecycle::{launch, start, start_by},
    room::check_maps,
};
pub use self::{
    room::start_helper_with_stack,
    stack_size::{set_stack_size, stack_size},
};
