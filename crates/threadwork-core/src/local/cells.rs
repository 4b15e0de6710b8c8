//! Methods of [`Local`] for values that are cells.

use std::{
    cell::{Cell, RefCell},
    mem,
};

use super::object::{GONE, Local};

impl<T: Send + 'static, F: Fn() -> Cell<T>> Local<Cell<T>, F> {
    /// Returns a copy of this thread's value. Creates the value if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with).
    #[inline]
    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Sets this thread's value. If there is none, `value` becomes the first, and the object's function is not called.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with).
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) {
        match self.values.find() {
            Some(cell) => drop(cell.replace(value)),
            None => drop(self.values.make(|| Cell::new(value)).expect(GONE)),
        }
    }

    /// Takes this thread's value and leaves the default in its place. Creates the value first if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with).
    #[inline]
    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// Sets this thread's value and returns the old one, which is created if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with).
    #[inline]
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: Send + 'static, F: Fn() -> RefCell<T>> Local<RefCell<T>, F> {
    /// Calls `f` with a reference to this thread's value. Creates the value if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with), and if the value is mutably borrowed.
    #[inline]
    #[track_caller]
    pub fn with_borrow<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| f(&cell.borrow()))
    }

    /// Calls `f` with a mutable reference to this thread's value. Creates the value if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with), and if the value is borrowed.
    #[inline]
    #[track_caller]
    pub fn with_borrow_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| f(&mut cell.borrow_mut()))
    }

    /// Sets this thread's value. If there is none, `value` becomes the first, and the object's function is not called.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with), and if the value is borrowed.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) {
        match self.values.find() {
            Some(cell) => drop(cell.replace(value)),
            None => drop(self.values.make(|| RefCell::new(value)).expect(GONE)),
        }
    }

    /// Takes this thread's value and leaves the default in its place. Creates the value first if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with), and if the value is borrowed.
    #[inline]
    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.with(|cell| mem::take(&mut *cell.borrow_mut()))
    }

    /// Sets this thread's value and returns the old one, which is created if there is none.
    ///
    /// # Panics
    ///
    /// As for [`with`](Self::with), and if the value is borrowed.
    #[inline]
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}
