//! Conditions: a notification wakes exactly one thread that waited before it, and is never lost.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Condition, ConditionWaitError, Lock, RLock, RawCondition, RawLock, StopSource, Wait, WaitError,
    internal::model::let_time_pass,
};

use crate::{Data, KINDS, check, check_all, timed};

/// The state that threads wait for.
#[derive(Default)]
struct State {
    /// Items that waiters take.
    items: Data,
    taken: Data,
    /// The number of threads that began to wait.
    waited: Data,
    /// Once this is set, threads do not begin to wait.
    closed: Data,
}

struct Shared {
    lock: Lock<State>,
    condition: Condition,
}

impl Shared {
    fn new(raw: RawLock) -> Arc<Shared> {
        let lock = Lock::from_raw(raw, State::default());
        Arc::new(Shared { lock, condition: Condition::new() })
    }

    /// Waits once. Returns `None` if there will be no more notifications.
    fn wait_once(&self, wait: &Wait) -> Option<Result<(), WaitError>> {
        let mut guard = self.lock.acquire();
        if guard.closed.get() != 0 {
            return None;
        }
        guard.waited.add_one();
        let ended = self.condition.wait_with(&mut guard, wait);
        guard.taken.add_one();
        Some(ended)
    }

    fn notify(&self, n: usize) -> usize {
        let guard = self.lock.acquire();
        self.condition.notify(&guard, n)
    }

    /// Notifies all waiters; no thread waits after this.
    fn close(&self) -> usize {
        let guard = self.lock.acquire();
        guard.closed.add_one();
        self.condition.notify_all(&guard)
    }

    /// Checks that the condition has no waiters, so that it can be used with another lock.
    fn check_unused(&self) {
        let other = Lock::new(());
        assert_eq!(self.condition.notify_all(&other.acquire()), 0);
    }
}

fn spawn<T: 'static>(
    shared: &Arc<Shared>,
    f: impl FnOnce(&Shared) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

/// A waiter does not miss a notification made with the lock held, and sees what was written before it.
#[test]
fn a_notification_reaches_a_thread_that_waited_before_it() {
    check_all(4, |raw| {
        let shared = Shared::new(raw);
        let waiter = spawn(&shared, |it| {
            let mut guard = it.lock.acquire();
            it.condition.wait_for(&mut guard, |it| (it.items.get() > 0).then_some(()));
            guard.taken.add_one();
        });
        {
            let guard = shared.lock.acquire();
            guard.items.add_one();
            shared.condition.notify(&guard, 1);
        }
        waiter.join().unwrap();
        assert_eq!(shared.lock.acquire().taken.get(), 1);
        shared.check_unused();
    });
}

/// Of two waiters exactly one wakes up for each notification.
#[test]
fn one_notification_wakes_one_of_two() {
    check_all(4, |raw| {
        let shared = Shared::new(raw);
        let waiters =
            [(); 2].map(|()| spawn(&shared, |it| it.wait_once(&Wait::forever()).is_some()));
        let (waited, notified) = {
            let guard = shared.lock.acquire();
            (guard.waited.get(), shared.condition.notify(&guard, 1))
        };
        assert_eq!(notified, usize::from(waited > 0), "no waiter is overlooked");
        let left = shared.close();
        let woken = waiters.into_iter().map(|it| usize::from(it.join().unwrap()));
        assert_eq!(woken.sum::<usize>(), notified + left);
        shared.check_unused();
    });
}

/// Two waiters that are notified together get the lock one after the other, even if other threads want it.
#[test]
fn all_waiters_notified_together_get_the_lock() {
    check_all(4, |raw| {
        let shared = Shared::new(raw);
        let waiters = [(); 2].map(|()| spawn(&shared, |it| it.wait_once(&Wait::forever())));
        shared.close();
        shared.lock.acquire().items.add_one();
        waiters.into_iter().for_each(|it| _ = it.join().unwrap());
        let guard = shared.lock.acquire();
        assert_eq!((guard.taken.get(), guard.items.get()), (guard.waited.get(), 1));
        drop(guard);
        shared.check_unused();
    });
}

/// Checks that as many waits succeed as there were notifications, however the other waits end.
fn check_giving_up(wait: fn(&StopSource) -> Wait, end: fn(&StopSource), others: usize) {
    // Models of four threads take seconds, so they run with one kind of lock.
    let kinds = if others == 0 { &KINDS[..] } else { &KINDS[..1] };
    for new in kinds {
        check(4, move || {
            let shared = Shared::new(new());
            let stop = StopSource::new();
            let others: Vec<_> =
                (0..others).map(|_| spawn(&shared, |it| it.wait_once(&Wait::forever()))).collect();
            let giving_up = {
                let wait = wait(&stop);
                spawn(&shared, move |it| it.wait_once(&wait))
            };
            let ending = {
                let stop = stop.clone();
                thread::spawn(move || end(&stop))
            };
            let notified = shared.notify(1) + shared.close();
            let ended = others.into_iter().chain([giving_up]).map(|it| it.join().unwrap());
            let n_ok = ended.filter(|it| *it == Some(Ok(()))).count();
            assert_eq!(n_ok, notified);
            ending.join().unwrap();
            shared.check_unused();
        });
    }
}

/// A stop at any moment consumes no notification.
#[test]
fn a_stop_loses_no_notification() {
    check_giving_up(|it| Wait::forever().or_stop(&it.token()), |it| _ = it.request_stop(), 1);
}

/// A deadline that passes at any moment consumes no notification.
#[test]
fn a_timeout_loses_no_notification() {
    check_giving_up(|_| timed(), |_| let_time_pass(), 1);
}

