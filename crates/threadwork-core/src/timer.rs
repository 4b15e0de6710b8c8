//! Timers: functions that run later, each in a thread of its own, and alarms, which have none.

mod due;
mod period;
mod queue;
mod plan;
mod run;
mod service;
mod start;
mod handle;
mod builder;
#[cfg(test)]
mod tests;

pub(crate) use self::{builder::Alarm, due::Due};
pub use self::{handle::Timer, period::Period, service::pending_timers};
