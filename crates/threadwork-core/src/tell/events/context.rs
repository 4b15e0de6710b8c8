//! The span and the dispatcher that one thread takes over from another.

use std::{mem, num::NonZeroU64};

use tracing::{
    Dispatch, Span,
    dispatcher::{self, DefaultGuard},
    span,
    subscriber::NoSubscriber,
};

use super::TARGET;
use crate::panic::unharmed;

/// What a thread takes over from another one: a span, and a dispatcher if there is one.
///
/// A subscriber may panic in each call. What it is not asked for then is missing, and nothing else.
/// Each call stands alone: a second panic, while the first one unwinds, would end the program.
pub(crate) struct Context {
    span: Span,
    dispatch: Option<Dispatch>,
}

impl Context {
    /// For a thread that the current one is about to start: a span of its own, and the dispatcher that is here.
    pub(crate) fn of_thread(name: &str, ident: NonZeroU64, daemon: bool) -> Context {
        let span = unharmed(
            || tracing::info_span!(target: TARGET, "thread", thread = %name, ident, daemon),
        );
        Context { span: span.unwrap_or_else(Span::none), dispatch: dispatcher_here() }
    }

    /// What the current thread is in, if there is any subscriber: for a timer, whose threads are started later, as if it were here.
    pub(crate) fn here() -> Option<Context> {
        let dispatch = Some(dispatcher_here()?);
        Some(Context { span: unharmed(Span::current).unwrap_or_else(Span::none), dispatch })
    }

    /// Whether there is nothing to take over.
    pub(crate) fn is_none(&self) -> bool {
        self.span.is_disabled() && self.dispatch.is_none()
    }

    /// Makes it that of the current thread until what this returns is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        let dispatch = self.dispatch.as_ref().map(dispatcher::set_default);
        Entered { span: unharmed(|| self.span.enter()), dispatch }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // The dispatcher is there until the span is closed, so that this is not the end of the subscriber too.
        unharmed(|| drop(mem::replace(&mut self.span, Span::none())));
        unharmed(|| drop(self.dispatch.take()));
    }
}

/// While it lives, the current thread is in the span of a context, and has its dispatcher.
pub(crate) struct Entered<'a> {
    span: Option<span::Entered<'a>>,
    dispatch: Option<DefaultGuard>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        unharmed(|| drop(self.span.take()));
        unharmed(|| drop(self.dispatch.take()));
    }
}

/// The dispatcher of the current thread. Without any subscriber there is none, and one that is set later for all shall be seen.
fn dispatcher_here() -> Option<Dispatch> {
    if !dispatcher::has_been_set() {
        return None;
    }
    let dispatch = dispatcher::get_default(Dispatch::clone);
    // A subscriber answers this too.
    let is_none = unharmed(|| dispatch.is::<NoSubscriber>()).unwrap_or(false);
    (!is_none).then_some(dispatch)
}
