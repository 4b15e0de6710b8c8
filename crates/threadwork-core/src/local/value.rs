//! A thread's way to its own value, without a lock.
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

/// The value that one thread has of a [`Local`](super::Local).
pub(super) struct Value<T> {
    owner: NonZeroU64,
    /// How many hold on to it in its own thread: the table of the thread, and each call of `with` that goes on.
    uses: Cell<usize>,
    value: T,
}

// SAFETY: `uses` is reached by the owner alone, and so is `value` unless it is `Sync`: whoever asks in `here` and `let_go` is checked,
// and `Reach::find` finds what is in the thread's own table. Whoever is the last to hold it drops it, which needs `T: Send` and no more.
unsafe impl<T: Send> Sync for Value<T> {}

impl<T> Value<T> {
    /// A value of the current thread, held by its table.
    pub(super) fn new(value: T) -> Value<T> {
        Value { owner: get_ident(), uses: Cell::new(1), value }
    }

    pub(super) fn owner(&self) -> NonZeroU64 {
        self.owner
    }

    /// The value, for its own thread.
    pub(super) fn here(&self) -> &T {
        self.check_owner();
        &self.value
    }

    /// The value, for all threads.
    pub(super) fn anywhere(&self) -> &T
    where
        T: Sync,
    {
        &self.value
    }

    /// The table does not hold it any longer; true if nobody does in its own thread.
    pub(super) fn let_go(&self) -> bool {
        self.check_owner();
        self.uses.set(self.uses.get() - 1);
        self.uses.get() == 0
    }

    fn check_owner(&self) {
        assert!(self.owner == get_ident(), "a value is used by its own thread");
    }
}

/// What a [`Local`](super::Local) knows of its place in the table of each thread, once it has one.
///
/// The place is that of this object alone, and only values of `T` are linked there.
pub(super) struct Reach<T> {
    place: AtomicUsize,
    values: PhantomData<fn() -> Value<T>>,
}

impl<T> Reach<T> {
    pub(super) const fn new() -> Reach<T> {
        Reach { place: AtomicUsize::new(Place::NONE.0), values: PhantomData }
    }

    /// Several threads may do so at once, with the same place.
    pub(super) fn set(&self, place: Place) {
        self.place.store(place.0, Ordering::Relaxed);
    }

    /// The value of the current thread, if it has one.
    #[inline]
    pub(super) fn find(&self) -> Option<Using<'_, T>> {
        // A thread that has a value has seen the place, or has stored it.
        let place = Place(self.place.load(Ordering::Relaxed));
        let value = table::find(place)?.cast::<Value<T>>();
        // SAFETY: what is linked is the address of a value.
        let value = unsafe { NonNull::new_unchecked(value) };
        // SAFETY: the slot has a place that is given once, to this object, so `Values::link` has put the address of a `Value<T>` there,
        // in this thread. `Values` keeps the value until the object is gone, which is borrowed here, or until this thread takes it out,
        // which empties the slot first (`Values::unlink`, `Values::leave`).
        let uses = unsafe { &value.as_ref().uses };
        uses.set(uses.get() + 1);
        Some(Using { value, of: PhantomData })
    }
}

/// A value in use by its own thread, which keeps it even if it is removed meanwhile.
///
/// It has a pointer, and no reference: its drop may be what frees the value, and until a function returns
/// nothing may free what that was given a reference to, be it inside of something else.
pub(super) struct Using<'a, T> {
    value: NonNull<Value<T>>,
    /// The object is borrowed. It is not `Send`: it counts in the thread whose value it is.
    of: PhantomData<(&'a Value<T>, *const ())>,
}

impl<T> Deref for Using<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: it is counted in `uses`, and as long as it is, the value is kept: by `Values`, or by the table once it is removed
        // (`let_go`, `table::keep_removed`). `Values` ends with the object, which is borrowed.
        unsafe { &self.value.as_ref().value }
    }
}

impl<T> Drop for Using<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: as in `deref`: it is counted until `uses` is set below, and after that the value is not touched.
        let uses = unsafe { &self.value.as_ref().uses };
        let left = uses.get() - 1;
        uses.set(left);
        if left == 0 {
            table::drop_removed(self.value.as_ptr().cast());
        }
    }
}
