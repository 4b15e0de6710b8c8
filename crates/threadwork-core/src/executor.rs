//! Executors: a number of threads that run jobs one after the other.

mod line;
mod job;
mod pool;
mod list;
mod worker;
mod submit;
mod handle;
mod builder;
mod job_builder;

pub use self::{
    builder::ExecutorBuilder,
    handle::Executor,
    job_builder::JobBuilder,
    list::{ExecutorInfo, executors},
    pool::WhenFull,
};
