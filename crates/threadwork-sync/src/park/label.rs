//! A name and a bit, in the room of the name.
#![expect(unsafe_code, reason = "a name is taken apart, and put together again")]

use std::{ptr, slice, str};

/// The name of an object, if it was given one, and a bit that never changes.
///
/// A bit of its own would make the object a word longer, and in the word of its state it would have to be kept by every change of that.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    /// Where the name begins; null if there is none.
    start: *const u8,
    /// Twice the length of the name, plus the bit. There is room: nothing is longer than `isize::MAX`.
    len_and_bit: usize,
}

// SAFETY: it stands for a `&'static str` and a `bool`, which may go to any thread.
unsafe impl Send for Label {}

// SAFETY: as above, and nobody can write through it.
unsafe impl Sync for Label {}

impl Label {
    pub(crate) const fn new(bit: bool) -> Label {
        Label { start: ptr::null(), len_and_bit: bit as usize }
    }

    pub(crate) const fn named(self, name: &'static str) -> Label {
        Label { start: name.as_ptr(), len_and_bit: name.len() << 1 | self.len_and_bit & 1 }
    }

    pub(crate) const fn name(self) -> Option<&'static str> {
        if self.start.is_null() {
            return None;
        }
        // SAFETY: `named`, the one place that sets them, took pointer and length from one `&'static str`.
        let bytes: &'static [u8] =
            unsafe { slice::from_raw_parts(self.start, self.len_and_bit >> 1) };
        // SAFETY: as above, they are the bytes of a `str`.
        Some(unsafe { str::from_utf8_unchecked(bytes) })
    }

    #[inline]
    pub(crate) const fn bit(self) -> bool {
        self.len_and_bit & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_keeps_the_name_and_the_bit() {
        for bit in [false, true] {
            let label = Label::new(bit);
            assert_eq!((label.name(), label.bit()), (None, bit));
            for name in ["", "x", "the first", "ein längerer Name"] {
                let named = label.named(name);
                assert_eq!((named.name(), named.bit()), (Some(name), bit));
                let again = named.named("other");
                assert_eq!((again.name(), again.bit()), (Some("other"), bit));
            }
        }
        assert_eq!(size_of::<Label>(), size_of::<Option<&str>>());
    }
}
