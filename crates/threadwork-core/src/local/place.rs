//! The place of an object's values in the tables of the threads.

use std::collections::BTreeSet;

use threadwork_sync::{Lock, LockGuard, internal::lock::own_lock};

use crate::process::{LockPart, Part, hold, look_after};

/// The place of one [`Local`](super::Local) in the table of each thread.
///
/// The low half is an index, which is reused once the object is gone. The high half counts the uses of the index.
/// So no place is ever used twice, and a slot that still belongs to an older object can be recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) usize);

const INDEX_BITS: u32 = usize::BITS / 2;
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;

impl Place {
    /// The place of an empty slot: the count of a real place is never zero.
    pub(super) const EMPTY: Place = Place(0);

    /// The place of an object that has none yet: no table is long enough for it.
    pub(super) const NONE: Place = Place(usize::MAX);

    /// The first place of a new index.
    fn first(index: usize) -> Place {
        // The last index belongs to `NONE`.
        assert!(index < INDEX_MASK, "too many `Local`s exist at the same time");
        Place(1 << INDEX_BITS | index)
    }

    /// Returns the next place of the same index, unless its count is used up.
    pub(super) fn next(self) -> Option<Place> {
        self.0.checked_add(1 << INDEX_BITS).map(Place)
    }

    #[inline]
    pub(super) fn index(self) -> usize {
        self.0 & INDEX_MASK
    }
}

/// While it is locked, no user code runs and no other lock is acquired.
static PLACES: Lock<Places> =
    own_lock("the places of locals", Places { indexes: 0, free: BTreeSet::new() });

struct Places {
    /// The number of indexes used so far.
    indexes: usize,
    /// The next places of the free indexes, sorted by index.
    free: BTreeSet<(usize, Place)>,
}

/// Takes a place for one more object, with the lowest free index, so that tables stay short.
///
/// # Panics
///
/// Panics if there are 2³² - 1 objects already, or 2¹⁶ - 1 on a 32-bit target.
pub(super) fn take() -> Place {
    let mut places = places();
    if let Some((_, place)) = places.free.pop_first() {
        return place;
    }
    let place = Place::first(places.indexes);
    places.indexes += 1;
    place
}

/// Frees the place of an object that is gone. An index whose count is used up is not reused.
pub(super) fn give_back(place: Place) {
    if let Some(next) = place.next() {
        places().free.insert((next.index(), next));
    }
}

static LOCKED: LockPart = || hold(&PLACES, |_| ());

fn places() -> LockGuard<'static, Places> {
    look_after(Part::Places, &LOCKED);
    PLACES.acquire()
}
