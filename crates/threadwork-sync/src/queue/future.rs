//! Waiting at a queue as a task of an async program.

use std::panic::Location;

use crate::{
    awaiting::{Awaited, future},
    door::{Key, Subject, TaskPlace},
    queue::{
        any_queue::AnyQueue,
        engine::{End, One},
        error::{GetError, PutError},
        store::Store,
    },
};

/// The wait of a task for an item.
struct Getting<'a, Q> {
    queue: &'a Q,
    location: &'static Location<'static>,
}

impl<Q: AnyQueue> Awaited for Getting<'_, Q> {
    type Got = Result<Q::Item, GetError>;

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<Self::Got> {
        match self.queue.engine().try_get(One) {
            Err(GetError::Empty) => None,
            answer => Some(answer.map(Q::item)),
        }
    }

    fn key(&self) -> Key {
        self.queue.engine().key(End::Items)
    }

    fn subject(&self) -> Subject {
        self.queue.engine().subject(End::Items, self.location)
    }

    fn announce(&self) -> bool {
        self.queue.engine().announce(End::Items)
    }

    fn must_wait(&self) -> bool {
        self.queue.engine().must_wait(End::Items)
    }

    fn has_left(&self, was_last: bool) {
        self.queue.engine().has_left(End::Items, was_last);
    }

    fn pass_on(&self) {
        self.queue.engine().pass_on();
    }
}

future! {
    /// The future of the `get_async` of a queue.
    ///
    /// Dropping it takes nothing: an item leaves the queue in the poll that returns it.
    QueueGet<'a, Q [AnyQueue]> of Getting<'a, Q> => Result<Q::Item, GetError>;
}

/// The wait of a task for room.
struct Putting<'a, Q: AnyQueue> {
    queue: &'a Q,
    /// `None` once it was put or given back.
    item: Option<<Q::Store as Store>::Item>,
    location: &'static Location<'static>,
}

impl<Q: AnyQueue> Awaited for Putting<'_, Q> {
    type Got = Result<(), PutError<Q::Item>>;

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<Self::Got> {
        let item = self.item.take().expect("a future is not polled again after it was ready");
        match self.queue.engine().try_put(item) {
            Err(PutError::Full(item)) => {
                self.item = Some(item);
                None
            }
            answer => Some(answer.map_err(|it| it.map(Q::item))),
        }
    }

    fn key(&self) -> Key {
        self.queue.engine().key(End::Room)
    }

    fn subject(&self) -> Subject {
        self.queue.engine().subject(End::Room, self.location)
    }

    fn announce(&self) -> bool {
        self.queue.engine().announce(End::Room)
    }

    fn must_wait(&self) -> bool {
        self.queue.engine().must_wait(End::Room)
    }

    fn has_left(&self, was_last: bool) {
        self.queue.engine().has_left(End::Room, was_last);
    }

    fn pass_on(&self) {
        self.queue.engine().pass_on();
    }
}

future! {
    /// The future of the `put_async` of a queue.
    ///
    /// Dropping it before it is ready drops the item, which was not put.
    QueuePut<'a, Q [AnyQueue]> of Putting<'a, Q> => Result<(), PutError<Q::Item>>;
}

/// The wait of a task for the end of all tasks of a queue, which begins when this is created.
struct Joining<'a, Q> {
    queue: &'a Q,
    /// How often all tasks had been done at the beginning; `None` if they were done then.
    times: Option<usize>,
    location: &'static Location<'static>,
}

impl<Q: AnyQueue> Awaited for Joining<'_, Q> {
    type Got = ();

    fn attempt(&mut self, _: Option<&TaskPlace>) -> Option<()> {
        self.times.is_none_or(|times| self.queue.engine().tasks.times() != times).then_some(())
    }

    fn key(&self) -> Key {
        self.queue.engine().tasks.key()
    }

    fn subject(&self) -> Subject {
        self.queue.engine().subject_of_tasks(self.location)
    }

    fn announce(&self) -> bool {
        self.times.is_some_and(|times| self.queue.engine().tasks.announce(times))
    }

    fn must_wait(&self) -> bool {
        self.times.is_some_and(|times| self.queue.engine().tasks.is_announced(times))
    }
}

future! {
    /// The future of the `join_async` of a queue.
    QueueJoin<'a, Q [AnyQueue]> of Joining<'a, Q> => ();
}

impl<'a, Q: AnyQueue> QueueGet<'a, Q> {
    pub(super) fn new(queue: &'a Q, location: &'static Location<'static>) -> QueueGet<'a, Q> {
        QueueGet::of(Getting { queue, location })
    }
}

impl<'a, Q: AnyQueue> QueuePut<'a, Q> {
    pub(super) fn new(
        queue: &'a Q,
        item: <Q::Store as Store>::Item,
        location: &'static Location<'static>,
    ) -> QueuePut<'a, Q> {
        QueuePut::of(Putting { queue, item: Some(item), location })
    }
}

impl<'a, Q: AnyQueue> QueueJoin<'a, Q> {
    pub(super) fn new(queue: &'a Q, location: &'static Location<'static>) -> QueueJoin<'a, Q> {
        QueueJoin::of(Joining { queue, times: queue.engine().times_unless_done(), location })
    }
}
