//! What all queues have in common: a lock around the items, and a line at each end.

mod line;
mod tasks;
mod parts;
mod take;
mod held;
mod waiting;
mod forms;

#[cfg(test)]
mod tests;

pub(super) use self::{
    parts::{End, Engine, NO_LIMIT},
    take::{AtMost, One},
};
