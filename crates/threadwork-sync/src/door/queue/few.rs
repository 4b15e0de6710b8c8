//! Lists that are short most of the time.

use std::{fmt, ops::Deref};

use arrayvec::ArrayVec;

/// How many elements a list has room for without allocating.
const ON_STACK: usize = 4;

/// A list that allocates only if it is long.
pub(crate) enum Few<T> {
    Short(ArrayVec<T, ON_STACK>),
    Long(Vec<T>),
}

impl<T> Few<T> {
    /// Creates an empty list with room for `len` elements.
    #[inline]
    pub(crate) fn with_room(len: usize) -> Few<T> {
        if len <= ON_STACK {
            Few::Short(ArrayVec::new())
        } else {
            Few::Long(Vec::with_capacity(len))
        }
    }

    /// Adds an element, for which there is room.
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        match self {
            Few::Short(items) => items.push(item),
            Few::Long(items) => items.push(item),
        }
    }

    #[inline]
    pub(crate) fn of(items: impl ExactSizeIterator<Item = T>) -> Few<T> {
        if items.len() <= ON_STACK {
            Few::Short(items.collect())
        } else {
            Few::Long(items.collect())
        }
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Few::Short(items) => items,
            Few::Long(items) => items,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
