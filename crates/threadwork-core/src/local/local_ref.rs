//! References to the values of any threads, for iteration.

use std::{
    fmt, iter::FusedIterator, marker::PhantomData, num::NonZeroU64, ops::Deref, sync::Arc, vec,
};

use super::value::Value;

/// One thread's value of a [`Local`](super::Local): the item of [`Local::iter`](super::Local::iter).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let local = threadwork::Local::new(|| 7);
/// local.with(|_| ());
/// let value = local.iter().next().unwrap();
/// assert_eq!((*value, Some(value.ident())), (7, threadwork::current_thread().ident()));
/// ```
#[must_use]
pub struct LocalRef<'a, T> {
    value: Arc<Value<T>>,
    local: PhantomData<&'a Value<T>>,
}

impl<T> LocalRef<'_, T> {
    pub(super) fn new(value: Arc<Value<T>>) -> Self {
        LocalRef { value, local: PhantomData }
    }

    /// Returns the number of the value's thread.
    #[must_use]
    pub fn ident(&self) -> NonZeroU64 {
        self.value.owner()
    }
}

impl<T: Sync> Deref for LocalRef<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.anywhere()
    }
}

impl<T: Sync + fmt::Debug> fmt::Debug for LocalRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRef").field("ident", &self.ident()).field("value", &&**self).finish()
    }
}

/// The values of all threads that had one when it was made: the iterator of [`Local::iter`](super::Local::iter).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Local, LocalIter};
///
/// fn sum(values: LocalIter<'_, u32>) -> u32 {
///     values.map(|it| *it).sum()
/// }
///
/// let local = Local::new(|| 7);
/// local.with(|_| ());
/// assert_eq!(local.iter().len(), 1);
/// assert_eq!(sum(local.iter()), 7);
/// ```
#[must_use = "iterators do nothing unless they are used"]
pub struct LocalIter<'a, T> {
    values: vec::IntoIter<Arc<Value<T>>>,
    local: PhantomData<&'a Value<T>>,
}

impl<T> LocalIter<'_, T> {
    pub(super) fn new(values: Vec<Arc<Value<T>>>) -> Self {
        LocalIter { values: values.into_iter(), local: PhantomData }
    }
}

impl<'a, T> Iterator for LocalIter<'a, T> {
    type Item = LocalRef<'a, T>;

    fn next(&mut self) -> Option<LocalRef<'a, T>> {
        self.values.next().map(LocalRef::new)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl<'a, T> DoubleEndedIterator for LocalIter<'a, T> {
    fn next_back(&mut self) -> Option<LocalRef<'a, T>> {
        self.values.next_back().map(LocalRef::new)
    }
}

impl<T> ExactSizeIterator for LocalIter<'_, T> {}

impl<T> FusedIterator for LocalIter<'_, T> {}

impl<T> fmt::Debug for LocalIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalIter").field("len", &self.len()).finish_non_exhaustive()
    }
}
