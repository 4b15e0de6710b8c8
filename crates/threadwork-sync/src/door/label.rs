//! What is known of a lock beside its state, in the room of a name.
#![expect(unsafe_code, reason = "a name is taken apart, and put together again")]

use std::{
    num::NonZeroU32,
    ptr, slice, str,
    sync::atomic::{AtomicU32, Ordering},
};

/// The name of a lock, if it was given one, two bits that never change, and a number that no other lock has.
///
/// Bits of their own would make the lock a word longer, and in the word of its state they would have to be kept by every change of that.
pub(crate) struct Label {
    /// Where the name begins; null if there is none.
    start: *const u8,
    /// The length of the name, shifted past the bits.
    len_and_bits: u32,
    /// The number; zero until somebody asks for it.
    id: AtomicU32,
}

/// The lock is handed over in order of arrival.
const FAIR: u32 = 1;
/// The lock is one of the library's own, and nobody's business.
const OWN: u32 = 2;
const BITS: u32 = 2;

/// A longer name is cut.
const MAX_LEN: usize = (u32::MAX >> BITS) as usize;

/// The greatest number: there is room for a flag beside it in any word.
const MAX_ID: u32 = u32::MAX >> 1;

// SAFETY: it stands for a `&'static str`, two `bool`s and a number, which may go to any thread.
unsafe impl Send for Label {}

// SAFETY: as above; nobody can write through the pointer, and the number is atomic.
unsafe impl Sync for Label {}

impl Label {
    pub(crate) const fn new(is_fair: bool) -> Label {
        let len_and_bits = if is_fair { FAIR } else { 0 };
        Label { start: ptr::null(), len_and_bits, id: AtomicU32::new(0) }
    }

    /// That of a lock of the library's own.
    pub(crate) const fn own(name: &'static str) -> Label {
        let mut label = Label::new(false);
        label.len_and_bits |= OWN;
        label.set_name(name);
        label
    }

    pub(crate) const fn set_name(&mut self, name: &'static str) {
        let len = name.floor_char_boundary(MAX_LEN) as u32;
        self.start = name.as_ptr();
        self.len_and_bits = len << BITS | self.len_and_bits & (FAIR | OWN);
    }

    pub(crate) const fn name(&self) -> Option<&'static str> {
        if self.start.is_null() {
            return None;
        }
        let len = (self.len_and_bits >> BITS) as usize;
        // SAFETY: `set_name`, the one place that sets them, took the pointer from a `&'static str`, and a length up to its own.
        let bytes: &'static [u8] = unsafe { slice::from_raw_parts(self.start, len) };
        // SAFETY: as above, and the length is that of whole characters.
        Some(unsafe { str::from_utf8_unchecked(bytes) })
    }

    #[inline]
    pub(crate) const fn is_fair(&self) -> bool {
        self.len_and_bits & FAIR != 0
    }

    /// Whether it is that of a lock of the library's own.
    #[cfg(feature = "lock_probe")]
    #[inline]
    pub(crate) const fn is_own(&self) -> bool {
        self.len_and_bits & OWN != 0
    }

    /// The number of the lock, given when somebody first asks. A lock that is moved keeps it, and no other one gets it: what was noted of a lock
    /// that is gone is never taken for another at the same address.
    ///
    /// After two thousand million locks there are no more, and nothing is noted of those that come then.
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

    /// The number, if somebody has asked for it.
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
        assert_ne!(own.len_and_bits & OWN, 0);
        #[cfg(target_pointer_width = "64")]
        assert_eq!(size_of::<Label>(), size_of::<Option<&str>>());
    }

    #[test]
    fn each_has_one_number_whoever_asks_and_keeps_it_where_it_goes() {
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
