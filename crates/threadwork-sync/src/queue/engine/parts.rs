//! What a queue consists of.

use std::{fmt, time::Instant};

use crate::{
    floor::{Kept, const_new},
    lock::{Lock, own_lock},
    queue::engine::{line::Line, tasks::Tasks},
};

/// A queue, whatever the order of its items.
///
/// Scenario "the queue that is left in order" in docs/architecture.md.
#[expect(unnameable_types, reason = "a part of `AnyQueue`")]
pub struct Engine<S> {
    pub(super) state: Lock<State<S>>,
    pub(super) items: Line,
    pub(super) room: Line,
    pub(in crate::queue) tasks: Tasks,
    /// The largest possible number of items.
    pub(super) limit: usize,
    name: Kept<Option<&'static str>>,
}

/// The limit of a queue that has none.
pub(in crate::queue) const NO_LIMIT: usize = usize::MAX;

impl<S> Engine<S> {
    const_new! {
        pub(in crate::queue) const fn new(store: S, limit: usize) -> Engine<S> {
            assert!(limit > 0, "cannot create a queue without room; use a larger bound, or `new` for a queue without one");
            let owed = Owed { items: 0, room: 0 };
            let state = State { store, is_shut: false, unfinished: 0, owed, lookout: None };
            Engine {
                state: own_lock("queue", state),
                items: Line::new(0),
                room: Line::new(limit),
                tasks: Tasks::new(),
                limit,
                name: Kept::new(None),
            }
        }
    }

    pub(in crate::queue) const fn set_name(&mut self, name: &'static str) {
        self.name.set_name(name);
    }

    pub(in crate::queue) const fn name(&self) -> Option<&'static str> {
        self.name.name()
    }

    pub(in crate::queue) const fn limit(&self) -> Option<usize> {
        if self.limit == NO_LIMIT { None } else { Some(self.limit) }
    }

    pub(in crate::queue) fn len(&self) -> usize {
        self.items.there()
    }

    pub(in crate::queue) fn is_full(&self) -> bool {
        self.room.there() == 0
    }

    pub(in crate::queue) fn is_shut_down(&self) -> bool {
        self.room.is_closed()
    }

    /// Shows the queue as an object of this type. The items stay hidden: showing them would run code of the user with the lock held.
    pub(in crate::queue) fn show(&self, of_type: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(of_type)
            .field("name", &self.name)
            .field("len", &self.len())
            .field("limit", &self.limit())
            .field("is_shut_down", &self.is_shut_down())
            .finish()
    }

    pub(super) fn line(&self, end: End) -> &Line {
        match end {
            End::Items => &self.items,
            End::Room => &self.room,
        }
    }
}

/// What the lock of a queue protects.
pub(super) struct State<S> {
    pub(super) store: S,
    /// No more items may be put.
    pub(super) is_shut: bool,
    /// The number of items that were put and not reported as done.
    pub(super) unfinished: usize,
    /// How many items are kept back for threads that were woken to take them, and how many places.
    pub(super) owed: Owed,
    /// When a thread that waits for the next item of a timed store looks by itself.
    pub(super) lookout: Option<Instant>,
}

/// What is kept back for threads that were woken to take it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Owed {
    pub(super) items: usize,
    pub(super) room: usize,
}

/// One of the two ends of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::queue) enum End {
    /// Where items are taken.
    Items,
    /// Where items are put.
    Room,
}

impl End {
    /// Returns the other end: what is taken here is put there.
    pub(super) fn other(self) -> End {
        match self {
            End::Items => End::Room,
            End::Room => End::Items,
        }
    }
}

impl Owed {
    pub(super) fn of(&mut self, end: End) -> &mut usize {
        match end {
            End::Items => &mut self.items,
            End::Room => &mut self.room,
        }
    }
}

impl<S> fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show("Engine", f)
    }
}
