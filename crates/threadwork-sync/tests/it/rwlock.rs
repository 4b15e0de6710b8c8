//! `RwLock`: readers, writers, and the order of waiters.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{
    RwLock, RwLockUpgradableGuard, RwLockWriteGuard, StopSource, WaitError, WaitKind, get_ident,
};

use crate::{
    objects::{start_waiting, stopped, until},
    support::Helper,
};

type Order = Arc<Mutex<Vec<&'static str>>>;

/// Threads in the queue of a lock, each of which adds what it did to a list once it has the lock.
struct Queue {
    lock: Arc<RwLock<u32>>,
    order: Order,
}

impl Queue {
    fn new() -> Queue {
        Queue { lock: Arc::new(RwLock::new(0)), order: Order::default() }
    }

    /// Starts a thread that calls `f`, and returns once it waits. `f` calls its argument when it has the lock.
    #[track_caller]
    fn start(
        &self,
        what: &'static str,
        f: impl FnOnce(&RwLock<u32>, &dyn Fn()) + Send + 'static,
    ) -> Helper<()> {
        let (lock, order) = (Arc::clone(&self.lock), Arc::clone(&self.order));
        start_waiting(WaitKind::RwLock, move || {
            f(&lock, &|| order.lock().unwrap().push(what));
        })
    }

    #[track_caller]
    fn reader(&self) -> Helper<()> {
        self.start("read", |lock, note| {
            let _guard = lock.read();
            assert_eq!(lock.writer(), None);
            note();
        })
    }

    #[track_caller]
    fn writer(&self) -> Helper<()> {
        self.start("written", |lock, note| {
            let mut value = lock.write();
            assert_eq!((lock.writer(), lock.n_readers()), (Some(get_ident()), 0));
            *value += 1;
            note();
        })
    }
}

/// Whether another thread could now read, read upgradably, and write.
fn open_to(lock: &RwLock<u32>) -> [bool; 3] {
    let looks: [fn(&RwLock<u32>) -> bool; 3] = [
        |it| it.try_read().is_some(),
        |it| it.try_upgradable_read().is_some(),
        |it| it.try_write().is_some(),
    ];
    looks.map(|look| look(lock))
}

const FREE: [bool; 3] = [true, true, true];
const READ: [bool; 3] = [true, true, false];
const READ_UPGRADABLY: [bool; 3] = [true, false, false];
const SHUT: [bool; 3] = [false, false, false];

#[test]
fn readers_read_together_and_exclude_writers() {
    let lock = RwLock::new(7);
    assert_eq!(open_to(&lock), FREE);
    let readers = [lock.read(), lock.try_read().unwrap(), lock.read_with(&stopped()).unwrap()];
    assert!(readers.iter().all(|it| **it == 7));
    assert_eq!((lock.n_readers(), lock.writer()), (3, None));
    assert_eq!(open_to(&lock), READ);
    drop(readers);
    assert_eq!(open_to(&lock), FREE);
    assert_eq!(lock.n_readers(), 0);
}

#[test]
fn a_writer_is_alone_and_known() {
    let lock = RwLock::new(7);
    let mut writer = lock.write();
    *writer += 1;
    assert_eq!((lock.n_readers(), lock.writer()), (0, Some(get_ident())));
    assert_eq!(open_to(&lock), SHUT);
    drop(writer);
    assert_eq!(lock.writer(), None);
    drop(lock.try_write().unwrap());
    drop(lock.write_with(&stopped()).unwrap());
    assert_eq!(lock.writer(), None);
    assert_eq!(*lock.read(), 8);
}

#[test]
fn there_is_one_upgradable_reader_beside_the_plain_ones() {
    let lock = RwLock::new(7);
    let upgradable = lock.upgradable_read();
    assert_eq!(open_to(&lock), READ_UPGRADABLY);
    let plain = lock.read();
    assert_eq!((*upgradable + *plain, lock.n_readers()), (14, 2));
    drop(upgradable);
    assert_eq!(open_to(&lock), READ);
    drop(lock.try_upgradable_read().unwrap());
    drop(lock.upgradable_read_with(&stopped()).unwrap());
    drop(plain);
    assert_eq!(open_to(&lock), FREE);
}

