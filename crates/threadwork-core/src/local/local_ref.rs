//! A reference to the value of any thread, for iteration.

use std::{fmt, marker::PhantomData, num::NonZeroU64, ops::Deref, sync::Arc};

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
