//! Senders and receivers.

use std::sync::Arc;

use threadwork_sync::{GetError, LifoQueue, PutError, Queue, WaitKind};

use crate::objects::start_waiting;

#[test]
fn the_last_sender_shuts_the_queue_down_and_what_is_left_is_still_taken() {
    let (sender, receiver) = Queue::new().split();
    let other = sender.clone();
    sender.put(1).unwrap();
    drop(sender);
    other.put(2).unwrap();
    let taking = receiver.clone();
    let taking = start_waiting(WaitKind::QueueGet, move || {
        let taken: Vec<_> = taking.iter().collect();
        taken
    });
    drop(other);
    assert_eq!(taking.join(), [1, 2]);
    assert_eq!(receiver.get(), Err(GetError::ShutDown));
}

#[test]
fn the_last_receiver_refuses_puts_and_drops_what_is_left() {
    let item = Arc::new(());
    let (sender, receiver) = LifoQueue::bounded(1).split();
    let other = receiver.clone();
    drop(receiver);
    sender.put(Arc::clone(&item)).unwrap();
    let (putting, again) = (sender.clone(), Arc::clone(&item));
    let putting = start_waiting(WaitKind::QueuePut, move || putting.put(again).is_err());
    drop(other);
    assert!(putting.join());
    assert_eq!(Arc::strong_count(&item), 1);
    assert!(matches!(sender.try_put(item), Err(PutError::ShutDown(_))));
}

#[test]
fn both_ends_reach_the_queue() {
    let (sender, receiver) = Queue::bounded(4).named("shared").split();
    sender.put(1).unwrap();
    assert_eq!((sender.queue().len(), receiver.queue().name()), (1, Some("shared")));
    assert_eq!(receiver.queue().get_many(4), Ok(vec![1]));
    receiver.queue().task_done().unwrap();
    sender.queue().join();
    assert!(format!("{sender:?}").starts_with("Sender { queue: Queue { name: Some(\"shared\")"));
    assert!(format!("{receiver:?}").starts_with("Receiver { queue: Queue"));
}
