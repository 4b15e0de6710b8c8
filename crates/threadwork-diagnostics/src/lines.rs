//! The lines that threads print.

mod zone;
mod ctime;
mod sink;
mod layer;
mod init;

pub use self::{
    ctime::ctime,
    init::{Format, InitError, Setup, init},
    layer::Lines,
    sink::Sink,
};
