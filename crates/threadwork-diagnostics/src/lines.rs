//! The lines that are printed when threads start and end.

mod zone;
mod ctime;
mod sink;
mod layer;
#[cfg(feature = "env-filter")]
mod env_filter;
mod init;

pub use self::{
    ctime::ctime,
    init::{Format, InitError, Setup, init},
    layer::Lines,
    sink::Sink,
};
