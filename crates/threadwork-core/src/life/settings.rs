//! The settings of a thread before it is started.

use std::sync::atomic::AtomicBool;

use threadwork_sync::StopToken;

use crate::{group::ThreadGroup, panic::OnPanic};

/// The settings that a builder has collected, together with the inherited ones. They do not depend on the current thread.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) daemon: bool,
    pub(crate) stack_size: usize,
    pub(crate) stop_parent: Option<StopToken>,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) on_panic: Option<OnPanic>,
    pub(crate) quiet: bool,
    pub(crate) role: Role,
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

impl Settings {
    /// Returns `true` if all settings have their defaults, apart from the daemon flag, which every timer keeps itself.
    pub(crate) fn is_plain(&self) -> bool {
        let Settings { name, daemon: _, stack_size, stop_parent, group, on_panic, quiet, role } =
            self;
        name.is_none()
            && *stack_size == 0
            && stop_parent.is_none()
            && group.is_none()
            && on_panic.is_none()
            && !quiet
            && *role == Role::Plain
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
}

/// The settings of a thread that was made.
pub(crate) struct Given {
    pub(crate) origin: Origin,
    /// Can be changed until the thread is started.
    pub(super) daemon: AtomicBool,
    pub(crate) verbose: bool,
    pub(crate) role: Role,
    /// Zero means the default.
    pub(crate) stack_size: usize,
    pub(crate) group: Option<ThreadGroup>,
    pub(crate) on_panic: Option<OnPanic>,
}

impl Given {
    pub(super) fn new(origin: Origin, settings: Settings) -> (Given, Option<StopToken>) {
        let Settings { name: _, daemon, stack_size, stop_parent, group, on_panic, quiet, role } =
            settings;
        let given = Given {
            origin,
            daemon: AtomicBool::new(daemon),
            verbose: !quiet,
            role,
            stack_size,
            group,
            on_panic,
        };
        (given, stop_parent)
    }
}
