//! The queue that is compared with the model, and what is called.

use std::time::Duration;

use threadwork_sync::{DelayQueue, GetError, LifoQueue, PriorityQueue, PutError, Queue, WaitError};

use crate::model::{Answer, Limit, View};

pub(super) const NAME: &str = "the queue";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Fifo,
    Lifo,
    Priority,
    Delay,
}

pub(super) enum Object {
    Fifo(Queue<usize>),
    Lifo(LifoQueue<usize>),
    Priority(PriorityQueue<usize>),
    Delay(DelayQueue<usize>),
}

/// Calls the same method of whatever queue it is.
macro_rules! of_each {
    ($object:expr, $it:ident => $call:expr) => {
        match $object {
            Object::Fifo($it) => $call,
            Object::Lifo($it) => $call,
            Object::Priority($it) => $call,
            Object::Delay($it) => $call,
        }
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Op {
    Put(usize),
    TryPut(usize),
    Get,
    TryGet,
    GetMany(usize),
    TaskDone,
    Join,
    Shutdown,
    ShutdownNow,
}

fn put(answer: Result<(), PutError<usize>>, item: usize) -> Answer {
    let Err(error) = answer else { return Answer::Done };
    let answer = match error {
        PutError::Full(_) => Answer::No,
        PutError::ShutDown(_) => Answer::ShutDown,
        PutError::TimedOut(_) => Answer::Ended(WaitError::TimedOut),
        _ => Answer::Ended(WaitError::Stopped),
    };
    assert_eq!(error.into_item(), item, "the item comes back");
    answer
}

fn got(answer: Result<Vec<usize>, GetError>) -> Answer {
    match answer {
        Ok(items) => Answer::Items(items),
        Err(GetError::Empty) => Answer::No,
        Err(GetError::ShutDown) => Answer::ShutDown,
        Err(GetError::TimedOut) => Answer::Ended(WaitError::TimedOut),
        Err(_) => Answer::Ended(WaitError::Stopped),
    }
}

impl Object {
    pub(super) fn new(kind: Kind, limit: Option<usize>) -> Object {
        match kind {
            Kind::Fifo => Object::Fifo(limit.map_or_else(Queue::new, Queue::bounded).named(NAME)),
            Kind::Lifo => {
                Object::Lifo(limit.map_or_else(LifoQueue::new, LifoQueue::bounded).named(NAME))
            }
            Kind::Priority => {
                let queue = limit.map_or_else(PriorityQueue::new, PriorityQueue::bounded);
                Object::Priority(queue.named(NAME))
            }
            Kind::Delay => Object::Delay(DelayQueue::new().named(NAME)),
        }
    }

    pub(super) fn run(&self, op: &Op, limit: &Limit) -> Answer {
        let object = self;
        match *op {
            Op::Put(item) => {
                let answer = match object {
                    Object::Delay(it) => it.put_after(item, Duration::ZERO),
                    Object::Fifo(it) => limit.call(
                        || it.put(item),
                        |time| it.put_timeout(item, time),
                        |wait| it.put_with(item, wait),
                    ),
                    Object::Lifo(it) => limit.call(
                        || it.put(item),
                        |time| it.put_timeout(item, time),
                        |wait| it.put_with(item, wait),
                    ),
                    Object::Priority(it) => limit.call(
                        || it.put(item),
                        |time| it.put_timeout(item, time),
                        |wait| it.put_with(item, wait),
                    ),
                };
                put(answer, item)
            }
            Op::TryPut(item) => {
                let answer = match object {
                    Object::Delay(it) => it.put_after(item, Duration::ZERO),
                    Object::Fifo(it) => it.try_put(item),
                    Object::Lifo(it) => it.try_put(item),
                    Object::Priority(it) => it.try_put(item),
                };
                put(answer, item)
            }
            Op::Get => got(of_each!(object, it => limit.call(
                || it.get(),
                |time| it.get_timeout(time),
                |wait| it.get_with(wait),
            ))
            .map(|item| vec![item])),
            Op::TryGet => got(of_each!(object, it => it.try_get()).map(|item| vec![item])),
            Op::GetMany(most) => got(of_each!(object, it => limit.call(
                || it.get_many(most),
                |time| it.get_many_timeout(most, time),
                |wait| it.get_many_with(most, wait),
            ))),
            Op::TaskDone => Answer::done_or_no(of_each!(object, it => it.task_done()).is_ok()),
            Op::Join => of_each!(object, it => limit.wait(
                || it.join(),
                |time| it.join_timeout(time),
                |wait| it.join_with(wait),
            )),
            Op::Shutdown => {
                of_each!(object, it => it.shutdown());
                Answer::Done
            }
            Op::ShutdownNow => {
                let items = of_each!(object, it => it.shutdown_now());
                let is_ordered = matches!(object, Object::Fifo(_) | Object::Lifo(_));
                in_order(items, if is_ordered { Kind::Fifo } else { Kind::Priority })
            }
        }
    }

    pub(super) fn look(&self) -> View {
        of_each!(self, it => vec![
            ("len", it.len()),
            ("unfinished", it.unfinished()),
            ("is_shut_down", usize::from(it.is_shut_down())),
        ])
    }
}

pub(super) fn in_order(mut items: Vec<usize>, kind: Kind) -> Answer {
    // A heap gives back what it has as it lies.
    if matches!(kind, Kind::Priority | Kind::Delay) {
        items.sort_unstable();
    }
    Answer::Items(items)
}
