//! Waits for any of several objects: a sleeper in several queues misses nothing, takes nothing, and stays nowhere.

use std::panic::Location;

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Barrier, Event, Latch, Semaphore, StopSource, Wait, WaitError, Waitable,
    internal::{
        any::Several,
        model::{let_time_pass, n_parked},
    },
    wait_any,
};

use crate::{Data, check, timed};

/// Two objects, whose queues are in different buckets, and the data that is written before each of them is ready.
#[derive(Default)]
struct Shared {
    event: Event,
    before_event: Data,
    semaphore: Semaphores,
    before_release: Data,
}

struct Semaphores(Semaphore);

impl Default for Semaphores {
    fn default() -> Self {
        Semaphores(Semaphore::new(0))
    }
}

impl Shared {
    fn set(&self) {
        self.before_event.add_one();
        self.event.set();
    }

    fn release(&self) {
        self.before_release.add_one();
        self.semaphore.0.release(1).unwrap();
    }

    fn wait(&self, wait: &Wait) -> Result<usize, WaitError> {
        let ready = wait_any(&[&self.event, &self.semaphore.0], wait);
        match ready {
            Ok(0) => assert_eq!(self.before_event.get(), 1),
            Ok(_) => assert_eq!(self.before_release.get(), 1),
            Err(_) => (),
        }
        ready
    }
}

