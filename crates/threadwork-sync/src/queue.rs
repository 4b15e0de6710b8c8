//! Queues: threads put items, and other threads take them.

mod error;
mod store;
mod engine;
mod ready;
mod any_queue;
mod future;
mod iter;
mod split;
mod kinds;

pub(crate) use self::{any_queue::AnyQueue, ready::Ready};
pub use self::{
    error::{GetError, PutError, TaskDoneError},
    future::{QueueGet, QueueJoin, QueuePut},
    iter::QueueIter,
    kinds::{DelayQueue, LifoQueue, PriorityQueue, Queue},
    split::{Receiver, Sender},
};
