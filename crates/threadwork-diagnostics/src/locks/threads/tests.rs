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
