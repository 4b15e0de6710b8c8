//! The kinds of queues: the same methods over different stores.

mod methods;
mod fifo;
mod lifo;
mod priority;
mod delay;

pub use self::{delay::DelayQueue, fifo::Queue, lifo::LifoQueue, priority::PriorityQueue};
