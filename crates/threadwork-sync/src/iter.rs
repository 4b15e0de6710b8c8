//! Iterators that several threads use.

mod source;
mod serialize;
mod tee;

#[cfg(test)]
mod tests;

pub use self::{
    serialize::{SerializeIterator, synchronized_iterator},
    tee::{ConcurrentTee, concurrent_tee},
};