#[test]
fn every_form_says_what_ended_the_wait() {
    let lock = RwLock::new(7);
    let none = Duration::ZERO;
    let guard = lock.write();
    assert_eq!(lock.read_timeout(none).unwrap_err(), WaitError::TimedOut);
    assert_eq!(lock.write_timeout(none).unwrap_err(), WaitError::TimedOut);
    assert_eq!(lock.upgradable_read_timeout(none).unwrap_err(), WaitError::TimedOut);
    assert_eq!(lock.read_with(&stopped()).unwrap_err(), WaitError::Stopped);
    assert_eq!(lock.write_with(&stopped()).unwrap_err(), WaitError::Stopped);
    assert_eq!(lock.upgradable_read_with(&stopped()).unwrap_err(), WaitError::Stopped);
    drop(guard);
    assert_eq!(open_to(&lock), FREE, "the failed waits left nothing behind");
    assert_eq!(*lock.read_timeout(none).unwrap(), 7);
    assert_eq!(*lock.write_timeout(none).unwrap(), 7);
    assert_eq!(*lock.upgradable_read_timeout(none).unwrap(), 7);
}

#[test]
fn a_waiting_writer_holds_later_readers_back() {
    let queue = Queue::new();
    let reading = queue.lock.read();
    let writer = queue.writer();
    assert_eq!(open_to(&queue.lock), SHUT);
    let late = queue.reader();
    assert_eq!(queue.lock.n_readers(), 1, "the later reader does not read yet");
    drop(reading);
    writer.join();
    late.join();
    assert_eq!(*queue.order.lock().unwrap(), ["written", "read"]);
    assert_eq!(*queue.lock.read(), 1);
    assert_eq!(open_to(&queue.lock), FREE);
}

#[test]
fn waiters_are_woken_in_order_and_readers_together() {
    static BOTH_READ: threadwork_sync::Barrier = threadwork_sync::Barrier::new(2);
    let queue = Queue::new();
    let writing = queue.lock.write();
    let first = [queue.writer()];
    let readers = [0; 2].map(|_| {
        queue.start("read", |lock, note| {
            let _guard = lock.read();
            note();
            BOTH_READ.wait().unwrap();
        })
    });
    let last = [queue.writer()];
    drop(writing);
    first.into_iter().chain(readers).chain(last).for_each(Helper::join);
    assert_eq!(*queue.lock.read(), 2);
    let order = queue.order.lock().unwrap();
    assert_eq!(order[0], "written");
    assert!(
        order[1..] == ["read", "read", "written"] || order[1..] == ["written", "read", "read"],
        "the last writer was woken with the readers, and may have come first: {order:?}"
    );
}

#[test]
fn a_writer_that_waits_for_readers_writes_after_the_last() {
    let queue = Queue::new();
    let readers = [queue.lock.read(), queue.lock.read()];
    let writer = queue.start("written", |lock, _| {
        let guard = lock.write();
        assert_eq!(lock.writer(), Some(get_ident()), "it is the only thread inside");
        assert_eq!(open_to(lock), SHUT);
        drop(guard);
    });
    let [first, second] = readers;
    drop(first);
    writer.blocked();
    assert_eq!(queue.lock.n_readers(), 1);
    drop(second);
    writer.join();
    assert_eq!(queue.lock.writer(), None);
}

#[test]
fn readers_behind_a_stopped_writer_get_the_lock() {
    let queue = Queue::new();
    let stop = StopSource::new();
    let wait = until(&stop);
    let reading = queue.lock.read();
    let writer = {
        let lock = Arc::clone(&queue.lock);
        start_waiting(WaitKind::RwLock, move || lock.write_with(&wait).map(drop))
    };
    let behind = [queue.reader(), queue.reader()];
    stop.request_stop();
    assert_eq!(writer.join(), Err(WaitError::Stopped));
    behind.into_iter().for_each(Helper::join);
    assert_eq!(queue.lock.n_readers(), 1, "they read beside this thread");
    assert_eq!(open_to(&queue.lock), READ);
    drop(reading);
    assert_eq!(open_to(&queue.lock), FREE);
}

