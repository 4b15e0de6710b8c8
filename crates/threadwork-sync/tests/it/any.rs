//! `wait_any`: which object is named, that nothing is taken, what ends the wait, and what others see of it.

use std::{sync::Arc, time::Duration};

use threadwork_sync::{
    Barrier, BoundedSemaphore, Event, Latch, Semaphore, StopSource, Wait, WaitError, WaitKind,
    Waitable, Waiter, Waiting, wait_any, waits,
};

use crate::{
    objects::{stopped, until},
    support::{Helper, eventually},
};

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

/// Returns the entries of a thread once there are `n`.
#[track_caller]
fn entries<T: Send + 'static>(helper: &Helper<T>, n: usize) -> Vec<Waiting> {
    eventually("the thread does not wait for all objects", || {
        let all = waits().into_iter().filter(|it| it.thread.ident == helper.ident());
        Some(all.collect::<Vec<_>>()).filter(|it| it.len() == n)
    })
}

#[test]
fn each_object_is_ready_when_it_says_so() {
    let (event, latch, stop) = (Event::new(), Latch::new(2), StopSource::new());
    let (semaphore, bounded) = (Semaphore::new(0), BoundedSemaphore::new(1));
    let barrier = Barrier::new(2);
    let token = stop.token();
    let permit = bounded.acquire();
    let all: [&dyn Waitable; 6] = [&stop.token(), &barrier, &bounded, &semaphore, &latch, &event];
    assert_eq!(ready_now(&all), None);
    event.set();
    assert_eq!(ready_now(&all), Some(5));
    latch.count_down(1).unwrap();
    assert_eq!(ready_now(&all), Some(5));
    latch.count_down(1).unwrap();
    assert_eq!(ready_now(&all), Some(4));
    semaphore.release(1).unwrap();
    assert_eq!(ready_now(&all), Some(3));
    drop(permit);
    assert_eq!(ready_now(&all), Some(2));
    barrier.abort();
    assert_eq!(ready_now(&all), Some(1));
    stop.request_stop();
    assert_eq!(ready_now(&all), Some(0));
    assert_eq!(ready_now(&[&token]), Some(0));
}

