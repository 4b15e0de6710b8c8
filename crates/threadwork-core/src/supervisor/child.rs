//! A child of a supervisor.

use crate::work::Prototype;

/// When a child of a [`Supervisor`](crate::Supervisor) is started again.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// assert_eq!(threadwork::Restart::default(), threadwork::Restart::OnPanic);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Never: it runs once, however it ends.
    Never,
    /// When it has panicked.
    #[default]
    OnPanic,
    /// However it ends, also when it alone was stopped.
    Always,
}

/// What is started, and when it is started again.
#[derive(Clone)]
pub(super) struct Child {
    pub(super) name: String,
    pub(super) restart: Restart,
    pub(super) prototype: Box<dyn Prototype>,
}
