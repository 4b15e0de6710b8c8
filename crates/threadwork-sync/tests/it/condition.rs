//! `Condition`: which waiters are notified, in which order, and what happens to the lock.

use std::{num::NonZeroU64, sync::Arc, time::Duration};

use threadwork_sync::{
    Condition, Lock, RLock, RawLock, StopSource, Wait, WaitError, WaitKind, get_ident,
};

use crate::{
    objects::{start_waiting, stopped, until},
    support::Helper,
};

/// A condition, and a lock around the list of the threads whose waits succeeded, in order.
struct Place {
    order: Lock<Vec<NonZeroU64>>,
    condition: Condition,
}

fn both_kinds() -> [Arc<Place>; 2] {
    [RawLock::new(), RawLock::fair()].map(|raw| {
        Arc::new(Place { order: Lock::from_raw(raw, Vec::new()), condition: Condition::new() })
    })
}

impl Place {
    /// Starts a thread that waits, and that adds its number to the list if it was notified.
    #[track_caller]
    fn queue_with(self: &Arc<Place>, wait: Wait) -> Helper<Result<(), WaitError>> {
        let place = Arc::clone(self);
        start_waiting(WaitKind::Condition, move || {
            let mut order = place.order.acquire();
            let ended = place.condition.wait_with(&mut order, &wait);
            assert_eq!(place.order.holder(), Some(get_ident()), "however the wait ended");
            if ended.is_ok() {
                order.push(get_ident());
            }
            ended
        })
    }

    #[track_caller]
    fn queue(self: &Arc<Place>) -> Helper<Result<(), WaitError>> {
        self.queue_with(Wait::forever())
    }

    fn notify(&self, n: usize) -> usize {
        self.condition.notify(&self.order.acquire(), n)
    }

    #[track_caller]
    fn assert_order<'a>(
        &self,
        expected: impl IntoIterator<Item = &'a Helper<Result<(), WaitError>>>,
    ) {
        let expected: Vec<_> = expected.into_iter().map(Helper::ident).collect();
        assert_eq!(*self.order.acquire(), expected);
    }
}

#[track_caller]
fn finish(waiters: &[Helper<Result<(), WaitError>>]) {
    for waiter in waiters {
        crate::support::eventually("a waiter does not return", || {
            waiter.is_finished().then_some(())
        });
    }
}

#[test]
fn a_wait_releases_the_lock_and_acquires_it_again() {
    for place in both_kinds() {
        let waiter = place.queue();
        assert!(!place.order.is_locked());
        assert_eq!(place.notify(1), 1);
        assert_eq!(waiter.join(), Ok(()));
        assert!(!place.order.is_locked());
    }
}

#[test]
fn notify_wakes_n_waiters_in_order_of_arrival() {
    for place in both_kinds() {
        let mut waiters: Vec<_> = (0..7).map(|_| place.queue()).collect();
        assert_eq!(place.notify(3), 3);
        finish(&waiters[..3]);
        place.assert_order(&waiters[..3]);
        assert_eq!(place.notify(1), 1);
        finish(&waiters[3..4]);
        place.assert_order(&waiters[..4]);
        assert_eq!(place.notify(9), 3, "the number of remaining waiters");
        finish(&waiters);
        place.assert_order(&waiters);
        waiters.drain(..).for_each(|it| it.join().unwrap());
    }
}

#[test]
fn notify_all_wakes_all_in_order_of_arrival() {
    for place in both_kinds() {
        let waiters: Vec<_> = (0..7).map(|_| place.queue()).collect();
        assert_eq!(place.condition.notify_all(&place.order.acquire()), 7);
        finish(&waiters);
        place.assert_order(&waiters);
        waiters.into_iter().for_each(|it| it.join().unwrap());
    }
}

