//! Read-write locks: a writer is alone, and no thread waits for one that has left.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    RwLock, RwLockUpgradableGuard, RwLockWriteGuard, StopSource, Wait,
    internal::model::let_time_pass,
};

use crate::{Data, check, check_both, timed};

type Shared = Arc<RwLock<Data>>;

fn spawn<T: 'static>(
    lock: &Shared,
    f: impl FnOnce(&RwLock<Data>) -> T + 'static,
) -> thread::JoinHandle<T> {
    let lock = Arc::clone(lock);
    thread::spawn(move || f(&lock))
}

fn read(lock: &RwLock<Data>) -> u32 {
    lock.read().get()
}

fn write(lock: &RwLock<Data>) {
    lock.write().add_one();
}

fn read_and_upgrade(lock: &RwLock<Data>) {
    let seen = lock.upgradable_read();
    let before = seen.get();
    let writer = RwLockUpgradableGuard::upgrade(seen);
    assert_eq!(writer.get(), before, "no thread wrote in between");
    writer.add_one();
}

fn unused(lock: &RwLock<Data>) -> bool {
    let free = lock.try_write().is_some();
    free && (lock.n_readers(), lock.writer()) == (0, None)
}

/// Writers exclude readers and each other, and the next holder sees what they wrote.
#[test]
fn a_writer_is_alone() {
    check_both(4, || {
        let lock = Shared::default();
        let writer = spawn(&lock, write);
        let reader = spawn(&lock, read);
        write(&lock);
        writer.join().unwrap();
        assert!(reader.join().unwrap() <= 2);
        assert_eq!(read(&lock), 2);
        assert!(unused(&lock));
    });
}

/// A writer leaves the lock to a reader and a writer that wait, in whatever order they came. The writer is given the claim if it is behind.
#[test]
fn a_writer_leaves_the_lock_to_a_reader_and_a_writer() {
    check_both(3, || {
        let lock = Shared::default();
        let guard = lock.write();
        let reader = spawn(&lock, read);
        let writer = spawn(&lock, write);
        guard.add_one();
        drop(guard);
        assert!((1..=2).contains(&reader.join().unwrap()));
        writer.join().unwrap();
        assert_eq!(read(&lock), 2);
        assert!(unused(&lock));
    });
}

/// A writer that waits for two readers gets the lock when both have left.
#[test]
fn a_writer_gets_the_lock_from_two_readers() {
    check(4, || {
        let lock = Shared::default();
        let readers = [spawn(&lock, read), spawn(&lock, read)];
        write(&lock);
        readers.into_iter().for_each(|it| assert!(it.join().unwrap() <= 1));
        assert_eq!(read(&lock), 1);
        assert!(unused(&lock));
    });
}

/// A thread that only tries is excluded by the holders, and sees what the last writer wrote, even if other threads wait.
#[test]
fn try_read_sees_what_the_last_writer_wrote() {
    check_both(4, || {
        let lock = Shared::default();
        let guard = lock.write();
        let waiting = spawn(&lock, write);
        let trying = spawn(&lock, |it| it.try_read().is_none_or(|it| it.get() > 0));
        guard.add_one();
        drop(guard);
        waiting.join().unwrap();
        assert!(trying.join().unwrap());
        assert_eq!(read(&lock), 2);
    });
}

/// An upgrade that meets the release of a reader succeeds, alone.
#[test]
fn an_upgrade_does_not_miss_the_release_of_a_reader() {
    check(4, || {
        let lock = Shared::default();
        let readers = [spawn(&lock, read), spawn(&lock, read)];
        read_and_upgrade(&lock);
        readers.into_iter().for_each(|it| assert!(it.join().unwrap() <= 1));
        assert_eq!(read(&lock), 1);
        assert!(unused(&lock));
    });
}

/// An upgrade comes before a writer that waits, which gets the lock after it.
#[test]
fn an_upgrade_a_writer_and_a_reader_all_get_the_lock() {
    check_both(4, || {
        let lock = Shared::default();
        let writer = spawn(&lock, write);
        let reader = spawn(&lock, read);
        read_and_upgrade(&lock);
        writer.join().unwrap();
        reader.join().unwrap();
        assert_eq!(read(&lock), 2);
        assert!(unused(&lock));
    });
}

/// Of two upgradable reads the second begins after the first has written.
#[test]
fn two_upgrades_come_one_after_the_other() {
    check(4, || {
        let lock = Shared::default();
        let other = spawn(&lock, read_and_upgrade);
        read_and_upgrade(&lock);
        other.join().unwrap();
        assert_eq!(read(&lock), 2);
        assert!(unused(&lock));
    });
}

/// Checks that readers behind a writer that leaves read beside the reader that it waited for.
fn check_writer_giving_up(wait: fn(&StopSource) -> Wait, end: fn(&StopSource)) {
    check(4, move || {
        let lock = Shared::default();
        let stop = StopSource::new();
        let guard = lock.read();
        let writer = {
            let wait = wait(&stop);
            spawn(&lock, move |it| it.write_with(&wait).is_ok())
        };
        let reader = spawn(&lock, read);
        end(&stop);
        stop.request_stop();
        assert!(!writer.join().unwrap());
        reader.join().unwrap();
        drop(guard);
        assert!(unused(&lock));
    });
}

