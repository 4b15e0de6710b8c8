//! The result of a wait that passed.

/// The result of a wait at a [`Barrier`](crate::Barrier) that passed.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// let passed = threadwork::Barrier::new(1).wait().unwrap();
/// assert!(passed.is_leader());
/// assert_eq!(passed.index(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult {
    pub(super) index: usize,
    pub(super) leader: bool,
}

impl BarrierWaitResult {
    /// Returns the position in which this party arrived, from 0 for the first to `parties - 1` for the last.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Returns `true` if this party arrived last and ran the action. This holds for one party in each round.
    #[must_use]
    pub const fn is_leader(&self) -> bool {
        self.leader
    }
}
