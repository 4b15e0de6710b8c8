//! The claim of a read-write lock, as its word shows it: what a reader of records needs to know about that lock.
//!
//! Scenario "the writer that waits for readers" in docs/architecture.md.

/// The thread that has the claim, as far as the word shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Nobody,
    /// The thread that this word names, which writes.
    Writer(usize),
    /// A thread that reads, and does not wait to write.
    Upgradable,
    /// The thread that stands in the queue with the amount [`DRAIN`].
    Draining,
}

impl Claim {
    /// Set in the word while the thread that has the claim writes.
    pub(crate) const WRITER: usize = 2;
    /// Set while the thread that has the claim reads.
    pub(crate) const UPGRADABLE: usize = 4;
    /// Set while the thread that has the claim waits until the readers have left, and no new readers may enter. That thread is in the queue
    /// too.
    pub(crate) const DRAINING: usize = 8;

    pub(crate) const fn of(word: usize) -> Claim {
        if word & Claim::WRITER != 0 {
            Claim::Writer(word)
        } else if word & Claim::DRAINING != 0 {
            Claim::Draining
        } else if word & Claim::UPGRADABLE != 0 {
            Claim::Upgradable
        } else {
            Claim::Nobody
        }
    }
}

/// The amount on the ticket of the thread that has the claim and waits until the readers have left.
pub(crate) const DRAIN: usize = 3;
