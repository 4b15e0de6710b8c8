//! What remains of threads that have ended.

use threadwork_core::Thread;
use threadwork_sync::Lock;

use super::*;
use crate::Contention;

fn is_known(ident: NonZeroU64) -> bool {
    ALL.lock().threads.contains_key(&ident)
}

#[test]
fn a_thread_that_has_ended_leaves_only_its_counts() {
    static LOCK: Lock<u32> = Lock::named("lock of the ended", 0);
    Contention::start();
    for n in 1..=3 {
        let thread = Thread::new(|| {
            *LOCK.acquire() += 1;
            assert!(is_known(get_ident()));
        });
        thread.start().unwrap();
        thread.join().unwrap();
        assert!(!is_known(thread.ident().unwrap()));
        let report = Contention::report();
        let lock = report.locks.iter().find(|it| it.name == "lock of the ended").unwrap();
        assert_eq!((lock.acquired, lock.holds.buckets.iter().sum()), (n, n));
    }
}

#[test]
fn a_thread_that_has_ended_is_not_kept_by_the_next_one_in_its_operating_system_thread() {
    static LOCK: Lock<u32> = Lock::named("lock of the recycled", 0);
    Contention::start();
    let run = || {
        let run = || {
            *LOCK.acquire() += 1;
            assert!(is_known(get_ident()));
        };
        let builder = Thread::builder().stack_size(261 * 1024).recycled(true);
        let thread = builder.spawn(run).unwrap();
        thread.join().unwrap();
        thread
    };
    let first = run();
    let mut next = run();
    while next.native_id() != first.native_id() {
        next = run();
    }
    assert!(!is_known(first.ident().unwrap()));
    let report = Contention::report();
    let lock = report.locks.iter().find(|it| it.name == "lock of the recycled").unwrap();
    assert_eq!(lock.acquired, u64::from(*LOCK.acquire()));
}