#[test]
fn a_notification_without_waiters_changes_nothing_and_is_not_remembered() {
    for place in both_kinds() {
        assert_eq!((place.notify(1), place.notify(usize::MAX)), (0, 0));
        let mut order = place.order.acquire();
        assert_eq!(
            place.condition.wait_timeout(&mut order, Duration::ZERO),
            Err(WaitError::TimedOut)
        );
        drop(order);

        let waiter = place.queue();
        assert_eq!(place.notify(0), 0, "`n` is zero");
        assert_eq!(place.notify(1), 1);
        waiter.join().unwrap();
        assert_eq!(place.notify(1), 0);
    }
}

#[test]
fn a_notified_thread_returns_only_once_the_lock_is_released() {
    for place in both_kinds() {
        let waiter = place.queue();
        let order = place.order.acquire();
        assert_eq!(place.condition.notify(&order, 1), 1);
        assert_eq!(place.condition.notify(&order, 1), 0, "the only waiter is notified already");
        waiter.blocked();
        assert!(order.is_empty());
        drop(order);
        waiter.join().unwrap();
    }
}

#[test]
fn a_thread_that_waits_behind_a_notification_waits_for_the_next() {
    for place in both_kinds() {
        let early = place.queue();
        assert_eq!(place.notify(1), 1);
        early.join().unwrap();
        let late = place.queue();
        late.blocked();
        assert_eq!(place.notify(5), 1);
        late.join().unwrap();
    }
}

#[test]
fn a_stopped_waiter_uses_up_no_notification() {
    for leaver in 0..3 {
        for place in both_kinds() {
            let stop = StopSource::new();
            let mut waiters: Vec<_> = (0..3)
                .map(|it| {
                    place.queue_with(if it == leaver { until(&stop) } else { Wait::forever() })
                })
                .collect();
            // With the lock held, so that the stopped thread cannot have left when the others are notified.
            let order = place.order.acquire();
            stop.request_stop();
            assert_eq!(place.condition.notify(&order, 1), 1);
            assert_eq!(place.condition.notify(&order, 5), 1);
            drop(order);
            assert_eq!(waiters.remove(leaver).join(), Err(WaitError::Stopped));
            finish(&waiters);
            assert_eq!(place.order.acquire().len(), 2);
            if place.order.is_fair() {
                // On a lock that is not fair, the stopped thread may have acquired the lock first, and the first waiter queues again.
                place.assert_order(&waiters);
            }
            waiters.into_iter().for_each(|it| it.join().unwrap());
        }
    }
}

#[test]
fn a_stop_after_the_notification_comes_too_late() {
    for place in both_kinds() {
        let stop = StopSource::new();
        let notified = place.queue_with(until(&stop));
        let order = place.order.acquire();
        assert_eq!(place.condition.notify(&order, 1), 1);
        stop.request_stop();
        drop(order);
        assert_eq!(notified.join(), Ok(()));
        let mut order = place.order.acquire();
        assert_eq!(place.condition.wait_with(&mut order, &stopped()), Err(WaitError::Stopped));
    }
}

#[test]
fn a_stop_before_the_wait_ends_it_and_the_lock_stays_held() {
    for place in both_kinds() {
        let mut order = place.order.acquire();
        assert_eq!(place.condition.wait_with(&mut order, &stopped()), Err(WaitError::Stopped));
        assert_eq!(place.order.holder(), Some(get_ident()));
        assert_eq!(place.condition.notify_all(&order), 0);
    }
}

#[test]
fn nothing_but_a_notification_wakes_a_waiter() {
    for place in both_kinds() {
        let waiter = place.queue();
        let elsewhere = Condition::new();
        for _ in 0..500 {
            let mut order = place.order.acquire();
            assert_eq!(elsewhere.notify_all(&order), 0);
            assert_eq!(
                elsewhere.wait_timeout(&mut order, Duration::ZERO),
                Err(WaitError::TimedOut)
            );
            assert_eq!(
                place.condition.wait_timeout(&mut order, Duration::ZERO),
                Err(WaitError::TimedOut)
            );
            assert!(order.is_empty());
        }
        let stop = StopSource::new();
        let other = place.queue_with(until(&stop));
        stop.request_stop();
        assert_eq!(other.join(), Err(WaitError::Stopped));
        waiter.blocked();
        assert_eq!(place.notify(usize::MAX), 1, "the waiter is still in the queue");
        waiter.join().unwrap();
    }
}

