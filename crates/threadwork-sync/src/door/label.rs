//! The label of a lock: its name, its number, two constant bits and how it is freed, in the space of a name.
#![expect(unsafe_code, reason = "a name is split into pointer and length, and put together again")]

use std::{
    num::NonZeroU32,
    ptr, slice, str,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::floor::const_new;

mod freed_by;

pub(in crate::door) use self::freed_by::FreedBy;

/// The name of a lock, if it was given one, two bits that never change, how the lock is freed, and a number that no other lock has.
///
/// Separate fields for the bits would make the lock a word longer. In the word of its state, every change of the state would have to
/// preserve them.
///
/// Scenario "the lock that takes another's address" in docs/architecture.md.
pub(crate) struct Label {
    /// The start of the name; null if there is none.
    start: *const u8,
    len: u16,
    bits: u8,
    /// How the holder frees the lock.
    pub(crate) freed_by: FreedBy,
    /// The number of the lock; zero until it is first requested.
    id: AtomicU32,
}

/// The lock is fair: it is handed over in order of arrival.
///
/// Scenario "the word that is not read after it was written" in docs/architecture.md.
const FAIR: u8 = 1;
/// The lock is one of the library's own and is not reported to users.
const OWN: u8 = 2;

/// The maximum length of a name; a longer name is cut.
const MAX_LEN: usize = u16::MAX as usize;

/// The greatest number, which leaves room for a flag beside it in any word.
const MAX_ID: u32 = u32::MAX >> 1;

// SAFETY: it stands for a `&'static str`, two `bool`s and a number, which may be sent to any thread.
unsafe impl Send for Label {}

// SAFETY: as above; nothing writes through the pointer, and the number is atomic.
unsafe impl Sync for Label {}

impl Label {
    const_new! {
        #[inline]
        pub(crate) const fn new(is_fair: bool) -> Label {
            let (bits, freed_by) = if is_fair { (FAIR, FreedBy::swap()) } else { (0, FreedBy::new()) };
            Label { start: ptr::null(), len: 0, bits, freed_by, id: AtomicU32::new(0) }
        }
    }

    const_new! {
        /// Creates the label of one of the library's own locks.
        #[inline]
        pub(crate) const fn own(name: &'static str) -> Label {
            let mut label = Label::new(false);
            label.bits |= OWN;
            label.set_name(name);
            label
        }
    }

    #[inline]
    pub(crate) const fn set_name(&mut self, name: &'static str) {
        self.start = name.as_ptr();
        self.len = name.floor_char_boundary(MAX_LEN) as u16;
    }

    pub(crate) const fn name(&self) -> Option<&'static str> {
        if self.start.is_null() {
            return None;
        }
        // SAFETY: `set_name`, the only place that sets them, took the pointer from a `&'static str`, and a length of at most its own.
        let bytes: &'static [u8] = unsafe { slice::from_raw_parts(self.start, self.len as usize) };
        // SAFETY: as above, and the length is that of whole characters.
        Some(unsafe { str::from_utf8_unchecked(bytes) })
    }

    #[inline]
    pub(crate) const fn is_fair(&self) -> bool {
        self.bits & FAIR != 0
    }

    /// Returns `true` if the lock is one of the library's own.
    #[cfg(feature = "lock_probe")]
    #[inline]
    pub(crate) const fn is_own(&self) -> bool {
        self.bits & OWN != 0
    }

    /// Returns the number of the lock, which is assigned at the first request. A lock keeps its number when it is moved, and no other lock
    /// gets it: a note about a lock that is gone is never taken for a note about another lock at the same address.
    ///
    /// After two thousand million locks there are no more numbers, and nothing is noted about later locks.
    #[inline]
    pub(crate) fn id(&self) -> Option<NonZeroU32> {
        let id = NonZeroU32::new(self.id.load(Ordering::Relaxed));
        id.or_else(|| self.take_id())
    }

    #[cold]
    fn take_id(&self) -> Option<NonZeroU32> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let take = |id| (id <= MAX_ID).then(|| id + 1);
        let id = NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        let given = self.id.compare_exchange(0, id, Ordering::Relaxed, Ordering::Relaxed);
        NonZeroU32::new(given.map_or_else(|others| others, |_| id))
    }

    /// Returns the number of the lock, if it was ever requested.
    #[cfg(feature = "lock_probe")]
    pub(crate) fn id_if_asked(&mut self) -> Option<NonZeroU32> {
        NonZeroU32::new(*self.id.get_mut())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_label_keeps_the_name_and_the_bits() {
        for is_fair in [false, true] {
            let mut label = Label::new(is_fair);
            assert_eq!((label.name(), label.is_fair()), (None, is_fair));
            for name in ["", "x", "the first", "ein längerer Name"] {
                label.set_name(name);
                assert_eq!((label.name(), label.is_fair()), (Some(name), is_fair));
            }
        }
        let own = Label::own("the registry");
        assert_eq!((own.name(), own.is_fair()), (Some("the registry"), false));
        assert_ne!(own.bits & OWN, 0);
    }

    #[test]
    fn a_label_takes_a_pointer_and_eight_bytes() {
        assert_eq!(size_of::<Label>(), size_of::<usize>() + 8);
    }

    #[test]
    fn a_name_that_is_too_long_is_cut() {
        let long: &'static str = "ä".repeat(40_000).leak();
        let mut label = Label::new(false);
        label.set_name(long);
        assert_eq!(label.name(), Some(&long[..MAX_LEN - 1]));
    }

    #[test]
    fn a_label_has_one_unique_number_and_keeps_it_when_it_is_moved() {
        let labels = [Label::new(false), Label::new(false)];
        let ids = || labels.each_ref().map(|it| it.id().unwrap());
        let other = thread::scope(|scope| scope.spawn(ids).join().unwrap());
        let mine = ids();
        assert_eq!(mine, other);
        assert_ne!(mine[0], mine[1]);
        let [first, _] = labels;
        let elsewhere = [first];
        assert_eq!(elsewhere[0].id(), Some(mine[0]));
        assert_ne!(Label::new(false).id(), Some(mine[0]));
    }
}
