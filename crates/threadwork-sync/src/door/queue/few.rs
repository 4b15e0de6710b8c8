//! Lists that are short most of the time.

use std::{fmt, ops::Deref};

use arrayvec::ArrayVec;

/// How many elements a list has room for without allocating.
const ON_STACK: usize = 4;

/// A list that allocates only if it is long. It does not change once it is made.
pub(crate) enum Few<T> {
    Short(ArrayVec<T, ON_STACK>),
    Long(Vec<T>),
}

impl<T> Few<T> {
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
