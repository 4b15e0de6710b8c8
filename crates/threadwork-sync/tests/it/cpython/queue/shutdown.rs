//! `BaseQueueTestMixin`: shutdown.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{GetError, PutError, WaitKind};

use super::{Kind, for_each_kind};
use crate::{
    objects::start_waiting,
    support::{Helper, eventually},
};

const SHORT: Duration = Duration::from_millis(1);

for_each_kind! {
    shutdown_empty
    shutdown_nonempty
    shutdown_immediate
    shutdown_allowed_transitions
    shutdown_all_methods_in_one_thread
    shutdown_all_methods_in_many_threads
    shutdown_get
    shutdown_put
    shutdown_join
    shutdown_put_join
    shutdown_get_task_done_join
    shutdown_pending_get
}

/// Shuts the queue down in one of both ways.
fn shut<Q: Kind>(queue: &Q, immediate: bool) -> usize {
    if immediate {
        return queue.shutdown_now().len();
    }
    queue.shutdown();
    0
}

/// `test_shutdown_empty`.
fn shutdown_empty<Q: Kind>() {
    let queue = Q::new();
    queue.shutdown();
    assert_eq!(queue.put(1), Err(PutError::ShutDown(1)));
    assert_eq!(queue.get(), Err(GetError::ShutDown));
}

/// `test_shutdown_nonempty`.
fn shutdown_nonempty<Q: Kind>() {
    let queue = Q::new();
    queue.put(1).unwrap();
    queue.shutdown();
    assert_eq!(queue.get(), Ok(1));
    assert_eq!(queue.get(), Err(GetError::ShutDown));
}

/// `test_shutdown_immediate`.
fn shutdown_immediate<Q: Kind>() {
    let queue = Q::new();
    queue.put(1).unwrap();
    assert_eq!(queue.shutdown_now(), [1]);
    assert_eq!(queue.get(), Err(GetError::ShutDown));
}

/// `test_shutdown_allowed_transitions`: alive, then shut down, then at once, and never back.
fn shutdown_allowed_transitions<Q: Kind>() {
    let queue = Q::new();
    queue.put(1).unwrap();
    queue.put(2).unwrap();
    for _ in 0..2 {
        queue.shutdown();
        assert_eq!(queue.put(3), Err(PutError::ShutDown(3)));
        assert_eq!(queue.len(), 2);
    }
    assert_eq!(queue.shutdown_now().len(), 2);
    assert_eq!(queue.shutdown_now(), []);
    queue.shutdown();
    assert_eq!(queue.get(), Err(GetError::ShutDown));
}

/// `test_shutdown_all_methods_in_one_thread`, `test_shutdown_immediate_all_methods_in_one_thread`.
fn shutdown_all_methods_in_one_thread<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Q::bounded(2);
        queue.put(7).unwrap();
        shut(&queue, immediate);
        assert_eq!(queue.put(1), Err(PutError::ShutDown(1)));
        assert_eq!(queue.try_put(1), Err(PutError::ShutDown(1)));
        assert_eq!(queue.put_timeout(1, SHORT), Err(PutError::ShutDown(1)));
        if !immediate {
            assert_eq!(queue.get(), Ok(7));
            queue.task_done().unwrap();
        }
        queue.join();
        assert_eq!(queue.get(), Err(GetError::ShutDown));
        assert_eq!(queue.try_get(), Err(GetError::ShutDown));
        assert_eq!(queue.get_timeout(SHORT), Err(GetError::ShutDown));
        assert!(queue.task_done().is_err());
    }
}

