//! Threads that may borrow local variables.

mod state;
mod scoped_thread;
mod handle;
mod builder;

pub use self::{
    builder::{ScopeBuilder, ScopeError, scope},
    handle::Scope,
    scoped_thread::ScopedThread,
};
