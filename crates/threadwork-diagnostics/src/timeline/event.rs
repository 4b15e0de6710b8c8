//! What threads do, and when.

use std::{num::NonZeroU64, panic::Location, sync::Arc};

use threadwork_core::sync::WaitKind;
use tracing::Metadata;

/// How a thread has ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) at: u64,
    pub(super) outcome: String,
    pub(super) panic: Option<String>,
}

/// Something that has happened, with its beginning and its end.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) since: u64,
    pub(super) until: u64,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Wait(Wait),
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
    /// Whether somebody ended it.
    pub(super) woken: bool,
    /// The thread that it waited for, or that held what it waited for.
    pub(super) thread: Option<NonZeroU64>,
}

/// The thread woke others.
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

/// Texts of users are kept up to so many characters.
const LONGEST_TEXT: usize = 500;

/// The text, or as much of it as is kept.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
