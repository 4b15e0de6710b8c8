//! Who has the claim of a read-write lock, by its word: what the reader of a record has to know of that lock.

/// Who has the claim, as far as the word knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Nobody,
    /// The thread that this word names, which writes.
    Writer(usize),
    /// One that reads, and does not wait until it can write.
    Upgradable,
    /// The one that stands in the queue with the amount [`DRAIN`].
    Draining,
}

impl Claim {
    /// Set in the word while the thread that has the claim writes.
    pub(crate) const WRITER: usize = 2;
    /// Set while the thread that has the claim reads.
    pub(crate) const UPGRADABLE: usize = 4;
    /// Set while the thread that has the claim waits until the readers are gone, and no new ones come. It stands in the queue too.
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

/// The amount on the ticket of the thread that has the claim and waits until the readers are gone.
pub(crate) const DRAIN: usize = 3;
