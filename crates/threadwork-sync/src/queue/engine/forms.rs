//! The operations of a queue, each in its forms.

use std::{panic::Location, time::Duration};

use crate::{
    queue::{
        engine::{
            held::Held,
            parts::{End, Engine, Owed},
            take::Take,
        },
        error::{GetError, PutError, TaskDoneError},
        store::Store,
    },
    wait::Wait,
};

impl<S: Store> Engine<S> {
    #[inline]
    pub(in crate::queue) fn try_put(&self, item: S::Item) -> Result<(), PutError<S::Item>> {
        let mut item = Some(item);
        // The lock is released before the item is dropped, if a comparison panics.
        let is_shut = Held::at(self, End::Room).put(&mut item);
        match item {
            None => Ok(()),
            Some(item) if is_shut => Err(PutError::ShutDown(item)),
            Some(item) => Err(PutError::Full(item)),
        }
    }

    #[inline]
    pub(in crate::queue) fn put(
        &self,
        item: S::Item,
        location: &'static Location<'static>,
    ) -> Result<(), PutError<S::Item>> {
        match self.try_put(item) {
            Err(PutError::Full(item)) => self.put_slow(item, &Wait::forever(), location),
            answer => answer,
        }
    }

    pub(in crate::queue) fn put_timeout(
        &self,
        item: S::Item,
        timeout: Duration,
        location: &'static Location<'static>,
    ) -> Result<(), PutError<S::Item>> {
        match self.try_put(item) {
            Err(PutError::Full(item)) if timeout.is_zero() => Err(PutError::TimedOut(item)),
            Err(PutError::Full(item)) => self.put_slow(item, &Wait::timeout(timeout), location),
            answer => answer,
        }
    }

    pub(in crate::queue) fn put_with(
        &self,
        item: S::Item,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), PutError<S::Item>> {
        match self.try_put(item) {
            Err(PutError::Full(item)) => self.put_slow(item, wait, location),
            answer => answer,
        }
    }

    /// Takes as `take` says, without waiting.
    #[inline]
    pub(in crate::queue) fn try_get<T: Take<S>>(&self, take: T) -> Result<T::Taken, GetError> {
        if self.items.has_nothing() {
            return Err(GetError::Empty);
        }
        let taken = Held::at(self, End::Items).get(take);
        taken.unwrap_or(Err(GetError::Empty))
    }

    #[inline]
    pub(in crate::queue) fn get<T: Take<S>>(
        &self,
        take: T,
        location: &'static Location<'static>,
    ) -> Result<T::Taken, GetError> {
        match self.try_get(take) {
            Err(GetError::Empty) => self.get_slow(take, &Wait::forever(), location),
            answer => answer,
        }
    }

    pub(in crate::queue) fn get_timeout<T: Take<S>>(
        &self,
        take: T,
        timeout: Duration,
        location: &'static Location<'static>,
    ) -> Result<T::Taken, GetError> {
        match self.try_get(take) {
            Err(GetError::Empty) if timeout.is_zero() => Err(GetError::TimedOut),
            Err(GetError::Empty) => self.get_slow(take, &Wait::timeout(timeout), location),
            answer => answer,
        }
    }

    pub(in crate::queue) fn get_with<T: Take<S>>(
        &self,
        take: T,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<T::Taken, GetError> {
        match self.try_get(take) {
            Err(GetError::Empty) => self.get_slow(take, wait, location),
            answer => answer,
        }
    }

    /// Refuses puts from now on.
    pub(in crate::queue) fn shutdown(&self) {
        Held::new(self).state().is_shut = true;
    }

    /// Refuses puts from now on, and takes all items, which count as done.
    pub(in crate::queue) fn shutdown_now(&self) -> Vec<S::Item> {
        let mut held = Held::new(self);
        let state = held.state();
        state.is_shut = true;
        // Whoever is woken to take an item finds none.
        state.owed = Owed::default();
        let items = state.store.take_all();
        let was_unfinished = state.unfinished > 0;
        state.unfinished = state.unfinished.saturating_sub(items.len());
        let must_wake = was_unfinished && state.unfinished == 0 && self.tasks.end();
        drop(held);
        if must_wake {
            self.tasks.wake();
        }
        items
    }

    pub(in crate::queue) fn unfinished(&self) -> usize {
        self.state.acquire().unfinished
    }

    pub(in crate::queue) fn task_done(&self) -> Result<(), TaskDoneError> {
        let mut state = self.state.acquire();
        state.unfinished = state.unfinished.checked_sub(1).ok_or(TaskDoneError(()))?;
        let must_wake = state.unfinished == 0 && self.tasks.end();
        drop(state);
        if must_wake {
            self.tasks.wake();
        }
        Ok(())
    }

    /// Returns how often all tasks were done, or `None` if they are all done now.
    pub(in crate::queue) fn times_unless_done(&self) -> Option<usize> {
        let state = self.state.acquire();
        (state.unfinished > 0).then(|| self.tasks.times())
    }
}