/// Checks that a wait releases all levels of the lock and restores them, however it ends.
#[track_caller]
fn check_levels(fair: bool, wait: Wait, end: impl FnOnce(&RLock<()>, &Condition)) -> bool {
    let raw = if fair { threadwork_sync::RawRLock::fair() } else { Default::default() };
    let shared = Arc::new((RLock::from_raw(raw, ()), Condition::new()));
    let inside = Arc::clone(&shared);
    let waiter = start_waiting(WaitKind::Condition, move || {
        let (lock, condition) = &*inside;
        let _outer = [lock.acquire(), lock.acquire()];
        let mut guard = lock.acquire();
        let ended = condition.wait_with(&mut guard, &wait);
        assert_eq!((lock.depth(), lock.holder()), (3, Some(get_ident())));
        ended.is_ok()
    });
    let (lock, condition) = &*shared;
    assert!(!lock.is_locked(), "the wait released all levels");
    end(lock, condition);
    let notified = waiter.join();
    assert!(!lock.is_locked(), "as many levels were restored as guards were dropped");
    notified
}

#[test]
fn a_wait_releases_all_levels_of_a_re_entrant_lock_and_restores_them() {
    for fair in [false, true] {
        let notified = check_levels(fair, Wait::forever(), |lock, condition| {
            let guards = [lock.acquire(), lock.acquire()];
            assert_eq!(lock.depth(), 2, "the depth is this thread's, not the waiting thread's");
            assert_eq!(condition.notify(&guards[0], 1), 1);
        });
        assert!(notified);
        let stop = StopSource::new();
        assert!(!check_levels(fair, until(&stop), |_, _| _ = stop.request_stop()));
    }
    let (lock, condition) = (RLock::new(()), Condition::new());
    let (_outer, mut guard) = (lock.acquire(), lock.acquire());
    assert_eq!(condition.wait_timeout(&mut guard, Duration::ZERO), Err(WaitError::TimedOut));
    assert_eq!(condition.wait_with(&mut guard, &stopped()), Err(WaitError::Stopped));
    assert_eq!(lock.depth(), 2);
}

#[test]
fn conditions_of_one_lock_are_independent() {
    static ORDER: Lock<Vec<u8>> = Lock::new(Vec::new());
    static CONDITIONS: [Condition; 3] = [Condition::new(), Condition::new(), Condition::new()];
    let waiters: Vec<_> = (0..3)
        .map(|it: u8| {
            start_waiting(WaitKind::Condition, move || {
                let mut order = ORDER.acquire();
                CONDITIONS[usize::from(it)].wait(&mut order);
                order.push(it);
            })
        })
        .collect();
    for (it, waiter) in waiters.into_iter().enumerate().rev() {
        assert_eq!(CONDITIONS[it].notify_all(&ORDER.acquire()), 1);
        waiter.join();
    }
    assert_eq!(*ORDER.acquire(), [2, 1, 0]);
}

#[test]
fn two_threads_take_turns_a_thousand_times() {
    static TURN: Lock<u32> = Lock::new(0);
    static CONDITIONS: [Condition; 2] = [Condition::new(), Condition::new()];
    let threads = [0, 1].map(|me: u32| {
        Helper::start(move || {
            let [mine, other] = [me, 1 - me].map(|it| &CONDITIONS[it as usize]);
            for _ in 0..500 {
                let mut turn = TURN.acquire();
                mine.wait_for(&mut turn, |turn| (**turn % 2 == me).then_some(()));
                *turn += 1;
                other.notify(&turn, 1);
            }
        })
    });
    threads.into_iter().for_each(Helper::join);
    assert_eq!(*TURN.acquire(), 1000);
}

#[test]
fn a_condition_may_be_dropped_by_the_last_thread_that_waited_at_it() {
    for _ in 0..50 {
        for place in both_kinds() {
            let waiter = place.queue();
            place.notify(1);
            drop(place);
            waiter.join().unwrap();
        }
    }
}
