//! Stop requests: asking other threads to stop.

mod function;
mod state;
mod family;
mod share;
mod token;
mod source;
mod callback;

#[cfg(test)]
mod tests;

pub use self::{
    callback::StopCallback,
    source::StopSource,
    token::{StopToken, StopWait},
};
