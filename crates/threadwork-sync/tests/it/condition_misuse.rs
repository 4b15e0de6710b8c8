//! `Condition`: predicates, panics, use with two locks, and `Debug`.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{Condition, Lock, StopSource, Wait, WaitError, WaitKind};

use crate::{
    objects::{message, panic_of, start_waiting, stopped, until},
    support::{Helper, eventually},
};

#[test]
fn a_predicate_that_holds_is_not_waited_for() {
    let (lock, condition) = (Lock::new(7), Condition::new());
    let mut guard = lock.acquire();
    assert_eq!(condition.wait_for(&mut guard, |it| Some(**it)), 7);
    let soon = condition.wait_for_timeout(&mut guard, Duration::ZERO, |it| Some(**it));
    assert_eq!(soon, Ok(7));
    assert_eq!(condition.wait_for_with(&mut guard, &stopped(), |it| Some(**it)), Ok(7));
}

#[test]
fn a_predicate_is_called_at_once_and_then_after_each_notification() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    static LOCK: Lock<u32> = Lock::new(0);
    static CONDITION: Condition = Condition::new();
    let waiter = start_waiting(WaitKind::Condition, || {
        CONDITION.wait_for(&mut LOCK.acquire(), |it| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            (**it == 3).then_some("three")
        })
    });
    for number in 1..=3 {
        let mut guard = LOCK.acquire();
        assert_eq!(ASKED.load(Ordering::Relaxed), number);
        *guard = number;
        assert_eq!(CONDITION.notify(&guard, 1), 1);
        drop(guard);
        eventually("the predicate is not called", || {
            (ASKED.load(Ordering::Relaxed) == number + 1).then_some(())
        });
        if number < 3 {
            // It must be in the queue again before the next notification.
            eventually("the waiter does not wait again", || {
                format!("{CONDITION:?}").contains("is_waited_at: true").then_some(())
            });
        }
    }
    assert_eq!(waiter.join(), "three");
    assert_eq!(ASKED.load(Ordering::Relaxed), 4);
}

#[test]
fn a_predicate_is_called_once_more_when_the_wait_ends() {
    let (lock, condition) = (Lock::new(0), Condition::new());
    let mut guard = lock.acquire();
    let mut count_to = |goal: u32, wait: &Wait| {
        let mut asked = 0;
        condition.wait_for_with(&mut guard, wait, |_| {
            asked += 1;
            (asked == goal).then_some(asked)
        })
    };
    assert_eq!(count_to(2, &stopped()), Ok(2));
    assert_eq!(count_to(3, &stopped()), Err(WaitError::Stopped));
    let no_time = Wait::timeout(Duration::ZERO);
    assert_eq!(count_to(2, &no_time), Ok(2));
    assert_eq!(count_to(3, &no_time), Err(WaitError::TimedOut));
}

#[test]
fn a_stop_ends_a_wait_for_a_predicate() {
    static PLACE: (Lock<()>, Condition) = (Lock::new(()), Condition::new());
    let stop = StopSource::new();
    let wait = until(&stop);
    let waiter = start_waiting(WaitKind::Condition, move || {
        PLACE.1.wait_for_with(&mut PLACE.0.acquire(), &wait, |_| None::<()>)
    });
    assert_eq!(PLACE.1.notify_all(&PLACE.0.acquire()), 1);
    stop.request_stop();
    assert_eq!(waiter.join(), Err(WaitError::Stopped));
}

#[test]
fn a_panic_of_the_predicate_releases_the_lock_and_leaves_the_condition_usable() {
    static LOCK: Lock<u32> = Lock::new(0);
    static CONDITION: Condition = Condition::new();
    let waiter = start_waiting(WaitKind::Condition, || {
        CONDITION.wait_for(&mut LOCK.acquire(), |it| match **it {
            0 => None,
            _ if LOCK.is_locked() => panic!("the lock is held"),
            _ => Some(()),
        });
    });
    let mut guard = LOCK.acquire();
    *guard = 1;
    assert_eq!(CONDITION.notify(&guard, 1), 1);
    drop(guard);
    assert_eq!(message(waiter.outcome()).as_deref(), Some("the lock is held"));

    let next = start_waiting(WaitKind::Condition, || CONDITION.wait(&mut LOCK.acquire()));
    assert_eq!(CONDITION.notify_all(&LOCK.acquire()), 1);
    next.join();
    assert!(!LOCK.is_locked());
}

#[test]
fn a_wait_with_another_lock_panics_and_leaves_all_usable() {
    static LOCKS: [Lock<()>; 2] = [Lock::new(()), Lock::new(())];
    static CONDITION: Condition = Condition::new();
    let waiter = start_waiting(WaitKind::Condition, || CONDITION.wait(&mut LOCKS[0].acquire()));
    for wait in [Wait::timeout(Duration::ZERO), Wait::forever()] {
        let mut other = LOCKS[1].acquire();
        let panic = panic_of(|| CONDITION.wait_with(&mut other, &wait));
        assert_eq!(
            panic,
            "cannot wait on a condition with one lock while threads wait there with another; use one lock per condition"
        );
        assert!(LOCKS[1].is_locked(), "the guard is still alive");
        drop(other);
    }
    assert!(!LOCKS[1].is_locked());
    assert_eq!(CONDITION.notify(&LOCKS[0].acquire(), 5), 1, "only the thread in the queue");
    waiter.join();
}