fn spawn<S: 'static, T: 'static>(
    shared: &Arc<S>,
    f: impl FnOnce(&S) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

/// A sleeper in two queues against one wake-up: it returns, and sees what was written before.
#[test]
fn a_wait_for_two_ends_with_the_one_that_is_ready() {
    for at in [0, 1] {
        check(2, move || {
            let shared = Arc::new(Shared::default());
            let waiter = spawn(&shared, |it| it.wait(&Wait::forever()));
            if at == 0 {
                shared.set();
            } else {
                shared.release();
            }
            assert_eq!(waiter.join().unwrap(), Ok(at));
            assert_eq!((n_parked(), shared.semaphore.0.available()), (0, at));
        });
    }
}

/// A sleeper in two queues against a wake-up in each: it returns the lowest one that is ready, takes nothing, and leaves both queues.
#[test]
fn a_wait_for_two_meets_two_wake_ups() {
    check(3, || {
        let shared = Arc::new(Shared::default());
        let waiter = spawn(&shared, |it| it.wait(&Wait::forever()));
        let setter = spawn(&shared, Shared::set);
        shared.release();
        waiter.join().unwrap().unwrap();
        setter.join().unwrap();
        assert_eq!(shared.wait(&Wait::forever()), Ok(0));
        assert_eq!((n_parked(), shared.semaphore.0.available()), (0, 1));
    });
}

/// A stop against a wake-up of a sleeper in two queues: one of them ends the wait, and the sleeper leaves all queues.
#[test]
fn a_stop_meets_a_wake_up_of_a_wait_for_two() {
    check(3, || {
        let (shared, stop) = (Arc::new(Shared::default()), StopSource::new());
        let wait = Wait::forever().or_stop(&stop.token());
        let waiter = spawn(&shared, move |it| it.wait(&wait));
        let stopper = thread::spawn(move || stop.request_stop());
        shared.release();
        let ended = waiter.join().unwrap();
        assert!(stopper.join().unwrap());
        assert!(matches!(ended, Ok(1) | Err(WaitError::Stopped)));
        assert_eq!((n_parked(), shared.semaphore.0.available()), (0, 1));
    });
}

/// A stop alone ends the wait, and a stop that is waited for is ready.
#[test]
fn a_stop_ends_a_wait_for_two_and_a_wait_for_itself() {
    check(2, || {
        let (shared, stop) = (Arc::new(Shared::default()), StopSource::new());
        let wait = Wait::forever().or_stop(&stop.token());
        let waiter = spawn(&shared, move |it| it.wait(&wait));
        stop.request_stop();
        assert_eq!(waiter.join().unwrap(), Err(WaitError::Stopped));
        assert_eq!(n_parked(), 0);
    });
    check(2, || {
        let (shared, stop) = (Arc::new(Shared::default()), StopSource::new());
        let token = stop.token();
        let waiter = spawn(&shared, move |it| {
            let ready = wait_any(&[&it.semaphore.0, &token], &Wait::forever());
            it.before_event.get();
            ready
        });
        shared.before_event.add_one();
        stop.request_stop();
        assert_eq!(waiter.join().unwrap(), Ok(1));
        assert_eq!(n_parked(), 0);
    });
}

/// A timeout against a wake-up of a sleeper in two queues.
#[test]
fn a_timeout_meets_a_wake_up_of_a_wait_for_two() {
    check(3, || {
        let shared = Arc::new(Shared::default());
        let waiter = spawn(&shared, |it| it.wait(&timed()));
        let clock = thread::spawn(let_time_pass);
        shared.set();
        let ended = waiter.join().unwrap();
        clock.join().unwrap();
        assert!(matches!(ended, Ok(0) | Err(WaitError::TimedOut)));
        assert_eq!(n_parked(), 0);
    });
}

/// A release with a watcher and a taker: the taker always gets the permit, and no wake-up of the watcher is lost: once the taker has put the
/// permit back, the watcher finds it.
#[test]
fn a_release_serves_the_taker_and_the_watcher() {
    check(3, || {
        let shared = Arc::new(Shared::default());
        let watcher = spawn(&shared, |it| it.wait(&Wait::forever()));
        let taker = spawn(&shared, |it| drop(it.semaphore.0.acquire()));
        shared.release();
        taker.join().unwrap();
        assert_eq!(watcher.join().unwrap(), Ok(1));
        assert_eq!((n_parked(), shared.semaphore.0.available()), (0, 1));
    });
}

/// The same while permits are handed over, with a taker that keeps its permits.
#[test]
fn a_hand_over_serves_the_taker_and_the_watcher() {
    check(3, || {
        let shared = Arc::new(Shared::default());
        let watcher = spawn(&shared, |it| it.wait(&Wait::forever()));
        let taker = spawn(&shared, |it| it.semaphore.0.acquire_many(2).forget());
        shared.before_release.add_one();
        shared.semaphore.0.release(3).unwrap();
        taker.join().unwrap();
        assert_eq!(watcher.join().unwrap(), Ok(1));
        assert_eq!((n_parked(), shared.semaphore.0.available()), (0, 1));
    });
}

/// A thread that stands in the queue when an event is set is released, even if the event is cleared at once.
#[test]
fn a_clear_does_not_hide_the_set_from_a_wait_for_two() {
    check(2, || {
        let shared = Arc::new(Shared::default());
        let waiter = spawn(&shared, |it| it.wait(&Wait::forever()));
        // The queue of the event is entered first.
        let waits = n_parked() > 0;
        shared.set();
        if waits {
            shared.event.clear();
        }
        assert_eq!(waiter.join().unwrap(), Ok(0));
        assert_eq!((n_parked(), shared.event.is_set()), (0, !waits));
    });
}

/// The end of a round or the count of a latch: the watcher of a barrier sees what the parties did, and is no party.
#[test]
fn a_round_of_a_barrier_ends_a_wait_for_two() {
    check(3, || {
        let shared = Arc::new((Barrier::new(2), Latch::new(1), Data::default()));
        let watcher = spawn(&shared, |it| {
            let ready = wait_any(&[&it.0, &it.1], &Wait::forever());
            assert_eq!(it.2.get(), 1);
            ready.unwrap()
        });
        let party = spawn(&shared, |it| it.0.wait().unwrap().is_leader());
        shared.2.add_one();
        let leads = shared.0.wait().unwrap().is_leader();
        assert_ne!(party.join().unwrap(), leads);
        shared.1.count_down(1).unwrap();
        watcher.join().unwrap();
        assert_eq!(n_parked(), 0);
    });
}

/// A watch that lasts is told of each event once.
#[test]
fn a_lasting_watch_misses_no_event() {
    check(3, || {
        let events = Arc::new([Event::new(), Event::new()]);
        let setters = [0, 1].map(|at| spawn(&events, move |it| it[at].set()));
        let targets = events.iter().map(|it| it.target(Location::caller()));
        let mut several = Several::new(targets);
        let mut ready = [(); 2].map(|()| several.next(&Wait::forever()).unwrap().unwrap());
        ready.sort_unstable();
        assert_eq!((ready, several.try_next(), several.len()), ([0, 1], None, 0));
        setters.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(n_parked(), 0);
    });
}

/// A watch that lasts and is told at the moment when it is dropped leaves all queues.
#[test]
fn a_lasting_watch_is_told_while_it_is_dropped() {
    check(2, || {
        let events = Arc::new([Event::new(), Event::new()]);
        let setter = spawn(&events, move |it| it[0].set());
        let targets = events.iter().map(|it| it.target(Location::caller()));
        drop(Several::new(targets));
        assert_eq!(n_parked(), 0);
        setter.join().unwrap();
    });
}

/// A stop or a set ends the wait of a watch that lasts, and a stop is not taken for an object.
#[test]
fn a_lasting_watch_meets_a_stop() {
    check(3, || {
        let (events, stop) = (Arc::new([Event::new(), Event::new()]), StopSource::new());
        let wait = Wait::forever().or_stop(&stop.token());
        let setter = spawn(&events, move |it| it[1].set());
        let stopper = thread::spawn(move || stop.request_stop());
        let targets = events.iter().map(|it| it.target(Location::caller()));
        let mut several = Several::new(targets);
        let first = several.next(&wait);
        assert!(matches!(first, Ok(Some(1)) | Err(WaitError::Stopped)));
        if first.is_err() {
            assert_eq!(several.next(&Wait::forever()), Ok(Some(1)));
        }
        setter.join().unwrap();
        assert!(stopper.join().unwrap());
        drop(several);
        assert_eq!(n_parked(), 0);
    });
}
