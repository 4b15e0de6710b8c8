//! A child of a supervisor.

use crate::work::Prototype;

/// When a child of a [`Supervisor`](crate::Supervisor) is restarted.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::Restart::default(), threadwork::Restart::OnPanic);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Never: it runs once, no matter how it ends.
    Never,
    /// After it has panicked.
    #[default]
    OnPanic,
    /// No matter how it ends, even if only this child was stopped.
    Always,
}

/// A prototype, and when a clone of it is restarted.
#[derive(Clone)]
pub(super) struct Child {
    pub(super) name: String,
    pub(super) restart: Restart,
    pub(super) prototype: Box<dyn Prototype>,
}
