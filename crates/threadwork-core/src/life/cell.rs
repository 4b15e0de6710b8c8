//! The cell that carries a runnable to its thread and back.
#![expect(
    unsafe_code,
    reason = "a runnable is used by its owner, then by its thread, then by its owner again"
)]

use std::{
    cell::UnsafeCell,
    mem::ManuallyDrop,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use threadwork_sync::internal::panic::{Payload, catch};

use super::life::Life;
use crate::{outcome::Failure, panic::keeping_place, work::Runnable};

#[cfg(test)]
mod tests;

/// All data about one thread, in one allocation: its life, and its runnable in a cell.
pub(crate) struct ThreadData<T: ?Sized> {
    pub(crate) life: Life,
    pub(crate) cell: Cell<T>,
}

/// A runnable that is used by its owner and by its thread in turns.
///
/// `place` says whose turn it is. There is one [`Owner`], and the thread runs once.
///
/// Scenario "the runnable that is lent" in docs/architecture.md.
pub(crate) struct Cell<T: ?Sized> {
    place: AtomicU8,
    runnable: UnsafeCell<ManuallyDrop<T>>,
}

/// The owner has the runnable, which has not been run.
const IDLE: u8 = 0;
/// The runnable is on the way to its thread.
const LENT: u8 = 1;
/// The thread runs the runnable.
const RUNNING: u8 = 2;
/// The runnable has been run, and the owner has it again. It changes only through `&mut Owner`.
const DONE: u8 = 3;
/// There is no runnable: it was moved out or dropped.
const GONE: u8 = 4;
/// A flag: the owner is gone. If the thread has the runnable, the thread drops it at the end.
const ABANDONED: u8 = 8;

// SAFETY: `place` lets only one side at a time reach the runnable. The two sides may be in different threads, so it must be `Send`.
// Of several threads that share an `Owner`, only those that borrow it exclusively reach a runnable that is not `Sync`: `Owner::get`, which
// gives out shared references, demands that it is.
unsafe impl<T: ?Sized + Send> Sync for Cell<T> {}

impl<T> Cell<T> {
    pub(crate) fn new(runnable: T) -> Cell<T> {
        Cell { place: AtomicU8::new(IDLE), runnable: UnsafeCell::new(ManuallyDrop::new(runnable)) }
    }
}

impl<T: ?Sized> Cell<T> {
    /// Moves `place` from `from` to `to`. Returns `false` if it is not `from`.
    fn move_on(&self, from: u8, to: u8) -> bool {
        self.place.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Lends the owner's runnable to the thread that is about to be started. Returns `false` if it is not idle.
    pub(crate) fn lend(&self) -> bool {
        self.move_on(IDLE, LENT)
    }

    /// Gives the runnable back to the owner, because the thread was not started.
    pub(crate) fn take_back(&self) {
        let back = self.move_on(LENT, IDLE);
        debug_assert!(back, "only a started thread changes the place of a lent runnable");
    }

    /// # Safety
    ///
    /// The caller has the runnable to itself, and lets no code reach it afterwards.
    unsafe fn drop_runnable(&self) {
        let runnable = self.runnable.get();
        // SAFETY: the caller has the runnable to itself (contract).
        let runnable = unsafe { &mut *runnable };
        // SAFETY: no code reaches it afterwards (contract), so it is dropped once.
        unsafe { ManuallyDrop::drop(runnable) };
    }
}

impl<T: Runnable + ?Sized> Cell<T> {
    /// Runs the runnable in its thread and gives it back to the owner, or drops it if the owner is gone.
    ///
    /// Returns what it returned. A panic of the run or of the drop is caught.
    pub(crate) fn run(&self) -> Ran {
        let arrive = |place: u8| (place & !ABANDONED == LENT).then_some(place + (RUNNING - LENT));
        let arrived = self.place.fetch_update(Ordering::AcqRel, Ordering::Relaxed, arrive);
        assert!(arrived.is_ok(), "a runnable is lent to one thread, which runs it once");
        let ran = catch(|| {
            let runnable = self.runnable.get();
            // SAFETY: it is `RUNNING`, set by this call alone, and the owner does not touch it until it is `DONE`.
            let runnable = unsafe { &mut *runnable };
            runnable.try_run()
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
            return drop_it().and(ran);
        }
        // If both panic, the first panic is reported.
        keeping_place(|| drop(drop_it()));
        ran
    }
}

/// What work has returned, or the payload of its panic.
pub(crate) type Ran = Result<Result<(), Failure>, Payload>;

/// The owner of a runnable outside its thread. There is one owner for each [`ThreadData`].
///
/// It is `Send` and `Sync` if the runnable is `Send`, as a mutex is: see the comment at the `Sync` of [`Cell`].
pub(crate) struct Owner<T: ?Sized> {
    data: Arc<ThreadData<T>>,
}

impl<T: Runnable> Owner<T> {
    pub(crate) fn new(life: Life, runnable: T) -> Owner<T> {
        Owner { data: Arc::new(ThreadData { life, cell: Cell::new(runnable) }) }
    }

    /// Takes the runnable by value, unless the thread has it.
    pub(crate) fn take(&mut self) -> Option<T> {
        let cell = &self.data.cell;
        if !cell.move_on(IDLE, GONE) && !cell.move_on(DONE, GONE) {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: the owner had the runnable and is borrowed exclusively here; it is `GONE` now, so it is read out once.
        let runnable = unsafe { ptr::read(runnable) };
        Some(ManuallyDrop::into_inner(runnable))
    }

    pub(crate) fn erase(self) -> Owner<dyn Runnable>
    where
        T: 'static,
    {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so the `Arc` is moved out and not duplicated.
        let data = unsafe { ptr::read(&this.data) };
        Owner { data }
    }

    /// Returns the data of the same thread with the type of the runnable erased.
    pub(crate) fn data(&self) -> Arc<ThreadData<dyn Runnable>>
    where
        T: 'static,
    {
        Arc::<ThreadData<T>>::clone(&self.data)
    }
}

impl<T: ?Sized> Owner<T> {
    /// Returns the runnable, if it has been run. Several threads may call this at once, so the runnable must be `Sync`.
    pub(crate) fn get(&self) -> Option<&T>
    where
        T: Sync,
    {
        let cell = &self.data.cell;
        if cell.place.load(Ordering::Acquire) != DONE {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: it is `DONE`, and stays so while the owner is borrowed: only `&mut Owner` and the drop of the owner change that.
        // Until then all references to it are shared ones, and it is `Sync`.
        Some(unsafe { &*runnable })
    }

    /// Returns the runnable, unless the thread has it.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        let cell = &self.data.cell;
        if !matches!(cell.place.load(Ordering::Acquire), IDLE | DONE) {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: the owner has it and is borrowed exclusively. Lending it needs the owner too (`lend`).
        Some(unsafe { &mut *runnable })
    }
}

impl<T: ?Sized> Drop for Owner<T> {
    fn drop(&mut self) {
        let cell = &self.data.cell;
        if matches!(cell.place.fetch_or(ABANDONED, Ordering::AcqRel), IDLE | DONE) {
            // SAFETY: the owner had the runnable, and there is only one owner.
            unsafe { cell.drop_runnable() };
        }
    }
}
