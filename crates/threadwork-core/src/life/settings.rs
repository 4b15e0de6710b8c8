//! The settings of a thread before it is started.

use std::{
    any::Any,
    sync::{Arc, atomic::AtomicBool},
};

use threadwork_sync::StopToken;

use crate::{group::ThreadGroup, outcome::Handlers};

/// The settings that a builder has collected, together with the inherited ones. They do not depend on the current thread.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) daemon: bool,
    pub(crate) stack_size: usize,
    pub(crate) stop_parent: Option<StopToken>,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) handlers: Handlers,
    pub(crate) shown: Shown,
    pub(crate) data: Option<Data>,
}

/// How reports show a thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Whether its lines are left out.
    pub(crate) quiet: bool,
    /// Whether it is one of the library's own.
    pub(crate) helper: bool,
}

/// A value of the user's, of any type.
pub(crate) type Data = Arc<dyn Any + Send + Sync>;

impl Settings {
    /// Returns `true` if all settings have their defaults, apart from the daemon flag, which every timer keeps itself.
    pub(crate) fn is_plain(&self) -> bool {
        let Settings { name, daemon: _, stack_size, stop_parent, group, handlers, shown, data } =
            self;
        name.is_none()
            && *stack_size == 0
            && stop_parent.is_none()
            && group.is_none()
            && handlers.is_empty()
            && *shown == Shown::default()
            && data.is_none()
    }
}

/// Who started a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This library.
    Here,
    /// The operating system: the thread entered `main`.
    Main,
    /// Other code.
    Foreign,
    /// This library, for itself, without a builder.
    Helper,
}

impl Origin {
    /// Returns `true` if the thread was first seen while it ran, and is not the main thread.
    pub(crate) fn is_foreign(self) -> bool {
        matches!(self, Origin::Foreign | Origin::Helper)
    }
}

/// The settings of a thread that was made.
pub(crate) struct Given {
    pub(crate) origin: Origin,
    /// Can be changed until the thread is started.
    pub(super) daemon: AtomicBool,
    pub(crate) verbose: bool,
    /// Whether the thread is one of the library's own.
    pub(crate) is_helper: bool,
    /// Zero means the default.
    pub(crate) stack_size: usize,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) handlers: Handlers,
    pub(crate) data: Option<Data>,
}

impl Given {
    pub(super) fn new(origin: Origin, settings: Settings) -> (Given, Option<StopToken>) {
        let Settings { name: _, daemon, stack_size, stop_parent, group, handlers, shown, data } =
            settings;
        let given = Given {
            origin,
            daemon: AtomicBool::new(daemon),
            verbose: !shown.quiet,
            is_helper: shown.helper || origin == Origin::Helper,
            stack_size,
            group,
            handlers,
            data,
        };
        (given, stop_parent)
    }
}
