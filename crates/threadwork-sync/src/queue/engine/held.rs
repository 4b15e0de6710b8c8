//! The lock of a queue, while it is held.

use std::time::Instant;

use crate::{
    door::HandOver,
    floor::Bursts,
    lock::LockGuard,
    queue::{
        engine::{
            line::{Call, Line},
            parts::{End, Engine, State},
            take::Take,
        },
        error::GetError,
        store::Store,
    },
};

/// The lock of a queue, held by the current thread. Whatever was changed meanwhile, dropping this leaves the queue in order:
/// it counts what there is to take at both ends, and wakes whoever can go on once the lock is released.
///
/// Scenario "the queue that is left in order" in docs/architecture.md.
pub(super) struct Held<'a, S: Store> {
    pub(super) engine: &'a Engine<S>,
    /// `None` once the lock is released.
    state: Option<LockGuard<'a, State<S>>>,
}

impl<'a, S: Store> Held<'a, S> {
    #[inline]
    pub(super) fn new(engine: &'a Engine<S>) -> Held<'a, S> {
        Held { engine, state: Some(engine.state.acquire()) }
    }

    /// Locks the queue for a call at this end.
    #[inline]
    pub(super) fn at(engine: &'a Engine<S>, end: End) -> Held<'a, S> {
        let state = match engine.state.try_acquire() {
            Some(state) => state,
            None => Held::after_bursts(engine, end),
        };
        Held { engine, state: Some(state) }
    }

    /// Locks the queue after a failed attempt. The thread stands back for as long as those at the other end have something to do.
    ///
    /// Scenario "the ends that work in bursts" in docs/architecture.md.
    #[cold]
    fn after_bursts(engine: &'a Engine<S>, end: End) -> LockGuard<'a, State<S>> {
        let other = engine.line(end.other());
        let mut bursts = Bursts::new();
        while bursts.pass(|| other.there()) {
            if let Some(state) = engine.state.try_acquire() {
                return state;
            }
        }
        engine.state.acquire()
    }

    #[inline]
    pub(super) fn state(&mut self) -> &mut State<S> {
        self.state.as_mut().expect("the lock is held until the end")
    }

    /// Returns how many items or places nobody else is owed.
    #[inline]
    pub(super) fn free(&mut self, end: End) -> usize {
        let limit = self.engine.limit;
        let state = self.state();
        let (len, owed) = (state.store.len(), state.owed);
        match end {
            End::Items => len - owed.items,
            // What a thread is owed was free when it was kept back.
            End::Room => limit - len - owed.room,
        }
    }

    /// Returns `true` if whoever waits for an item waits in vain: the queue was shut down, and none is left.
    pub(super) fn is_over(&mut self) -> bool {
        let state = self.state();
        state.is_shut && state.store.len() == 0
    }

    /// Puts the item if there is room. Returns `true` if the queue was shut down, and leaves the item then.
    #[inline]
    pub(super) fn put(&mut self, item: &mut Option<S::Item>) -> bool {
        let has_room = self.free(End::Room) > 0;
        let state = self.state();
        if !state.is_shut && has_room {
            state.store.push(item);
            state.unfinished += 1;
        }
        state.is_shut
    }

    /// Takes what is there. `None` if there is nothing to take, unless there never will be.
    #[inline]
    pub(super) fn get<T: Take<S>>(&mut self, take: T) -> Option<Result<T::Taken, GetError>> {
        let there = self.free(End::Items);
        let state = self.state();
        let taken = if there > 0 { take.take(&mut state.store, there) } else { None };
        taken.map(Ok).or_else(|| self.is_over().then_some(Err(GetError::ShutDown)))
    }

    /// Frees what was kept back for a thread: that thread has come, or there was none. A shutdown may have taken it away.
    pub(super) fn give_free(&mut self, end: End) {
        let owed = self.state().owed.of(end);
        *owed = owed.saturating_sub(1);
    }

    /// Makes the current thread look when the next item is ready, unless somebody else will, and returns that time.
    /// Only for a timed store: nobody is woken when the time comes.
    ///
    /// Scenario "the item whose time comes" in docs/architecture.md.
    pub(super) fn begin_lookout(&mut self, end: End) -> Option<Instant> {
        let state = self.state();
        let due = state.store.next_due().filter(|_| S::IS_TIMED && end == End::Items)?;
        let is_first = state.lookout.is_none_or(|lookout| due < lookout);
        is_first.then(|| *state.lookout.insert(due))
    }

    /// Says that the current thread does not wait for that time any more.
    pub(super) fn end_lookout(&mut self, due: Option<Instant>) {
        let state = self.state();
        if due.is_some() && state.lookout == due {
            state.lookout = None;
        }
    }

    /// Decides whom to wake at this end, and keeps back what that one is owed.
    fn call(&mut self, end: End) -> Call {
        let line: &Line = self.engine.line(end);
        let is_shut = match end {
            End::Items => self.is_over(),
            End::Room => self.state().is_shut,
        };
        if is_shut {
            line.close();
            return if line.is_waited_in() { Call::All } else { Call::Nobody };
        }
        if !line.is_waited_in() || line.is_called() || !self.is_worth_a_look(end) {
            return Call::Nobody;
        }
        // Scenario "the item that is kept back" in docs/architecture.md.
        if S::IS_TIMED || HandOver::when(line.key()) != HandOver::Always {
            return Call::One;
        }
        *self.state().owed.of(end) += 1;
        Call::Owed
    }

    /// Returns `true` if a thread that looks now finds something, or waits for less time than all others.
    fn is_worth_a_look(&mut self, end: End) -> bool {
        if self.free(end) == 0 {
            return false;
        }
        if !S::IS_TIMED || end == End::Room {
            return true;
        }
        let state = self.state();
        let due = state.store.next_due();
        due.is_some_and(|due| state.lookout.is_none_or(|lookout| due < lookout))
    }

    #[inline]
    fn count(&mut self) {
        let (items, room) = (self.free(End::Items), self.free(End::Room));
        self.engine.items.set_there(items);
        self.engine.room.set_there(room);
    }

    /// Releases the lock and wakes.
    #[cold]
    fn leave(&mut self) {
        let calls = [End::Items, End::Room].map(|end| (end, self.call(end)));
        self.count();
        self.state = None;
        for (end, call) in calls {
            let line = self.engine.line(end);
            if !line.wake(call) && call == Call::Owed {
                // No thread was there to take what was kept back. It is free now, for tasks too, and for a thread that has come since.
                let mut held = Held::new(self.engine);
                held.give_free(end);
                held.count();
                held.state = None;
                line.wake(Call::One);
            }
        }
    }
}

impl<S: Store> Drop for Held<'_, S> {
    #[inline]
    fn drop(&mut self) {
        let engine = self.engine;
        let Some(state) = &self.state else { return };
        if engine.items.is_waited_in() || engine.room.is_waited_in() || state.is_shut {
            self.leave();
        } else {
            self.count();
        }
    }
}