/// A stop of a writer lets the readers behind it read.
#[test]
fn a_stopped_writer_blocks_no_readers() {
    check_writer_giving_up(|it| Wait::forever().or_stop(&it.token()), |_| ());
}

/// The deadline of a writer lets the readers behind it read.
#[test]
fn a_writer_that_timed_out_blocks_no_readers() {
    check_writer_giving_up(|it| timed().or_stop(&it.token()), |_| let_time_pass());
}

/// A writer that is stopped while the reader before it leaves gets the lock, or leaves it to the next writer.
#[test]
fn a_stop_at_a_release_loses_no_wake_up() {
    check(4, || {
        let lock = Shared::default();
        let stop = StopSource::new();
        let guard = lock.read();
        let giving_up = {
            let wait = Wait::forever().or_stop(&stop.token());
            spawn(&lock, move |it| it.write_with(&wait).map(|it| it.add_one()).is_ok())
        };
        let writer = spawn(&lock, write);
        drop(guard);
        stop.request_stop();
        writer.join().unwrap();
        let got_it = giving_up.join().unwrap();
        assert_eq!(read(&lock), 1 + u32::from(got_it));
        assert!(unused(&lock));
    });
}

/// A writer that is woken, overtaken by an upgradable read, and stopped lets the reader behind it read beside that one.
#[test]
fn a_stop_of_an_overtaken_writer_blocks_no_readers() {
    check_both(4, || {
        let lock = Shared::default();
        let stop = StopSource::new();
        let guard = lock.write();
        let giving_up = {
            let wait = Wait::forever().or_stop(&stop.token());
            spawn(&lock, move |it| it.write_with(&wait).is_ok())
        };
        let reader = spawn(&lock, read);
        drop(guard);
        let seen = lock.upgradable_read();
        stop.request_stop();
        reader.join().unwrap();
        drop(seen);
        giving_up.join().unwrap();
        assert!(unused(&lock));
    });
}

/// Checks that an upgrade that fails keeps its read, and admits other readers again.
fn check_upgrade_giving_up(wait: fn(&StopSource) -> Wait, end: fn(&StopSource)) {
    check(4, move || {
        let lock = Shared::default();
        let stop = StopSource::new();
        let guard = lock.read();
        let upgrading = {
            let wait = wait(&stop);
            spawn(&lock, move |it| {
                let seen = it.upgradable_read();
                match RwLockUpgradableGuard::upgrade_with(seen, &wait) {
                    Ok(_) => unreachable!("a reader has the lock"),
                    Err((seen, _)) => seen.get(),
                }
            })
        };
        let reader = spawn(&lock, read);
        end(&stop);
        stop.request_stop();
        reader.join().unwrap();
        assert_eq!(upgrading.join().unwrap(), 0);
        drop(guard);
        assert!(unused(&lock));
    });
}

/// A stopped upgrade admits readers again.
#[test]
fn a_stopped_upgrade_blocks_no_readers() {
    check_upgrade_giving_up(|it| Wait::forever().or_stop(&it.token()), |_| ());
}

/// An upgrade that timed out admits readers again.
#[test]
fn an_upgrade_that_timed_out_blocks_no_readers() {
    check_upgrade_giving_up(|it| timed().or_stop(&it.token()), |_| let_time_pass());
}

/// A reader that arrives while an upgrade fails reads beside the thread that wanted to upgrade.
#[test]
fn a_reader_does_not_miss_the_end_of_an_upgrade() {
    check(4, || {
        let lock = Shared::default();
        let stop = StopSource::new();
        stop.request_stop();
        let (guard, seen) = (lock.read(), lock.upgradable_read());
        let reader = spawn(&lock, read);
        let wait = Wait::forever().or_stop(&stop.token());
        let seen = RwLockUpgradableGuard::upgrade_with(seen, &wait).map(drop).unwrap_err().0;
        reader.join().unwrap();
        drop((guard, seen));
        assert!(unused(&lock));
    });
}

/// A stop of an upgrade during the release of the last reader leaves it with a write or a read, and the lock usable.
#[test]
fn a_stop_of_an_upgrade_at_a_release_leaves_the_lock_usable() {
    check(4, || {
        let lock = Shared::default();
        let stop = StopSource::new();
        let guard = lock.read();
        let upgrading = {
            let wait = Wait::forever().or_stop(&stop.token());
            spawn(&lock, move |it| {
                let seen = it.upgradable_read();
                RwLockUpgradableGuard::upgrade_with(seen, &wait).map(|it| it.add_one()).is_ok()
            })
        };
        let stopper = {
            let stop = stop.clone();
            thread::spawn(move || stop.request_stop())
        };
        drop(guard);
        let upgraded = upgrading.join().unwrap();
        stopper.join().unwrap();
        assert_eq!(read(&lock), u32::from(upgraded));
        assert!(unused(&lock));
    });
}

/// A downgrade admits a waiting reader, and no writer.
#[test]
fn a_downgrade_lets_readers_in_and_no_writer() {
    check(4, || {
        let lock = Shared::default();
        let guard = lock.write();
        let reader = spawn(&lock, read);
        guard.add_one();
        let guard = RwLockWriteGuard::downgrade(guard);
        assert_eq!(reader.join().unwrap(), 1);
        let writer = spawn(&lock, write);
        assert_eq!(guard.get(), 1);
        drop(guard);
        writer.join().unwrap();
        assert_eq!(read(&lock), 2);
    });
}
