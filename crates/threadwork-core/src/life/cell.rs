//! What carries a runnable to its thread and back.
#![expect(
    unsafe_code,
    reason = "a runnable is used by its owner, then by its thread, then by its owner again"
)]

use std::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use threadwork_sync::internal::panic::{Payload, catch};

use super::life::Life;
use crate::{panic::keeping_place, work::Runnable};

#[cfg(test)]
mod tests;

/// All there is of one thread, in one allocation: its life, and its runnable in a cell.
pub(crate) struct ThreadData<T: ?Sized> {
    pub(crate) life: Life,
    pub(crate) cell: Cell<T>,
}

/// A runnable, and who may use it.
///
/// Both sides go by `place`: the [`Owner`], of which there is one, and the thread, which runs once.
pub(crate) struct Cell<T: ?Sized> {
    place: AtomicU8,
    runnable: UnsafeCell<ManuallyDrop<T>>,
}

/// The runnable is with its owner, and has not been run.
const IDLE: u8 = 0;
/// It is on the way to its thread.
const LENT: u8 = 1;
/// Its thread runs it.
const RUNNING: u8 = 2;
/// It has been run, and is with its owner again; nobody changes it but through `&mut Owner`.
const DONE: u8 = 3;
/// There is none: it was moved out or dropped.
const GONE: u8 = 4;
/// The owner is gone. If the runnable is with its thread, that drops it at the end.
const ABANDONED: u8 = 8;

// SAFETY: by `place` only one side at a time reaches the runnable. Both may be in different threads, so it has to be `Send`;
// shared references to it are given out by `Owner` alone, which is `Sync` only if the runnable is.
unsafe impl<T: ?Sized + Send> Sync for Cell<T> {}

impl<T> Cell<T> {
    pub(crate) fn new(runnable: T) -> Cell<T> {
        Cell { place: AtomicU8::new(IDLE), runnable: UnsafeCell::new(ManuallyDrop::new(runnable)) }
    }
}

impl<T: ?Sized> Cell<T> {
    /// Moves the place from one state to another; false if it is in none of the kind.
    fn move_on(&self, from: u8, to: u8) -> bool {
        self.place.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The owner lends the runnable to the thread that is about to be started; false if it did so before.
    pub(crate) fn lend(&self) -> bool {
        self.move_on(IDLE, LENT)
    }

    /// The thread was not started: the owner has the runnable again.
    pub(crate) fn take_back(&self) {
        let back = self.move_on(LENT, IDLE);
        debug_assert!(back, "only a thread that was started could have changed it");
    }

    /// # Safety
    ///
    /// The runnable is the caller's, who lets nobody reach it after this.
    unsafe fn drop_runnable(&self) {
        let runnable = self.runnable.get();
        // SAFETY: the runnable is the caller's (contract).
        let runnable = unsafe { &mut *runnable };
        // SAFETY: nobody reaches it after this (contract), so it happens once.
        unsafe { ManuallyDrop::drop(runnable) };
    }
}

impl<T: Runnable + ?Sized> Cell<T> {
    /// Runs the runnable in its thread and gives it back to the owner, or drops it if the owner is gone.
    ///
    /// A panic of either is caught.
    pub(crate) fn run(&self) -> Result<(), Payload> {
        let arrive = |place: u8| (place & !ABANDONED == LENT).then_some(place + (RUNNING - LENT));
        let arrived = self.place.fetch_update(Ordering::AcqRel, Ordering::Relaxed, arrive);
        assert!(arrived.is_ok(), "a runnable is lent to one thread, which runs it once");
        let ran = catch(|| {
            let runnable = self.runnable.get();
            // SAFETY: it is `RUNNING`, by this call alone, and the owner does not touch it until it is `DONE`.
            let runnable = unsafe { &mut *runnable };
            runnable.run();
        });
        let before = self.place.fetch_add(DONE - RUNNING, Ordering::AcqRel);
        if before & ABANDONED == 0 {
            return ran;
        }
        let drop_it = || {
            // SAFETY: the owner was gone before the runnable was `DONE`, and has left it to this thread.
            catch(|| unsafe { self.drop_runnable() })
        };
        if ran.is_ok() {
            return drop_it();
        }
        // The first panic is the one that is told.
        keeping_place(|| drop(drop_it()));
        ran
    }
}

/// The right to a runnable, outside its thread: there is one for each [`ThreadData`].
pub(crate) struct Owner<T: ?Sized> {
    data: Arc<ThreadData<T>>,
    /// `Send` and `Sync` as the runnable itself.
    runnable: PhantomData<T>,
}

impl<T: Runnable> Owner<T> {
    pub(crate) fn new(life: Life, runnable: T) -> Owner<T> {
        Owner {
            data: Arc::new(ThreadData { life, cell: Cell::new(runnable) }),
            runnable: PhantomData,
        }
    }

    /// The runnable, by value, unless it is with its thread.
    pub(crate) fn take(&mut self) -> Option<T> {
        let cell = &self.data.cell;
        if !cell.move_on(IDLE, GONE) && !cell.move_on(DONE, GONE) {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: the runnable was the owner's, borrowed exclusively here; it is `GONE` now, so it is read out once.
        let runnable = unsafe { ptr::read(runnable) };
        Some(ManuallyDrop::into_inner(runnable))
    }

    pub(crate) fn erase(self) -> Owner<dyn Runnable>
    where
        T: 'static,
    {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so the `Arc` is moved out and not doubled.
        let data = unsafe { ptr::read(&this.data) };
        Owner { data, runnable: PhantomData }
    }

    /// The same thread for those who do not know its runnable.
    pub(crate) fn data(&self) -> Arc<ThreadData<dyn Runnable>>
    where
        T: 'static,
    {
        Arc::<ThreadData<T>>::clone(&self.data)
    }
}

impl<T: ?Sized> Owner<T> {
    /// The runnable, once it has been run.
    pub(crate) fn get(&self) -> Option<&T> {
        let cell = &self.data.cell;
        if cell.place.load(Ordering::Acquire) != DONE {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: it is `DONE`, and stays so while the owner is borrowed: only `&mut Owner` and its drop go on from there.
        Some(unsafe { &*runnable })
    }

    /// The runnable, unless it is with its thread.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        let cell = &self.data.cell;
        if !matches!(cell.place.load(Ordering::Acquire), IDLE | DONE) {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: it is the owner's, which is borrowed exclusively, and lending it takes the owner too (`lend`).
        Some(unsafe { &mut *runnable })
    }
}

impl<T: ?Sized> Drop for Owner<T> {
    fn drop(&mut self) {
        let cell = &self.data.cell;
        if matches!(cell.place.fetch_or(ABANDONED, Ordering::AcqRel), IDLE | DONE) {
            // SAFETY: it was the owner's, of whom there is one.
            unsafe { cell.drop_runnable() };
        }
    }
}
