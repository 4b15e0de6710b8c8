//! Threads that may borrow local variables.

mod error;
mod work;
mod returned;
mod state;
mod scoped_task;
mod scoped_thread;
mod handle;
mod submit;
mod builder;

pub use self::{
    builder::{ScopeBuilder, scope},
    error::ScopeError,
    handle::Scope,
    scoped_task::ScopedTask,
    scoped_thread::ScopedThread,
};
