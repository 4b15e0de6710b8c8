//! The functions that are called in a thread that has panicked or failed.

use std::sync::Arc;

use super::failure::Failure;
use crate::panic::Panic;

/// A function that is called in the thread that has panicked or failed.
pub(crate) type Handler<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// The handlers of a thread or of a group.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) on_panic: Option<Handler<Panic>>,
    pub(crate) on_failure: Option<Handler<Failure>>,
}

impl Handlers {
    pub(crate) fn is_empty(&self) -> bool {
        let Handlers { on_panic, on_failure } = self;
        on_panic.is_none() && on_failure.is_none()
    }
}
