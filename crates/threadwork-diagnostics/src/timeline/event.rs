//! The events of a thread: what it did, and when.

use std::{num::NonZeroU64, panic::Location, sync::Arc};

use threadwork_sync::WaitKind;
use tracing::Metadata;

/// When and how a thread ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) at: u64,
    pub(super) outcome: String,
    /// What went wrong, if something did: the message of the panic or of the failure.
    pub(super) reason: Option<String>,
}

/// Something that a thread did, with its beginning and its end.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) since: u64,
    pub(super) until: u64,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Wait(Wait),
    Elsewhere(Elsewhere),
    Wake(Wake),
    Span(Span),
}

/// The thread was blocked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) kind: WaitKind,
    pub(super) name: Option<&'static str>,
    pub(super) address: usize,
    pub(super) location: &'static Location<'static>,
    /// Whether it was ended by a wake-up.
    pub(super) woken: bool,
    /// Whether it waited for any of several objects, of which this is one.
    pub(super) any_of: bool,
    /// The thread that it joined, or that held the object it waited for.
    pub(super) thread: Option<NonZeroU64>,
}

/// The thread was blocked by something outside this library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// The system call in which it slept, if that is known.
    pub(super) system_call: Option<&'static str>,
}

/// The thread woke other threads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake {
    pub(super) address: usize,
    pub(super) count: usize,
}

/// The thread was in a span of `tracing`.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) metadata: &'static Metadata<'static>,
    /// The fields as text, if it has any.
    pub(super) fields: Option<Arc<str>>,
}