#[test]
fn nothing_is_taken() {
    let (event, semaphore) = (Event::new(), Semaphore::new(2));
    event.set();
    for _ in 0..3 {
        assert_eq!(ready_now(&[&semaphore]), Some(0));
        assert_eq!(ready_now(&[&event, &semaphore]), Some(0));
    }
    assert!(event.is_set());
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn permits_that_others_wait_for_are_not_there() {
    static SEMAPHORE: Semaphore = Semaphore::new(1);
    let taker = Helper::start_blocked(|| SEMAPHORE.acquire_many(2).forget());
    assert_eq!(SEMAPHORE.available(), 1);
    assert!(SEMAPHORE.try_acquire().is_none());
    assert_eq!(ready_now(&[&SEMAPHORE]), None);
    SEMAPHORE.release(2).unwrap();
    taker.join();
    assert_eq!(ready_now(&[&SEMAPHORE]), Some(0));
}

#[test]
fn a_wait_ends_with_any_of_its_objects() {
    for at in 0..6 {
        let objects = Arc::new((Event::new(), Latch::new(1), Semaphore::new(0), Barrier::new(2)));
        let (stop, bounded) = (StopSource::new(), Arc::new(BoundedSemaphore::new(1)));
        bounded.acquire().forget();
        let helper = {
            let (objects, token, bounded) =
                (Arc::clone(&objects), stop.token(), Arc::clone(&bounded));
            Helper::start(move || {
                let (event, latch, semaphore, barrier) = &*objects;
                let all: [&dyn Waitable; 6] = [event, latch, semaphore, barrier, &token, &*bounded];
                wait_any(&all, &Wait::forever())
            })
        };
        entries(&helper, 6);
        let (event, latch, semaphore, barrier) = &*objects;
        match at {
            0 => {
                event.set();
                event.clear();
            }
            1 => latch.count_down(1).unwrap(),
            2 => semaphore.release(1).unwrap(),
            3 => std::thread::scope(|scope| {
                scope.spawn(|| barrier.wait().unwrap());
                barrier.wait().unwrap();
            }),
            4 => _ = stop.request_stop(),
            _ => bounded.release(1).unwrap(),
        }
        assert_eq!(helper.join(), Ok(at));
    }
}

#[test]
fn an_event_that_is_set_and_cleared_at_once_counts_and_one_that_was_before_does_not() {
    static EVENT: Event = Event::new();
    static OTHER: Event = Event::new();
    EVENT.set();
    EVENT.clear();
    assert_eq!(ready_now(&[&EVENT]), None);
    let helper = Helper::start(|| wait_any(&[&OTHER, &EVENT], &Wait::forever()));
    entries(&helper, 2);
    EVENT.set();
    EVENT.clear();
    assert_eq!(helper.join(), Ok(1));
}

#[test]
fn a_round_of_a_barrier_that_ends_during_the_call_counts() {
    let barrier = Arc::new(Barrier::new(2));
    assert_eq!(ready_now(&[&*barrier]), None);
    let party = {
        let barrier = Arc::clone(&barrier);
        Helper::start_blocked(move || barrier.wait().is_ok())
    };
    assert_eq!(ready_now(&[&*barrier]), None, "one party is missing");
    let watcher = {
        let barrier = Arc::clone(&barrier);
        Helper::start_blocked(move || wait_any(&[&*barrier], &Wait::forever()))
    };
    assert_eq!(barrier.n_waiting(), 1, "a watcher is no party");
    assert!(barrier.wait().is_ok());
    assert!(party.join());
    assert_eq!(watcher.join(), Ok(0));
    assert_eq!(ready_now(&[&*barrier]), None, "the next round has begun");
}

#[test]
fn a_broken_round_and_a_reset_end_it_too() {
    for break_it in [Barrier::abort, Barrier::reset] {
        let barrier = Arc::new(Barrier::new(3));
        let party = {
            let barrier = Arc::clone(&barrier);
            Helper::start_blocked(move || barrier.wait().is_err())
        };
        let watcher = {
            let barrier = Arc::clone(&barrier);
            Helper::start_blocked(move || wait_any(&[&*barrier], &Wait::forever()))
        };
        break_it(&barrier);
        assert!(party.join());
        assert_eq!(watcher.join(), Ok(0));
    }
}

#[test]
fn the_wait_has_a_deadline_and_a_stop_but_what_is_ready_goes_first() {
    let (event, semaphore) = (Event::new(), Semaphore::new(0));
    let objects: [&dyn Waitable; 2] = [&event, &semaphore];
    let soon = Wait::timeout(Duration::from_millis(1));
    assert_eq!(wait_any(&objects, &soon), Err(WaitError::TimedOut));
    assert_eq!(wait_any(&objects, &stopped()), Err(WaitError::Stopped));
    semaphore.release(1).unwrap();
    for wait in [soon, stopped()] {
        assert_eq!(wait_any(&objects, &wait), Ok(1));
    }
    let stop = StopSource::new();
    let wait = until(&stop);
    let helper = Helper::start_blocked(move || wait_any(&[&Event::new(), &Latch::new(1)], &wait));
    stop.request_stop();
    assert_eq!(helper.join(), Err(WaitError::Stopped));
}

#[test]
fn a_wait_for_no_object_waits_for_its_end_alone() {
    let soon = Wait::timeout(Duration::from_millis(1));
    assert_eq!(wait_any(&[], &soon), Err(WaitError::TimedOut));
    assert_eq!(wait_any(&[], &stopped()), Err(WaitError::Stopped));
    let stop = StopSource::new();
    let wait = until(&stop);
    let helper = Helper::start(move || wait_any(&[], &wait));
    let record = entries(&helper, 1).remove(0);
    assert_eq!((record.kind, record.thread.waiter), (WaitKind::Sleep, Waiter::Thread));
    stop.request_stop();
    assert_eq!(helper.join(), Err(WaitError::Stopped));
}

#[test]
fn the_same_object_may_be_named_twice_and_many_objects_may_be_named() {
    let events: Arc<[Event; 100]> = Arc::new([const { Event::new() }; 100]);
    let helper = {
        let events = Arc::clone(&events);
        Helper::start(move || {
            let all: Vec<&dyn Waitable> =
                events.iter().chain(&*events).map(|it| it as &dyn Waitable).collect();
            wait_any(&all, &Wait::forever())
        })
    };
    entries(&helper, 200);
    events[99].set();
    assert_eq!(helper.join(), Ok(99));
}

#[test]
fn there_is_a_record_for_each_object_with_its_name_and_the_line() {
    static EVENT: Event = Event::new().named("first");
    static SEMAPHORE: Semaphore = Semaphore::new(0).named("second");
    let stop = StopSource::new();
    let token = stop.token();
    let (line, helper) = (
        line!() + 1,
        Helper::start(move || wait_any(&[&EVENT, &SEMAPHORE, &token], &Wait::forever())),
    );
    let mut entries = entries(&helper, 3);
    entries.sort_by_key(|it| it.name);
    let seen = entries.iter().map(|it| (it.name, it.kind));
    let expected = [
        (None, WaitKind::Stop),
        (Some("first"), WaitKind::Event),
        (Some("second"), WaitKind::Semaphore),
    ];
    assert!(seen.eq(expected), "{entries:#?}");
    for it in &entries {
        assert_eq!((it.thread.waiter, it.holder, it.location.line()), (Waiter::AnyOf, None, line));
        assert_eq!((it.location.file(), it.since), (file!(), entries[0].since));
    }
    SEMAPHORE.release(1).unwrap();
    assert_eq!(helper.join(), Ok(1));
    assert!(waits().iter().all(|it| it.name != Some("first")));
}

#[test]
fn watchers_and_takers_of_a_semaphore_do_not_starve_each_other() {
    const ROUNDS: usize = 200;
    let shared = Arc::new(Semaphore::new(0));
    let taker = {
        let shared = Arc::clone(&shared);
        Helper::start(move || (0..ROUNDS).for_each(|_| shared.acquire().forget()))
    };
    let watchers = [(); 2].map(|()| {
        let shared = Arc::clone(&shared);
        Helper::start(move || {
            let mut taken = 0;
            while taken < ROUNDS {
                wait_any(&[&Event::new(), &*shared], &Wait::forever()).unwrap();
                taken += usize::from(shared.try_acquire().map(|it| it.forget()).is_some());
            }
        })
    });
    (0..3 * ROUNDS).for_each(|_| shared.release(1).unwrap());
    taker.join();
    watchers.into_iter().for_each(Helper::join);
    assert_eq!(shared.available(), 0);
}
