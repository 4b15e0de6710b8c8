//! The span and the dispatcher that a thread inherits.

use std::{mem, num::NonZeroU64};

use tracing::{
    Dispatch, Span,
    dispatcher::{self, DefaultGuard},
    span,
    subscriber::NoSubscriber,
};

use crate::panic::unharmed;

/// The target of the span and the events of threads.
pub(crate) const TARGET: &str = "threadwork::thread";

/// The span that a thread inherits, and the dispatcher if there is one.
///
/// A subscriber may panic in any call. Then only what that call would have done is missing.
/// Each call is caught separately: a second panic during the unwinding of a first one would end the program.
///
/// Scenario "the subscriber that panics" in docs/architecture.md.
pub(crate) struct TraceContext {
    span: Span,
    dispatch: Option<Dispatch>,
}

impl TraceContext {
    /// Creates the context of a thread that the current thread is about to start: a new span for it, and the current dispatcher.
    ///
    /// If the subscriber does not want the span, the thread is in the current span itself: a filter that leaves out the spans of threads
    /// does not take the program's own spans from what happens in them.
    pub(crate) fn of_thread(name: &str, ident: NonZeroU64, daemon: bool) -> TraceContext {
        let span = unharmed(|| {
            let own = tracing::info_span!(target: TARGET, "thread", thread = %name, ident, daemon);
            if own.is_disabled() && dispatcher::has_been_set() { Span::current() } else { own }
        });
        TraceContext { span: span.unwrap_or_else(Span::none), dispatch: dispatcher_here() }
    }

    /// Creates the context of a thread that the current thread is about to start, and whose span has no parent.
    pub(crate) fn of_root(name: &str, ident: NonZeroU64, daemon: bool) -> TraceContext {
        let span = unharmed(
            || tracing::info_span!(target: TARGET, parent: None, "thread", thread = %name, ident, daemon),
        );
        TraceContext { span: span.unwrap_or_else(Span::none), dispatch: dispatcher_here() }
    }

    /// Returns the current thread's span and dispatcher, if there is a subscriber. A timer keeps them for the threads that it starts later,
    /// and a [`Context`](super::Context) for those that are given it.
    pub(crate) fn here() -> Option<TraceContext> {
        let dispatch = Some(dispatcher_here()?);
        Some(TraceContext { span: unharmed(Span::current).unwrap_or_else(Span::none), dispatch })
    }

    /// Returns `true` if there is nothing to inherit.
    pub(crate) fn is_none(&self) -> bool {
        self.span.is_disabled() && self.dispatch.is_none()
    }

    /// Enters the context in the current thread until the returned guard is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        let dispatch = self.dispatch.as_ref().map(dispatcher::set_default);
        Entered { span: unharmed(|| self.span.enter()), dispatch }
    }
}

impl Drop for TraceContext {
    fn drop(&mut self) {
        // The span is closed first. If the dispatcher went first, that could be the end of the subscriber too. The dispatcher is the current one
        // meanwhile, since a registry closes the parent of a span by that.
        let dispatch = self.dispatch.as_ref().map(dispatcher::set_default);
        unharmed(|| drop(mem::replace(&mut self.span, Span::none())));
        unharmed(|| drop(dispatch));
        unharmed(|| drop(self.dispatch.take()));
    }
}

/// A guard: while it lives, the current thread is in the span of a context and uses its dispatcher.
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

/// Returns the current thread's dispatcher. `None` without a subscriber, so that a global one that is set later takes effect.
fn dispatcher_here() -> Option<Dispatch> {
    if !dispatcher::has_been_set() {
        return None;
    }
    let dispatch = dispatcher::get_default(Dispatch::clone);
    // This calls the subscriber, too.
    let is_none = unharmed(|| dispatch.is::<NoSubscriber>()).unwrap_or(false);
    (!is_none).then_some(dispatch)
}
