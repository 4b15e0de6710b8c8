//! Where the values of an object are in the tables of the threads.

use std::collections::BTreeSet;

use threadwork_sync::{Lock, LockGuard, internal::lock::own_lock};

use crate::process::{LockPart, Part, hold, look_after};

/// The place of one [`Local`](super::Local) in the table of each thread: an index in the low half, which is given again once the object is gone,
/// and in the high half how often it was given. So no place is given twice, and what a slot has of an older object is known to be that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) usize);

const INDEX_BITS: u32 = usize::BITS / 2;
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;

impl Place {
    /// Where there is nothing: no index is given for the zeroth time.
    pub(super) const EMPTY: Place = Place(0);

    /// The place of an object that has none yet: no table is so long.
    pub(super) const NONE: Place = Place(usize::MAX);

    /// The one that has never been given, of an index.
    fn first(index: usize) -> Place {
        // The last index is that of `NONE`.
        assert!(index < INDEX_MASK, "there are more `Local`s at once than places for them");
        Place(1 << INDEX_BITS | index)
    }

    /// The next one of the same index, unless that is used up.
    pub(super) fn next(self) -> Option<Place> {
        self.0.checked_add(1 << INDEX_BITS).map(Place)
    }

    #[inline]
    pub(super) fn index(self) -> usize {
        self.0 & INDEX_MASK
    }
}

/// No user code runs while it is locked, and no other lock is acquired.
static PLACES: Lock<Places> =
    own_lock("the places of locals", Places { indexes: 0, free: BTreeSet::new() });

struct Places {
    /// How many indexes there are.
    indexes: usize,
    /// The next place of each that nobody has, by index.
    free: BTreeSet<(usize, Place)>,
}

/// A place for one more object, with the lowest index that is free, so that tables stay short.
///
/// # Panics
///
/// If there are 2³² objects already, or 2¹⁶ on a 32-bit target.
pub(super) fn take() -> Place {
    let mut places = places();
    if let Some((_, place)) = places.free.pop_first() {
        return place;
    }
    let place = Place::first(places.indexes);
    places.indexes += 1;
    place
}

/// The object is gone. An index that is used up is not given again.
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
