//! Queues: nothing is lost or doubled, and nobody waits beside an item, room, or the end.

use std::{pin::pin, task::Poll};

use loom::{sync::Arc, thread};
use threadwork_sync::{
    GetError, PutError, Queue, StopSource, Wait, internal::model::let_time_pass,
};

use crate::{Data, check, check_both, tasks::Alarm, timed};

struct Shared {
    queue: Queue<u32>,
    data: Data,
}

impl Shared {
    fn new(queue: Queue<u32>) -> Arc<Shared> {
        Arc::new(Shared { queue, data: Data::default() })
    }
}

fn spawn<T: 'static>(
    shared: &Arc<Shared>,
    f: impl FnOnce(&Shared) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

#[test]
fn a_get_sees_the_item_and_what_was_written_before_it() {
    check_both(2, || {
        let shared = Shared::new(Queue::new());
        let getting = spawn(&shared, |it| (it.queue.get(), it.data.get()));
        shared.data.add_one();
        shared.queue.put(7).unwrap();
        assert_eq!(getting.join().unwrap(), (Ok(7), 1));
        assert!(shared.queue.is_empty());
    });
}

#[test]
fn a_put_that_waits_for_room_sees_what_was_written_before_the_get() {
    check_both(2, || {
        let shared = Shared::new(Queue::bounded(1));
        shared.queue.put(1).unwrap();
        let putting = spawn(&shared, |it| {
            it.queue.put(2).unwrap();
            it.data.get()
        });
        shared.data.add_one();
        assert_eq!(shared.queue.get(), Ok(1));
        assert_eq!(putting.join().unwrap(), 1);
        assert_eq!(shared.queue.try_get(), Ok(2));
    });
}

#[test]
fn two_waiting_threads_get_two_items() {
    check_both(3, || {
        let shared = Shared::new(Queue::new());
        let getting = [(); 2].map(|()| spawn(&shared, |it| it.queue.get().unwrap()));
        shared.queue.put(1).unwrap();
        shared.queue.put(2).unwrap();
        let got: u32 = getting.into_iter().map(|it| it.join().unwrap()).sum();
        assert_eq!(got, 3);
    });
}

#[test]
fn two_items_go_through_a_queue_with_room_for_one() {
    check_both(2, || {
        let shared = Shared::new(Queue::bounded(1));
        let putting = spawn(&shared, |it| (1..3).for_each(|item| it.queue.put(item).unwrap()));
        assert_eq!([(); 2].map(|()| shared.queue.get().unwrap()), [1, 2]);
        putting.join().unwrap();
    });
}

#[test]
fn a_shutdown_that_meets_a_put_and_a_get_loses_nothing() {
    check_both(3, || {
        let shared = Shared::new(Queue::new());
        let getting = spawn(&shared, |it| it.queue.get());
        let putting = spawn(&shared, |it| it.queue.put(1));
        shared.queue.shutdown();
        match (putting.join().unwrap(), getting.join().unwrap()) {
            (Ok(()), Ok(1)) | (Err(PutError::ShutDown(1)), Err(GetError::ShutDown)) => (),
            other => panic!("{other:?}"),
        }
        assert!(shared.queue.is_empty());
    });
}

#[test]
fn a_shutdown_at_once_gives_each_item_to_one() {
    check_both(3, || {
        let shared = Shared::new(Queue::bounded(1));
        shared.queue.put(1).unwrap();
        let getting = spawn(&shared, |it| it.queue.get());
        let putting = spawn(&shared, |it| it.queue.put(2));
        let left = shared.queue.shutdown_now();
        let got = getting.join().unwrap();
        let put = putting.join().unwrap();
        let n_put = 1 + usize::from(put.is_ok());
        assert_eq!(n_put, left.len() + usize::from(got.is_ok()), "{left:?} {got:?} {put:?}");
        assert_eq!(shared.queue.try_get(), Err(GetError::ShutDown));
    });
}

#[test]
fn a_stop_that_meets_a_put_leaves_the_item_or_takes_it() {
    check_both(3, || {
        let shared = Shared::new(Queue::new());
        let stop = StopSource::new();
        let wait = Wait::forever().or_stop(&stop.token());
        let getting = spawn(&shared, move |it| it.queue.get_with(&wait));
        let stopping = thread::spawn(move || stop.request_stop());
        shared.queue.put(1).unwrap();
        stopping.join().unwrap();
        let left = shared.queue.try_get();
        match (getting.join().unwrap(), left) {
            (Ok(1), Err(GetError::Empty)) | (Err(GetError::Stopped), Ok(1)) => (),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_timeout_that_meets_a_put_leaves_the_item_to_the_other_thread() {
    check_both(3, || {
        let_time_pass();
        let shared = Shared::new(Queue::new());
        let timed = spawn(&shared, |it| match it.queue.get_with(&timed()) {
            Ok(1) => it.queue.put(1).unwrap(),
            other => assert!(matches!(other, Ok(2) | Err(GetError::TimedOut)), "{other:?}"),
        });
        let getting = spawn(&shared, |it| it.queue.get());
        shared.queue.put(1).unwrap();
        assert_eq!(getting.join().unwrap(), Ok(1));
        // Time need not pass in the model.
        shared.queue.put(2).unwrap();
        timed.join().unwrap();
    });
}

#[test]
fn a_join_ends_when_the_last_task_is_done() {
    check(3, || {
        let shared = Shared::new(Queue::new());
        shared.queue.put(1).unwrap();
        shared.queue.put(2).unwrap();
        let joining = spawn(&shared, |it| {
            it.queue.join();
            it.data.get()
        });
        let done = spawn(&shared, |it| it.queue.task_done().unwrap());
        done.join().unwrap();
        shared.data.add_one();
        shared.queue.task_done().unwrap();
        assert_eq!(joining.join().unwrap(), 1);
    });
}

#[test]
fn a_task_gets_the_item_or_leaves_it_to_a_thread() {
    check_both(3, || {
        let shared = Shared::new(Queue::new());
        let getting = spawn(&shared, |it| it.queue.get());
        let task = spawn(&shared, |it| {
            let alarm = Alarm::new();
            let mut get = pin!(it.queue.get_async());
            // It is dropped if it is not ready at once.
            match alarm.poll(get.as_mut()) {
                Poll::Ready(item) => item.ok(),
                Poll::Pending => None,
            }
        });
        shared.queue.put(1).unwrap();
        if task.join().unwrap().is_some() {
            shared.queue.put(2).unwrap();
        }
        assert!(getting.join().unwrap().is_ok());
        assert!(shared.queue.is_empty());
    });
}

#[test]
fn a_task_is_told_of_an_item() {
    check_both(2, || {
        let shared = Shared::new(Queue::new());
        let task = spawn(&shared, |it| crate::tasks::block_on(it.queue.get_async()));
        shared.queue.put(1).unwrap();
        assert_eq!(task.join().unwrap(), Ok(1));
    });
}

#[test]
fn whoever_watches_a_queue_is_told_of_an_item() {
    check_both(2, || {
        let shared = Shared::new(Queue::new());
        let watching = spawn(&shared, |it| {
            threadwork_sync::wait_any(&[&it.queue], &Wait::forever()).unwrap();
            it.queue.try_get()
        });
        shared.queue.put(1).unwrap();
        assert_eq!(watching.join().unwrap(), Ok(1));
    });
}
