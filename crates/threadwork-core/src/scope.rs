//! Threads that may borrow local variables.

mod error;
mod notes;
mod returned;
mod state;
mod scoped_task;
mod scoped_thread;
mod handle;
mod builder;

pub use self::{
    builder::{ScopeBuilder, scope},
    error::ScopeError,
    handle::Scope,
    scoped_task::ScopedTask,
    scoped_thread::ScopedThread,
};
