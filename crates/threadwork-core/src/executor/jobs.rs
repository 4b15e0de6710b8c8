//! The ways to have jobs run: at once, for many items, later, and again and again.

mod job_builder;
mod map;
mod delayed;
mod repeat;
mod schedule;

pub use self::{
    job_builder::JobBuilder,
    map::{Map, MapBuilder},
    schedule::Schedule,
};
