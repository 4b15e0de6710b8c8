//! What is said of a thread before it is started.

use std::sync::atomic::AtomicBool;

use threadwork_sync::StopToken;

use crate::{group::ThreadGroup, panic::OnPanic};

/// What a builder has collected and what it has inherited: nothing depends on the current thread any more.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) daemon: bool,
    pub(crate) stack_size: usize,
    pub(crate) stop_parent: Option<StopToken>,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) on_panic: Option<OnPanic>,
    pub(crate) quiet: bool,
    pub(crate) helper: bool,
}

impl Settings {
    /// Whether there is nothing in it but what every timer keeps itself.
    pub(crate) fn is_plain(&self) -> bool {
        let Settings { name, daemon: _, stack_size, stop_parent, group, on_panic, quiet, helper } =
            self;
        name.is_none()
            && *stack_size == 0
            && stop_parent.is_none()
            && group.is_none()
            && on_panic.is_none()
            && !quiet
            && !helper
    }
}

/// Who started a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This library.
    Here,
    /// The operating system: it is the one that entered `main`.
    Main,
    /// Somebody else.
    Foreign,
}

/// What a thread was given when it was made.
pub(crate) struct Given {
    pub(crate) origin: Origin,
    /// May be changed until the thread is started.
    pub(super) daemon: AtomicBool,
    pub(crate) verbose: bool,
    /// It is one of the library's own.
    pub(crate) is_helper: bool,
    /// Zero for the default.
    pub(crate) stack_size: usize,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) on_panic: Option<OnPanic>,
}

impl Given {
    pub(super) fn new(origin: Origin, settings: Settings) -> (Given, Option<StopToken>) {
        let Settings { name: _, daemon, stack_size, stop_parent, group, on_panic, quiet, helper } =
            settings;
        let given = Given {
            origin,
            daemon: AtomicBool::new(daemon),
            verbose: !quiet,
            is_helper: helper,
            stack_size,
            group,
            on_panic,
        };
        (given, stop_parent)
    }
}
