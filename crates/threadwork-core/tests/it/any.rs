//! Waiting for any of several threads and timers, and threads in the order in which they end.

use std::{sync::Arc, time::Duration};

use threadwork_core::{
    JoinError, MyThread, Thread, ThreadHandle, Timer, as_completed, current_thread, scope,
};
use threadwork_sync::{
    Event, StopSource, Wait, WaitError, WaitKind, Waitable, Waiter, Waiting, get_ident, wait_any,
    waits,
};

use crate::support::{Gated, eventually, foreign, in_time, join, run};

/// Returns the index of the first object that is ready now.
#[track_caller]
fn ready_now(objects: &[&dyn Waitable]) -> Option<usize> {
    match wait_any(objects, &Wait::timeout(Duration::ZERO)) {
        Ok(ready) => Some(ready),
        Err(error) => {
            assert_eq!(error, WaitError::TimedOut);
            None
        }
    }
}

/// Returns the entries of the threads and objects that `thread` waits for, once there are `n`.
#[track_caller]
fn entries(thread: &ThreadHandle, n: usize) -> Vec<Waiting> {
    eventually("the thread does not wait for all of them", || {
        let is_its = |it: &Waiting| {
            Some(it.thread.ident) == thread.ident() && it.thread.waiter == Waiter::AnyOf
        };
        let all = waits().into_iter().filter(is_its);
        Some(all.collect::<Vec<_>>()).filter(|it| it.len() == n)
    })
}

#[test]
fn a_thread_is_ready_once_it_has_ended_however_it_ended() {
    let gated = Gated::new();
    assert_eq!(ready_now(&[&*gated]), None, "it is not started");
    gated.start().unwrap();
    let finished = Thread::new(|| ());
    let panicked = MyThread::new(|| panic!("out of paper"));
    run(&finished).unwrap();
    run(&panicked).unwrap_err();
    assert_eq!(ready_now(&[&*gated, &finished, &panicked]), Some(1));
    assert_eq!(ready_now(&[&*gated, &panicked, finished.handle()]), Some(1));
    gated.open();
    join(&gated).unwrap();
    assert_eq!(ready_now(&[gated.handle(), &finished]), Some(0));
    // A wait for the end does not take the result or the panic.
    assert!(matches!(panicked.join(), Err(JoinError::Panicked(_))));
}

#[test]
fn the_current_thread_is_never_ready_and_a_foreign_one_is_not_either() {
    let current = current_thread();
    assert_eq!(ready_now(&[&current]), None);
    let gone = foreign(current_thread);
    assert_eq!(ready_now(&[&gone]), None);
    let event = Event::new();
    event.set();
    assert_eq!(ready_now(&[&current, &gone, &event]), Some(2));
}

#[test]
fn a_thread_that_is_started_during_the_call_is_ready_at_its_end() {
    let late = Arc::new(Thread::new(|| ()));
    let waiter = {
        let late = Arc::clone(&late);
        Thread::new(move || assert_eq!(wait_any(&[&*late, &Event::new()], &Wait::forever()), Ok(0)))
    };
    waiter.start().unwrap();
    let entries = entries(&waiter, 2);
    let of_thread = entries.iter().find(|it| it.kind == WaitKind::Join).unwrap();
    assert_eq!(of_thread.holder, None, "it has no number yet");
    late.start().unwrap();
    join(&waiter).unwrap();
}

#[test]
fn the_end_of_a_thread_an_event_or_a_stop() {
    for at in 0..3 {
        let (gated, event, stop) = (Gated::started(), Arc::new(Event::new()), StopSource::new());
        let waiter = {
            let (thread, event, token) = (gated.handle().clone(), Arc::clone(&event), stop.token());
            MyThread::new(move || wait_any(&[&*event, &token, &thread], &Wait::forever()))
        };
        waiter.start().unwrap();
        let entries = entries(&waiter, 3);
        let of_thread = entries.iter().find(|it| it.kind == WaitKind::Join).unwrap();
        assert_eq!(of_thread.holder, gated.ident());
        match at {
            0 => event.set(),
            1 => _ = stop.request_stop(),
            _ => gated.open(),
        }
        join(&waiter).unwrap();
        assert_eq!(waiter.get_result().unwrap(), &Ok(at));
    }
}