#[test]
fn a_notify_with_another_lock_panics_and_leaves_all_usable() {
    static LOCKS: [Lock<()>; 2] = [Lock::new(()), Lock::new(())];
    static CONDITION: Condition = Condition::new();
    let waiter = start_waiting(WaitKind::Condition, || CONDITION.wait(&mut LOCKS[0].acquire()));
    let other = LOCKS[1].acquire();
    for n in [1, usize::MAX] {
        assert_eq!(
            panic_of(|| CONDITION.notify(&other, n)),
            "cannot notify a condition with one lock while threads wait there with another; use one lock per condition"
        );
    }
    assert_eq!(CONDITION.notify(&other, 0), 0, "`n` is zero");
    waiter.blocked();
    drop(other);
    assert_eq!(CONDITION.notify(&LOCKS[0].acquire(), 1), 1);
    waiter.join();
    assert!(LOCKS.iter().all(|it| !it.is_locked()));
}

#[test]
fn a_condition_without_waiters_may_be_used_with_another_lock() {
    static LOCKS: [Lock<()>; 2] = [Lock::new(()), Lock::new(())];
    static CONDITION: Condition = Condition::new();
    for round in 0..12 {
        let lock = &LOCKS[round % 2];
        let stop = StopSource::new();
        let wait = until(&stop);
        let waiter = start_waiting(WaitKind::Condition, move || {
            CONDITION.wait_with(&mut lock.acquire(), &wait)
        });
        // For each way in which a wait can end.
        let expected = match round % 3 {
            0 => (CONDITION.notify(&lock.acquire(), 1) == 1).then_some(Ok(())),
            1 => stop.request_stop().then_some(Err(WaitError::Stopped)),
            _ => (CONDITION.notify_all(&lock.acquire()) == 1).then_some(Ok(())),
        };
        assert_eq!(Some(waiter.join()), expected);
        assert_eq!(
            CONDITION.wait_timeout(&mut lock.acquire(), Duration::ZERO),
            Err(WaitError::TimedOut)
        );
    }
}

/// A bounded buffer, with two conditions of one lock.
#[derive(Default)]
struct Buffer {
    items: Lock<VecDeque<u32>>,
    not_empty: Condition,
    not_full: Condition,
}

impl Buffer {
    const ROOM: usize = 3;

    fn put(&self, item: u32) {
        let mut items = self.items.acquire();
        self.not_full.wait_for(&mut items, |items| (items.len() < Buffer::ROOM).then_some(()));
        items.push_back(item);
        assert!(items.len() <= Buffer::ROOM);
        self.not_empty.notify(&items, 1);
    }

    fn get(&self) -> u32 {
        let mut items = self.items.acquire();
        let item = self.not_empty.wait_for(&mut items, |items| items.pop_front());
        self.not_full.notify(&items, 1);
        item
    }
}

#[test]
fn every_item_passes_a_bounded_buffer_once() {
    const EACH: u32 = 300;
    let buffer = Arc::new(Buffer::default());
    let producers: Vec<_> = (0..4)
        .map(|producer| {
            let buffer = Arc::clone(&buffer);
            Helper::start(move || {
                (0..EACH).for_each(|item| buffer.put(producer * EACH + item));
            })
        })
        .collect();
    let consumers: Vec<_> = (0..3)
        .map(|_| {
            let buffer = Arc::clone(&buffer);
            Helper::start(move || (0..4 * EACH / 3).map(|_| buffer.get()).collect::<Vec<_>>())
        })
        .collect();
    producers.into_iter().for_each(Helper::join);
    let mut items: Vec<_> = consumers.into_iter().flat_map(Helper::join).collect();
    items.sort_unstable();
    assert!(items.into_iter().eq(0..4 * EACH));
    assert!(buffer.items.acquire().is_empty());
}

#[test]
fn debug_shows_the_name_and_whether_there_are_waiters() {
    static CONDITION: Condition = Condition::new().named("news");
    static LOCK: Lock<()> = Lock::new(());
    let shown = |is_waited_at| {
        format!(r#"Condition {{ name: Some("news"), is_waited_at: {is_waited_at} }}"#)
    };
    assert_eq!(CONDITION.name(), Some("news"));
    assert_eq!(format!("{CONDITION:?}"), shown(false));
    let stop = StopSource::new();
    for end in 0..2 {
        let wait = until(&stop);
        let waiter = start_waiting(WaitKind::Condition, move || {
            CONDITION.wait_with(&mut LOCK.acquire(), &wait)
        });
        let record = waiter.blocked();
        assert_eq!((record.name, record.holder), (Some("news"), None));
        assert_eq!(format!("{CONDITION:?}"), shown(true));
        if end == 0 {
            CONDITION.notify(&LOCK.acquire(), 1);
        } else {
            stop.request_stop();
        }
        let _ = waiter.join();
        assert_eq!(format!("{CONDITION:?}"), shown(false));
    }
    assert!(Condition::default().name().is_none());
}
