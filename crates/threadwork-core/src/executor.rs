//! Executors: a number of threads that run jobs one after the other.

mod line;
mod job;
mod pool;
mod list;
mod worker;
mod submit;
mod handle;
mod builder;
mod jobs;

pub use self::{
    builder::ExecutorBuilder,
    handle::Executor,
    jobs::{JobBuilder, Map, MapBuilder, Schedule},
    list::{ExecutorInfo, executors},
    pool::WhenFull,
};
