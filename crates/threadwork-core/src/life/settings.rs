//! The settings of a thread before it is started.

use std::{
    any::Any,
    sync::{Arc, atomic::AtomicBool},
};

use threadwork_sync::StopToken;

use crate::{context::Context, group::ThreadGroup, outcome::Handlers};

/// The settings that a builder has collected, together with the inherited ones. They do not depend on the current thread.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) daemon: bool,
    pub(crate) at_start: AtStart,
    pub(crate) stop_parent: Option<StopToken>,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) handlers: Handlers,
    pub(crate) marks: Marks,
    pub(crate) data: Option<Data>,
}

/// What only the start of a thread looks at.
#[derive(Clone, Default)]
pub(crate) struct AtStart {
    /// The size of the stack in bytes. Zero means the default.
    pub(crate) stack_size: usize,
    /// What the thread inherits, if not what the thread has that starts it.
    pub(crate) context: Option<Context>,
}

/// How reports show a thread, what it is to the program, and what it runs on.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Whether its lines are left out.
    pub(crate) quiet: bool,
    pub(crate) role: Role,
    /// Whether its operating system thread is one that is used again; `None` if its group decides.
    pub(crate) recycled: Option<bool>,
}

impl Marks {
    /// The marks of the library's own threads.
    pub(crate) const OF_HELPER: Marks =
        Marks { quiet: true, role: Role::Helper, recycled: Some(false) };
}

/// What a thread is to the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Plain,
    /// It is one of the library's own.
    Helper,
    /// The program ends if it panics or fails.
    Essential,
}

/// A value of the user's, of any type.
pub(crate) type Data = Arc<dyn Any + Send + Sync>;

impl Settings {
    /// Returns `true` if all settings have their defaults, apart from the daemon flag, which every timer keeps itself.
    pub(crate) fn is_plain(&self) -> bool {
        let Settings { name, daemon: _, at_start, stop_parent, group, handlers, marks, data } =
            self;
        name.is_none()
            && at_start.stack_size == 0
            && at_start.context.is_none()
            && stop_parent.is_none()
            && group.is_none()
            && handlers.is_empty()
            && *marks == Marks::default()
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
    pub(crate) marks: Marks,
    pub(crate) at_start: AtStart,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) handlers: Handlers,
    pub(crate) data: Option<Data>,
}

impl Given {
    pub(super) fn new(origin: Origin, settings: Settings) -> (Given, Option<StopToken>) {
        let Settings { name: _, daemon, at_start, stop_parent, group, handlers, marks, data } =
            settings;
        let given = Given {
            origin,
            daemon: AtomicBool::new(daemon),
            marks: if origin == Origin::Helper { Marks::OF_HELPER } else { marks },
            at_start,
            group,
            handlers,
            data,
        };
        (given, stop_parent)
    }
}