#[test]
fn a_scoped_thread_is_ready_at_its_end() {
    let gate = Event::new();
    scope(|scope| {
        let last = scope.call(|| gate.wait()).unwrap();
        let first = scope.call(|| ()).unwrap();
        assert_eq!(wait_any(&[&last, &first], &Wait::forever()), Ok(1));
        gate.set();
        assert_eq!(wait_any(&[&last], &Wait::forever()), Ok(0));
    });
}

#[test]
fn a_timer_is_ready_once_it_has_run_or_is_cancelled() {
    let (soon, never) = (Timer::new(Duration::ZERO, || ()), Timer::new(Duration::MAX, || ()));
    assert_eq!(ready_now(&[&soon, &never]), None);
    never.start().unwrap();
    assert_eq!(ready_now(&[&never]), None);
    soon.start().unwrap();
    let (soon, never) = (Arc::new(soon), Arc::new(never));
    let (first, last) = {
        let (soon, never) = (Arc::clone(&soon), Arc::clone(&never));
        in_time(move || {
            let first = wait_any(&[&*never, &*soon], &Wait::forever());
            never.cancel();
            (first, wait_any(&[&*never], &Wait::forever()))
        })
    };
    assert_eq!((first, last), (Ok(1), Ok(0)));
}

/// Threads that end when the test says so.
fn gated(n: usize) -> Vec<Gated> {
    (0..n).map(|_| Gated::started()).collect()
}

fn handles(threads: &[Gated]) -> Vec<ThreadHandle> {
    threads.iter().map(|it| it.handle().clone()).collect()
}

#[test]
fn threads_come_in_the_order_of_their_ends() {
    let gated = gated(5);
    let threads = handles(&gated);
    gated[3].open();
    join(&threads[3]).unwrap();
    let mut ends = as_completed(&threads).unwrap();
    assert_eq!((ends.len(), ends.try_next()), (5, Some(&threads[3])));
    assert_eq!(ends.try_next(), None);
    let order = [4, 0, 2, 1];
    for at in order {
        gated[at].open();
        // The join returns after the operating system's thread is gone.
        threads[at].join().unwrap();
    }
    let came: Vec<_> = ends.by_ref().collect();
    assert_eq!(came, order.map(|at| &threads[at]));
    assert_eq!((ends.len(), ends.next(), ends.try_next()), (0, None, None));
    assert_eq!(ends.next_timeout(Duration::MAX), Ok(None));
}

#[test]
fn threads_that_have_ended_come_first_in_the_given_order() {
    let threads = [(); 3].map(|()| Thread::new(|| ()));
    for thread in threads.iter().rev() {
        run(thread).unwrap();
    }
    let came: Vec<_> = as_completed(&threads).unwrap().map(Thread::handle).collect();
    assert_eq!(came, threads.each_ref().map(|it| it.handle()));
    assert_eq!(as_completed(&[] as &[Thread]).unwrap().next().map(Thread::handle), None);
}

#[test]
fn the_iterator_waits_for_the_next_end_and_shows_all_that_it_waits_for() {
    let gated = gated(3);
    let threads = handles(&gated);
    let (line, collector) = (
        line!() + 1,
        MyThread::new(move || as_completed(&threads).unwrap().cloned().collect::<Vec<_>>()),
    );
    collector.start().unwrap();
    for (ended, at) in [2, 0, 1].into_iter().enumerate() {
        let entries = entries(&collector, 3 - ended);
        assert!(entries.iter().all(|it| it.kind == WaitKind::Join && it.location.line() == line));
        assert!(entries.iter().any(|it| it.holder == gated[at].ident()));
        gated[at].open();
        gated[at].join().unwrap();
    }
    join(&collector).unwrap();
    let expected = [2, 0, 1].map(|at: usize| gated[at].handle().clone());
    assert_eq!(collector.get_result().unwrap(), &expected);
}

