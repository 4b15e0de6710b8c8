//! Tasks that wait, in the child of a fork. Scenario "the waiters that are not there" in docs/architecture.md.

use std::{process::ExitCode, sync::Arc, time::Duration};

use threadwork_core::{MyThread, Thread};
use threadwork_sync::{Event, Lock, Semaphore, StopSource, Waiter, waits};
use threadwork_test_support::tasks::{Woken, block_on};

use crate::{
    forks::fork,
    runner::{ENDS_WELL, Program},
    support::for_ever,
};

const LONG: Duration = Duration::from_secs(60);

pub(crate) const PROGRAMS: &[Program] = &[Program {
    claim: "a child polls and drops the futures of its parent",
    main: || {
        static EVENT: Event = Event::new();
        static LOCK: Lock<u32> = Lock::new(0);
        static PERMITS: Semaphore = Semaphore::new(0);
        let (stop, woken) = (StopSource::new(), Woken::new());
        let token = stop.token();
        let thread = Thread::builder().daemon(true).build(for_ever);
        thread.start().unwrap();
        let mut guard = Some(LOCK.acquire());
        let mut event = Box::pin(EVENT.wait_async());
        let mut lock = Box::pin(LOCK.acquire_async());
        let mut permit = Box::pin(PERMITS.acquire_async());
        let mut stopped = Box::pin(token.stopped_async());
        let mut ends = Box::pin(thread.join_async());
        let mut dropped = Some([EVENT.wait_async(), EVENT.wait_async()].map(|it| {
            let mut it = Box::pin(it);
            assert!(woken.poll(it.as_mut()).is_pending());
            it
        }));
        assert!(woken.poll(event.as_mut()).is_pending());
        assert!(woken.poll(lock.as_mut()).is_pending());
        assert!(woken.poll(permit.as_mut()).is_pending());
        assert!(woken.poll(stopped.as_mut()).is_pending());
        assert!(woken.poll(ends.as_mut()).is_pending());
        let n_tasks = || waits().iter().filter(|it| it.thread.waiter == Waiter::Task).count();
        assert_eq!(n_tasks(), 7);
        let code = fork(|| {
            assert_eq!(n_tasks(), 0, "the queues are empty");
            drop(dropped.take());
            assert!(woken.poll(ends.as_mut()).is_ready(), "the thread is not there");
            // Each enters its queue anew, and is woken as ever.
            assert!(woken.poll(event.as_mut()).is_pending());
            assert!(woken.poll(lock.as_mut()).is_pending());
            assert!(woken.poll(permit.as_mut()).is_pending());
            assert!(woken.poll(stopped.as_mut()).is_pending());
            assert_eq!((n_tasks(), woken.count()), (4, 0));
            let stop = stop.clone();
            let waker = MyThread::new(move || {
                EVENT.set();
                PERMITS.release(1).unwrap();
                stop.request_stop();
            });
            waker.start().unwrap();
            waker.join_timeout(LONG).unwrap();
            drop(guard.take());
            assert_eq!(woken.count(), 4);
            assert!(woken.poll(event.as_mut()).is_ready());
            assert!(woken.poll(lock.as_mut()).is_ready());
            assert!(woken.poll(permit.as_mut()).is_ready());
            assert!(woken.poll(stopped.as_mut()).is_ready());
            let gate = Arc::new(Event::new());
            let other = Arc::clone(&gate);
            let thread = Thread::new(move || other.set());
            thread.start().unwrap();
            block_on(async {
                gate.wait_async().await;
                thread.join_async().await.unwrap();
            });
        });
        assert_eq!(code, 0);
        assert_eq!((n_tasks(), woken.count()), (7, 0), "the parent's are where they were");
        EVENT.set();
        assert!(woken.poll(event.as_mut()).is_ready());
        ExitCode::SUCCESS
    },
    ..ENDS_WELL
}];
