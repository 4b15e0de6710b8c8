//! How a thread reaches its own value, without a lock.
#![expect(unsafe_code, reason = "a thread reaches its own value by address")]

use std::{
    cell::Cell,
    marker::PhantomData,
    num::NonZeroU64,
    ops::Deref,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering},
};

use threadwork_sync::get_ident;

use super::{place::Place, table};

/// One thread's value of a [`Local`](super::Local).
pub(super) struct Value<T> {
    owner: NonZeroU64,
    /// The uses in its own thread: one for the thread's table, and one for each call of `with` that has not returned.
    uses: Cell<usize>,
    value: T,
}

// SAFETY: only the owner reaches `uses`, and only the owner reaches `value` unless that is `Sync`: `here` and `let_go` check the thread,
// and `Reach::find` finds only values in the thread's own table. The last holder drops the value, possibly in another thread, which needs
// only `T: Send`.
unsafe impl<T: Send> Sync for Value<T> {}

impl<T> Value<T> {
    /// Creates a value of the current thread, counted as in use by its table.
    pub(super) fn new(value: T) -> Value<T> {
        Value { owner: get_ident(), uses: Cell::new(1), value }
    }

    pub(super) fn owner(&self) -> NonZeroU64 {
        self.owner
    }

    /// Returns the value, in its own thread.
    ///
    /// # Panics
    ///
    /// Panics in any other thread.
    pub(super) fn here(&self) -> &T {
        self.check_owner();
        &self.value
    }

    /// Returns the value, in any thread.
    pub(super) fn anywhere(&self) -> &T
    where
        T: Sync,
    {
        &self.value
    }

    /// Ends the use by the thread's table. Returns `true` if the value is no longer in use in its own thread.
    pub(super) fn let_go(&self) -> bool {
        self.check_owner();
        self.uses.set(self.uses.get() - 1);
        self.uses.get() == 0
    }

    fn check_owner(&self) {
        assert!(self.owner == get_ident(), "a value is used outside of its own thread");
    }
}

/// The place of a [`Local`](super::Local) in the table of each thread, once it has one.
///
/// The place belongs to this object alone, and only values of type `T` are linked there.
pub(super) struct Reach<T> {
    place: AtomicUsize,
    values: PhantomData<fn() -> Value<T>>,
}

impl<T> Reach<T> {
    pub(super) const fn new() -> Reach<T> {
        Reach { place: AtomicUsize::new(Place::NONE.0), values: PhantomData }
    }

    /// Stores the place. Several threads may do so at the same time, with the same place.
    pub(super) fn set(&self, place: Place) {
        self.place.store(place.0, Ordering::Relaxed);
    }

    /// Returns the value of the current thread, if it has one.
    #[inline]
    pub(super) fn find(&self) -> Option<Using<'_, T>> {
        // Relaxed is enough: if this thread has a value, the place was stored before, in this thread or before the thread was started.
        let place = Place(self.place.load(Ordering::Relaxed));
        let value = table::find(place)?.cast::<Value<T>>();
        // SAFETY: only addresses of values are linked.
        let value = unsafe { NonNull::new_unchecked(value) };
        // SAFETY: the slot has this place, which was given to this object alone. So `Values::link` stored the address of a `Value<T>` there,
        // in this thread. `Values` keeps the value until the object is dropped, which is borrowed here, or until this thread takes the
        // value out, which empties the slot first (`Values::unlink`, `Table::close` before `Values::leave`).
        let uses = unsafe { &value.as_ref().uses };
        uses.set(uses.get() + 1);
        Some(Using { value, of: PhantomData })
    }
}

/// A value in use by its own thread. It stays alive even if it is removed in the meantime.
///
/// It holds a pointer instead of a reference, because its drop may free the value: what a function was given a reference to,
/// directly or inside of another value, must not be freed until that function returns.
pub(super) struct Using<'a, T> {
    value: NonNull<Value<T>>,
    /// Borrows the object. Not `Send`: the use is counted in the thread that owns the value.
    of: PhantomData<(&'a Value<T>, *const ())>,
}

impl<T> Deref for Using<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this use is counted in `uses`, and as long as it is, the value is kept: by `Values`, or by the table once it is removed
        // (`let_go`, `table::keep_removed`). `Values` keeps its values until the object is dropped, which is borrowed here.
        unsafe { &self.value.as_ref().value }
    }
}

impl<T> Drop for Using<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: as in `deref`: this use is counted until `uses` is set below, and after that the value is not touched.
        let uses = unsafe { &self.value.as_ref().uses };
        let left = uses.get() - 1;
        uses.set(left);
        if left == 0 {
            table::drop_removed(self.value.as_ptr().cast());
        }
    }
}