#[test]
fn a_deadline_and_a_stop_end_the_wait_for_the_next_end_but_an_end_goes_first() {
    let gated = gated(2);
    let threads = handles(&gated);
    let mut ends = as_completed(&threads).unwrap();
    assert_eq!(ends.next_timeout(Duration::ZERO), Err(WaitError::TimedOut));
    let soon = Wait::timeout(Duration::from_millis(1));
    assert_eq!(ends.next_with(&soon), Err(WaitError::TimedOut));
    let stop = StopSource::new();
    let stopped = Wait::forever().or_stop(&stop.token());
    let here = get_ident();
    let stopper = Thread::new(move || {
        eventually("the thread does not wait", || {
            waits().iter().any(|it| it.thread.ident == here).then_some(())
        });
        stop.request_stop();
    });
    stopper.start().unwrap();
    assert_eq!(ends.next_with(&stopped), Err(WaitError::Stopped));
    assert_eq!(ends.next_with(&stopped), Err(WaitError::Stopped), "before the wait");
    join(&stopper).unwrap();
    for (at, wait) in [soon, stopped].into_iter().enumerate() {
        gated[at].open();
        gated[at].join().unwrap();
        assert_eq!(ends.next_with(&wait), Ok(Some(&threads[at])));
    }
    assert_eq!(ends.len(), 0);
}

#[test]
fn dropping_or_leaking_the_iterator_does_no_harm_to_threads_that_run() {
    let gated = gated(4);
    let threads = handles(&gated);
    gated[1].open();
    let mut dropped = as_completed(&threads).unwrap();
    let leaked = as_completed(&threads).unwrap();
    assert_eq!(dropped.next(), Some(&threads[1]));
    gated[0].open();
    drop(dropped);
    std::mem::forget(leaked);
    gated.into_iter().for_each(|it| it.end().unwrap());
    // A wait for a thread that may be at the same address now.
    for _ in 0..16 {
        let again = Gated::started();
        again.open();
        assert!(as_completed([again.handle()]).unwrap().next().is_some());
    }
}

#[test]
fn an_iterator_may_be_continued_by_another_thread() {
    let gated = gated(2);
    let threads = handles(&gated);
    let mut ends = as_completed(&threads).unwrap();
    assert_eq!(ends.next_timeout(Duration::from_millis(1)), Err(WaitError::TimedOut));
    let came = scope(|scope| {
        let collector = scope.call(move || ends.next().cloned()).unwrap();
        entries(&collector, 2);
        gated[1].open();
        collector.into_result().unwrap()
    });
    assert_eq!(came.as_ref(), Some(&threads[1]));
}

#[test]
fn threads_without_an_end_to_wait_for_are_an_error() {
    let new = Thread::new(|| ());
    assert!(matches!(as_completed([&new]), Err(JoinError::NotStarted)));
    assert!(matches!(as_completed([&current_thread()]), Err(JoinError::CurrentThread)));
    let gone = foreign(current_thread);
    assert!(matches!(as_completed([&gone]), Err(JoinError::ForeignThread)));
}

#[test]
fn values_that_contain_a_thread_come_themselves() {
    struct Named(&'static str, Thread);
    impl AsRef<ThreadHandle> for Named {
        fn as_ref(&self) -> &ThreadHandle {
            self.1.as_ref()
        }
    }
    let threads =
        [Named("timer", Thread::new(|| ()).into()), Named("thread", Thread::new(|| ()).into())];
    threads.iter().for_each(|it| run(&it.1).unwrap());
    let names: Vec<_> = as_completed(&threads).unwrap().map(|it| it.0).collect();
    assert_eq!(names, ["timer", "thread"]);
    let timers = [Timer::new(Duration::MAX, || ()), Timer::new(Duration::ZERO, || ())];
    timers.iter().for_each(|it| it.start().unwrap());
    let mut ends = as_completed(&timers).unwrap();
    assert_eq!(ends.next().map(Timer::handle), Some(timers[1].handle()));
    timers[0].cancel();
    assert_eq!(ends.next().map(Timer::handle), Some(timers[0].handle()));
}
