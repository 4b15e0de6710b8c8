//! Queues of all kinds, beyond what Python's tests claim.

mod any;
mod delay;
mod kinds;
mod split;
mod tasks;
mod waiting;

#[test]
fn a_queue_and_its_ends_are_sync_if_the_items_are_send() {
    use std::{cell::Cell, rc::Rc};

    use threadwork_sync::{
        DelayQueue, LifoQueue, PriorityQueue, Queue, QueueGet, QueuePut, Receiver, Sender,
    };
    use threadwork_test_support::assert_lacks;

    use crate::auto_traits::{assert_all, assert_send, assert_sync};

    const {
        assert_all::<Queue<u8>>();
        assert_all::<DelayQueue<u8>>();
        assert_sync::<LifoQueue<Cell<u8>>>();
        assert_sync::<PriorityQueue<Cell<u8>>>();
        assert_send::<Sender<Queue<Cell<u8>>>>();
        assert_sync::<Receiver<Queue<Cell<u8>>>>();
        assert_send::<QueueGet<'static, Queue<Cell<u8>>>>();
        assert_send::<QueuePut<'static, Queue<u8>>>();
    }
    assert_lacks!(Queue<Rc<u8>>: Send);
    assert_lacks!(Queue<Rc<u8>>: Sync);
    assert_lacks!(Sender<Queue<Rc<u8>>>: Send);
    assert_lacks!(Queue<u8>: Clone);
}