#[test]
fn waiters_behind_a_stopped_reader_keep_their_places() {
    let queue = Queue::new();
    let stop = StopSource::new();
    let wait = until(&stop);
    let writing = queue.lock.write();
    let reader = {
        let lock = Arc::clone(&queue.lock);
        start_waiting(WaitKind::RwLock, move || lock.read_with(&wait).map(drop))
    };
    let behind = [queue.writer(), queue.reader()];
    stop.request_stop();
    assert_eq!(reader.join(), Err(WaitError::Stopped));
    behind.iter().for_each(|it| _ = it.blocked());
    drop(writing);
    behind.into_iter().for_each(Helper::join);
    assert_eq!(*queue.order.lock().unwrap(), ["written", "read"]);
    assert_eq!(open_to(&queue.lock), FREE);
}

#[test]
fn a_downgrade_lets_no_writer_come_in_between() {
    let queue = Queue::new();
    let mut writing = queue.lock.write();
    *writing = 10;
    let waiting = [queue.reader(), queue.writer()];
    let reading = RwLockWriteGuard::downgrade(writing);
    let [reader, writer] = waiting;
    reader.join();
    writer.blocked();
    assert_eq!((*reading, queue.lock.n_readers(), queue.lock.writer()), (10, 1, None));
    drop(reading);
    writer.join();
    assert_eq!(*queue.lock.read(), 11);

    let upgradable = queue.lock.upgradable_read();
    let other = queue.start("upgradable", |lock, _| drop(lock.upgradable_read()));
    let reading = RwLockUpgradableGuard::downgrade(upgradable);
    other.join();
    assert_eq!(queue.lock.n_readers(), 1);
    assert_eq!(open_to(&queue.lock), READ);
    drop(reading);
    assert_eq!(open_to(&queue.lock), FREE);
}

#[test]
fn a_writer_excludes_all_others_under_load() {
    static LOCK: RwLock<[u32; 2]> = RwLock::new([0, 0]);
    static WRITING: AtomicBool = AtomicBool::new(false);
    static READING: AtomicU32 = AtomicU32::new(0);
    static UPGRADABLE: AtomicBool = AtomicBool::new(false);
    fn write(guard: &mut RwLockWriteGuard<'_, [u32; 2]>) {
        assert!(!WRITING.swap(true, Ordering::Relaxed));
        assert_eq!(READING.load(Ordering::Relaxed), 0);
        assert_eq!(LOCK.writer(), Some(get_ident()));
        let [left, right] = &mut **guard;
        *left += 1;
        *right += 1;
        WRITING.store(false, Ordering::Relaxed);
    }
    let threads: Vec<_> = (0..4)
        .map(|seed| {
            Helper::start(move || {
                let mut chance = threadwork_test_support::chance::Chance::new(seed);
                let mut written = 0;
                for _ in 0..1000 {
                    match chance.below(6) {
                        0 => {
                            write(&mut LOCK.write());
                            written += 1;
                        }
                        1 => {
                            let guard = LOCK.upgradable_read();
                            assert!(!UPGRADABLE.swap(true, Ordering::Relaxed));
                            let before = *guard;
                            UPGRADABLE.store(false, Ordering::Relaxed);
                            let mut guard = RwLockUpgradableGuard::upgrade(guard);
                            assert_eq!(*guard, before, "no thread wrote in between");
                            write(&mut guard);
                            written += 1;
                            let after = *guard;
                            assert_eq!(*RwLockWriteGuard::downgrade(guard), after);
                        }
                        2 => {
                            let guard = LOCK.upgradable_read();
                            if let Err((guard, error)) = RwLockUpgradableGuard::upgrade_timeout(
                                guard,
                                Duration::from_micros(chance.below(50)),
                            ) {
                                assert_eq!(error, WaitError::TimedOut);
                                drop(RwLockUpgradableGuard::downgrade(guard));
                            }
                        }
                        3 => drop(LOCK.write_timeout(Duration::from_micros(20))),
                        _ => {
                            let guard = LOCK.read();
                            READING.fetch_add(1, Ordering::Relaxed);
                            assert!(!WRITING.load(Ordering::Relaxed));
                            assert_eq!(guard[0], guard[1]);
                            READING.fetch_sub(1, Ordering::Relaxed);
                        }
                    }
                }
                written
            })
        })
        .collect();
    let written: u32 = threads.into_iter().map(Helper::join).sum();
    assert_eq!(*LOCK.try_write().unwrap(), [written; 2]);
    assert_eq!((LOCK.writer(), LOCK.n_readers()), (None, 0));
}