/// `test_shutdown_all_methods_in_many_threads`, `test_shutdown_immediate_all_methods_in_many_threads`: whatever was put is taken once or comes
/// back, and all threads end.
fn shutdown_all_methods_in_many_threads<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Arc::new(Q::bounded(3));
        let putting: Vec<_> = (0..4)
            .map(|_| {
                let queue = Arc::clone(&queue);
                Helper::start(move || (0..).take_while(|item| queue.put(*item).is_ok()).count())
            })
            .collect();
        let taking: Vec<_> = (0..4)
            .map(|_| {
                let queue = Arc::clone(&queue);
                Helper::start(move || {
                    let mut taken = 0;
                    while queue.get().is_ok() {
                        queue.task_done().unwrap();
                        taken += 1;
                    }
                    taken
                })
            })
            .collect();
        eventually("something goes through", || (queue.len() > 0).then_some(()));
        let left = shut(&*queue, immediate);
        let put: usize = putting.into_iter().map(Helper::join).sum();
        let taken: usize = taking.into_iter().map(Helper::join).sum();
        assert_eq!(put, taken + left);
        queue.join();
    }
}

/// `test_shutdown_get`, `test_shutdown_immediate_get`.
fn shutdown_get<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Arc::new(Q::bounded(2));
        let getting = [(); 2].map(|()| {
            let queue = Arc::clone(&queue);
            start_waiting(WaitKind::QueueGet, move || queue.get())
        });
        shut(&*queue, immediate);
        assert_eq!(getting.map(Helper::join), [Err(GetError::ShutDown); 2]);
    }
}

/// `test_shutdown_put`, `test_shutdown_immediate_put`.
fn shutdown_put<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Arc::new(Q::bounded(1));
        queue.put(0).unwrap();
        let putting = [1, 2].map(|item| {
            let queue = Arc::clone(&queue);
            start_waiting(WaitKind::QueuePut, move || queue.put(item))
        });
        shut(&*queue, immediate);
        let answers = putting.map(Helper::join);
        assert_eq!(answers, [1, 2].map(|item| Err(PutError::ShutDown(item))));
    }
}

/// `test_shutdown_join`, `test_shutdown_immediate_join`: items that are left count as done only if they are taken away.
fn shutdown_join<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Arc::new(Q::new());
        queue.put(1).unwrap();
        let inside = Arc::clone(&queue);
        let joining = start_waiting(WaitKind::QueueJoin, move || inside.join());
        shut(&*queue, immediate);
        if !immediate {
            assert!(queue.join_timeout(SHORT).is_err());
            assert_eq!(queue.get(), Ok(1));
            queue.task_done().unwrap();
        }
        joining.join();
    }
}

/// `test_shutdown_put_join`, `test_shutdown_immediate_put_join`.
fn shutdown_put_join<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Arc::new(Q::bounded(1));
        queue.put(0).unwrap();
        let (put, joined) = (Arc::clone(&queue), Arc::clone(&queue));
        let putting = start_waiting(WaitKind::QueuePut, move || put.put(1));
        let joining = start_waiting(WaitKind::QueueJoin, move || joined.join());
        shut(&*queue, immediate);
        assert_eq!(putting.join(), Err(PutError::ShutDown(1)));
        if !immediate {
            assert_eq!(queue.get(), Ok(0));
            queue.task_done().unwrap();
        }
        joining.join();
    }
}

/// `test_shutdown_get_task_done_join`: the join waits for the work for an item that was taken before.
fn shutdown_get_task_done_join<Q: Kind>() {
    for immediate in [false, true] {
        let queue = Arc::new(Q::bounded(2));
        let is_done = Arc::new(AtomicBool::new(false));
        queue.put(1).unwrap();
        queue.put(2).unwrap();
        assert!(queue.get().is_ok());
        let (inside, seen) = (Arc::clone(&queue), Arc::clone(&is_done));
        let joining = start_waiting(WaitKind::QueueJoin, move || {
            inside.join();
            assert!(seen.load(Ordering::Relaxed));
        });
        shut(&*queue, immediate);
        if !immediate {
            assert!(queue.get().is_ok());
            queue.task_done().unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
        queue.task_done().unwrap();
        joining.join();
    }
}

/// `test_shutdown_pending_get`: the get that was waiting ends once the queue is shut down.
fn shutdown_pending_get<Q: Kind>() {
    let queue = Arc::new(Q::new());
    let inside = Arc::clone(&queue);
    let getting = start_waiting(WaitKind::QueueGet, move || inside.get());
    queue.shutdown();
    assert_eq!(getting.join(), Err(GetError::ShutDown));
}
