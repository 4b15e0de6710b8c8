//! The claims of CPython's `test_queue.py` (3.14).
//!
//! `BaseQueueTestMixin` runs for all three kinds, `BaseSimpleQueueTest` for [`Queue`], which takes the place of `SimpleQueue`. Left out are:
//!
//! * `BaseQueueTestMixin.test_shrinking_queue`: a limit cannot be changed.
//! * `test_negative_timeout_raises_exception` of both: a negative timeout cannot be written.
//! * `FailingQueueTest.test_failing_queue`: a queue has no methods to override; `queues::kinds` has items whose comparison fails.
//! * `CSimpleQueueTest.test_is_default`, `test_reentrancy`: about the interpreter's implementation.

use std::time::Duration;

use threadwork_sync::{
    GetError, LifoQueue, PriorityQueue, PutError, Queue, TaskDoneError, WaitError,
};

mod base;
mod shutdown;
mod simple;

/// A kind of queue, as the claims use it.
pub(crate) trait Kind: Send + Sync + 'static {
    /// The order in which three items come out that were put in the order 111, 333, 222.
    const ORDER: [i32; 3];

    fn new() -> Self;
    fn bounded(limit: usize) -> Self;
    fn len(&self) -> usize;
    fn is_full(&self) -> bool;
    fn put(&self, item: i32) -> Result<(), PutError<i32>>;
    fn try_put(&self, item: i32) -> Result<(), PutError<i32>>;
    fn put_timeout(&self, item: i32, timeout: Duration) -> Result<(), PutError<i32>>;
    fn get(&self) -> Result<i32, GetError>;
    fn try_get(&self) -> Result<i32, GetError>;
    fn get_timeout(&self, timeout: Duration) -> Result<i32, GetError>;
    fn task_done(&self) -> Result<(), TaskDoneError>;
    fn join(&self);
    fn join_timeout(&self, timeout: Duration) -> Result<(), WaitError>;
    fn shutdown(&self);
    fn shutdown_now(&self) -> Vec<i32>;
}

macro_rules! kinds {
    ($($queue:ident $order:expr;)+) => {$(
        impl Kind for $queue<i32> {
            const ORDER: [i32; 3] = $order;

            fn new() -> Self {
                $queue::new()
            }
            fn bounded(limit: usize) -> Self {
                $queue::bounded(limit)
            }
            fn len(&self) -> usize {
                $queue::len(self)
            }
            fn is_full(&self) -> bool {
                $queue::is_full(self)
            }
            fn put(&self, item: i32) -> Result<(), PutError<i32>> {
                $queue::put(self, item)
            }
            fn try_put(&self, item: i32) -> Result<(), PutError<i32>> {
                $queue::try_put(self, item)
            }
            fn put_timeout(&self, item: i32, timeout: Duration) -> Result<(), PutError<i32>> {
                $queue::put_timeout(self, item, timeout)
            }
            fn get(&self) -> Result<i32, GetError> {
                $queue::get(self)
            }
            fn try_get(&self) -> Result<i32, GetError> {
                $queue::try_get(self)
            }
            fn get_timeout(&self, timeout: Duration) -> Result<i32, GetError> {
                $queue::get_timeout(self, timeout)
            }
            fn task_done(&self) -> Result<(), TaskDoneError> {
                $queue::task_done(self)
            }
            fn join(&self) {
                $queue::join(self);
            }
            fn join_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
                $queue::join_timeout(self, timeout)
            }
            fn shutdown(&self) {
                $queue::shutdown(self);
            }
            fn shutdown_now(&self) -> Vec<i32> {
                $queue::shutdown_now(self)
            }
        }
    )+};
}

kinds! {
    Queue [111, 333, 222];
    LifoQueue [222, 333, 111];
    PriorityQueue [111, 222, 333];
}

/// Declares a test of each claim for each kind. The claim is a function of the same name.
macro_rules! for_each_kind {
    ($($claim:ident)+) => {
        mod of_queue {
            $(#[test]
            fn $claim() {
                super::$claim::<threadwork_sync::Queue<i32>>();
            })+
        }
        mod of_lifo_queue {
            $(#[test]
            fn $claim() {
                super::$claim::<threadwork_sync::LifoQueue<i32>>();
            })+
        }
        mod of_priority_queue {
            $(#[test]
            fn $claim() {
                super::$claim::<threadwork_sync::PriorityQueue<i32>>();
            })+
        }
    };
}
pub(crate) use for_each_kind;
