//! The cell that carries a runnable to its thread and back.
#![expect(
    unsafe_code,
    reason = "a runnable is used by its owner, then by its thread, then by its owner again"
)]

use std::{cell::UnsafeCell, mem::ManuallyDrop, ptr, sync::Arc};

use threadwork_sync::internal::panic::{Payload, catch};

pub(crate) use self::lent::{Lender, lending};
use self::place::{DONE, IDLE, Place};
use super::life::Life;
use crate::{outcome::Failure, panic::keeping_place, work::Runnable};

mod lent;
mod place;
#[cfg(test)]
mod tests;

/// All data about one thread, in one allocation: its life, and its runnable in a cell. A job of an executor has another kind of life.
pub(crate) struct ThreadData<T: ?Sized, L = Life> {
    pub(crate) life: L,
    pub(crate) cell: Cell<T>,
}

/// A runnable that is used by its owner and by its thread in turns.
///
/// `place` says whose turn it is. There is one [`Owner`], and the runnable is run once.
///
/// Scenario "the runnable that is lent" in docs/architecture.md.
pub(crate) struct Cell<T: ?Sized> {
    place: Place,
    runnable: UnsafeCell<ManuallyDrop<T>>,
}

// SAFETY: `place` lets only one side at a time reach the runnable. The two sides may be in different threads, so it must be `Send`.
// Of several threads that share an `Owner`, only those that borrow it exclusively reach a runnable that is not `Sync`: `Owner::get`, which
// gives out shared references, demands that it is.
unsafe impl<T: ?Sized + Send> Sync for Cell<T> {}

impl<T> Cell<T> {
    pub(crate) fn new(runnable: T) -> Cell<T> {
        Cell { place: Place::new(), runnable: UnsafeCell::new(ManuallyDrop::new(runnable)) }
    }
}

impl<T: ?Sized> Cell<T> {
    /// Lends the owner's runnable to the thread that is about to be started. Returns `false` if it is not idle.
    pub(crate) fn lend(&self) -> bool {
        self.place.lend()
    }

    /// Gives the runnable back to the owner, because it is not run after all: nobody begins it.
    pub(crate) fn take_back(&self) {
        let back = self.place.take_back();
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
        let ran = self.use_once(|runnable| runnable.try_run());
        ran.expect("a runnable is lent to one thread, which runs it once")
    }
}

impl<T: ?Sized> Cell<T> {
    /// Calls `f` with the runnable, unless another thread has begun to use it, and gives it back to the owner, or drops it if the owner is
    /// gone.
    ///
    /// Returns what `f` returned. A panic of `f` or of the drop is caught.
    ///
    /// Scenario "the job that is cancelled while it starts" in docs/architecture.md.
    pub(crate) fn use_once(&self, f: impl FnOnce(&mut T) -> Result<(), Failure>) -> Option<Ran> {
        if !self.place.begin() {
            return None;
        }
        let ran = catch(|| {
            let runnable = self.runnable.get();
            // SAFETY: this thread has begun to use it, no other can, and the owner does not touch it until it is given back.
            let runnable = unsafe { &mut *runnable };
            f(runnable)
        });
        if self.place.finish() {
            return Some(ran);
        }
        Some(self.drop_after(ran))
    }

    /// Drops the runnable after its run, since its owner is gone.
    fn drop_after(&self, ran: Ran) -> Ran {
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
pub(crate) struct Owner<T: ?Sized, L = Life> {
    data: Arc<ThreadData<T, L>>,
}

impl<T, L> Owner<T, L> {
    pub(crate) fn new(life: L, runnable: T) -> Owner<T, L> {
        Owner { data: Arc::new(ThreadData { life, cell: Cell::new(runnable) }) }
    }

    /// Takes the runnable by value, unless the thread has it.
    pub(crate) fn take(&mut self) -> Option<T> {
        let cell = &self.data.cell;
        if !cell.place.move_out() {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: the owner had the runnable and is borrowed exclusively here; it is `GONE` now, so it is read out once.
        let runnable = unsafe { ptr::read(runnable) };
        Some(ManuallyDrop::into_inner(runnable))
    }

    /// Returns the data of the same thread.
    pub(crate) fn typed_data(&self) -> &Arc<ThreadData<T, L>> {
        &self.data
    }
}

impl<T: Runnable + 'static> Owner<T> {
    pub(crate) fn erase(self) -> Owner<dyn Runnable> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so the `Arc` is moved out and not duplicated.
        let data = unsafe { ptr::read(&this.data) };
        Owner { data }
    }

    /// Returns the data of the same thread with the type of the runnable erased.
    pub(crate) fn data(&self) -> Arc<ThreadData<dyn Runnable>> {
        Arc::<ThreadData<T>>::clone(&self.data)
    }
}

impl<T: ?Sized, L> Owner<T, L> {
    /// Returns the runnable, if it has been run. Several threads may call this at once, so the runnable must be `Sync`.
    pub(crate) fn get(&self) -> Option<&T>
    where
        T: Sync,
    {
        let cell = &self.data.cell;
        if cell.place.get() != DONE {
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
        if !matches!(cell.place.get(), IDLE | DONE) {
            return None;
        }
        let runnable = cell.runnable.get();
        // SAFETY: the owner has it and is borrowed exclusively. Lending it needs the owner too (`lend`).
        Some(unsafe { &mut *runnable })
    }
}

impl<T: ?Sized, L> Drop for Owner<T, L> {
    fn drop(&mut self) {
        let cell = &self.data.cell;
        if cell.place.abandon() {
            // SAFETY: the owner had the runnable, and there is only one owner.
            unsafe { cell.drop_runnable() };
        }
    }
}

/// A value that only its owner reaches, or a thread with the only reference to it. So it can be in an object that threads share, whatever it is.
pub(crate) struct Exclusive<T>(T);

// SAFETY: no function gives out anything of the value for a shared reference.
unsafe impl<T> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    pub(crate) fn new(value: T) -> Exclusive<T> {
        Exclusive(value)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}