/// A stop and a notification of the only waiter leave the condition unused.
#[test]
fn the_last_waiter_may_be_stopped_or_notified() {
    check_giving_up(|it| Wait::forever().or_stop(&it.token()), |it| _ = it.request_stop(), 0);
}

/// A deadline and a notification of the only waiter leave the condition unused.
#[test]
fn the_last_waiter_may_time_out_or_be_notified() {
    check_giving_up(|_| timed(), |_| let_time_pass(), 0);
}

/// When the last waiter leaves, the condition has no waiters, even without a notification.
#[test]
fn the_last_waiter_to_leave_leaves_the_condition_unused() {
    for end in [let_time_pass, || ()] {
        check_all(4, move |raw| {
            let shared = Shared::new(raw);
            let stop = StopSource::new();
            let waiters = [(); 2].map(|()| {
                let wait = timed().or_stop(&stop.token());
                spawn(&shared, move |it| it.wait_once(&wait))
            });
            end();
            stop.request_stop();
            waiters.into_iter().for_each(|it| assert!(it.join().unwrap().unwrap().is_err()));
            shared.check_unused();
        });
    }
}

/// Checks that a thread that begins to wait while another one leaves is notified.
fn check_coming_while_another_leaves(wait: fn(&StopSource) -> Wait, end: fn(&StopSource)) {
    check(4, move || {
        let shared = Shared::new(RawLock::new());
        let stop = StopSource::new();
        let leaving = {
            let wait = wait(&stop);
            spawn(&shared, move |it| it.wait_once(&wait))
        };
        let coming = spawn(&shared, |it| {
            let mut guard = it.lock.acquire();
            it.condition.wait_for(&mut guard, |it| (it.items.get() > 0).then_some(()));
        });
        end(&stop);
        {
            let guard = shared.lock.acquire();
            guard.items.add_one();
            shared.condition.notify_all(&guard);
            guard.closed.add_one();
        }
        coming.join().unwrap();
        leaving.join().unwrap();
        shared.check_unused();
    });
}

/// A stop of one waiter does not hide another one that arrives meanwhile.
#[test]
fn a_stop_hides_no_waiter() {
    check_coming_while_another_leaves(
        |it| Wait::forever().or_stop(&it.token()),
        |it| _ = it.request_stop(),
    );
}

/// The deadline of one waiter does not hide another one that arrives meanwhile.
#[test]
fn a_timeout_hides_no_waiter() {
    check_coming_while_another_leaves(|_| timed(), |_| let_time_pass());
}

/// A wait releases all levels of a re-entrant lock, and restores them when it returns.
#[test]
fn a_wait_restores_the_levels_of_a_reentrant_lock() {
    check(4, || {
        let shared = Arc::new((RLock::new(Data::default()), Condition::new()));
        let waiter = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let outer = shared.0.acquire();
                let mut inner = shared.0.acquire();
                shared.1.wait_for(&mut inner, |it| (it.get() > 0).then_some(()));
                assert_eq!(shared.0.depth(), 2);
                drop(inner);
                outer.add_one();
            })
        };
        {
            let guard = shared.0.acquire();
            guard.add_one();
            shared.1.notify(&guard, 1);
            assert_eq!(shared.0.depth(), 1);
        }
        waiter.join().unwrap();
        assert_eq!(shared.0.acquire().get(), 2);
    });
}

/// A condition with its own lock loses no notification either, and restores the levels after a stop at any moment.
#[test]
fn a_raw_condition_restores_the_levels_however_a_wait_ends() {
    check(4, || {
        let shared = Arc::new((RawCondition::new(), Data::default()));
        let stop = StopSource::new();
        let waiter = {
            let (shared, wait) = (Arc::clone(&shared), Wait::forever().or_stop(&stop.token()));
            thread::spawn(move || {
                let (condition, data) = &*shared;
                condition.acquire();
                condition.acquire();
                let ended = condition.wait_with(&wait);
                assert!(!matches!(ended, Err(ConditionWaitError::NotHolder(_))));
                data.add_one();
                condition.release().unwrap();
                condition.release().unwrap();
                assert!(condition.release().is_err());
                ended.is_ok()
            })
        };
        let stopper = {
            let stop = stop.clone();
            thread::spawn(move || stop.request_stop())
        };
        let (condition, data) = &*shared;
        condition.acquire();
        let notified = condition.notify(1).unwrap();
        data.add_one();
        condition.release().unwrap();
        assert_eq!(waiter.join().unwrap(), notified == 1);
        stopper.join().unwrap();
        assert!(!condition.is_locked());
    });
}

/// Another thread releases a plain lock while its holder notifies: whether the notification sees it free or held, the waiter returns.
#[test]
fn a_release_by_another_thread_in_the_middle_of_a_notification_is_not_lost() {
    for new in KINDS {
        check(3, move || {
            let shared = Arc::new((RawCondition::with_lock(new()), Data::default()));
            let waiter = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    shared.0.acquire();
                    if shared.1.get() == 0 {
                        shared.0.wait().unwrap();
                    }
                    shared.0.release().unwrap();
                })
            };
            shared.0.acquire();
            shared.1.add_one();
            let other = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.0.release().unwrap())
            };
            if shared.0.notify(1).is_err() {
                // The lock was released before the notification.
                shared.0.acquire();
                shared.0.notify(1).unwrap();
                shared.0.release().unwrap();
            }
            other.join().unwrap();
            waiter.join().unwrap();
            assert!(shared.0.try_acquire(), "the lock is free");
        });
    }
}
