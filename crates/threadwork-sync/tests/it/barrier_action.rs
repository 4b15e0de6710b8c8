//! `Barrier`: an action that fails.

use std::{
    error::Error,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use threadwork_sync::{Barrier, BrokenReason, WaitError};

use crate::barrier_broken::{assert_broken, assert_fails_until_reset, parties};

#[test]
fn an_action_that_fails_breaks_the_round_and_its_party_gets_the_failure() {
    static FAILS: AtomicBool = AtomicBool::new(true);
    let barrier = Arc::new(Barrier::new(3).with_fallible_action(|| {
        if FAILS.load(Ordering::Relaxed) {
            Err(WaitError::TimedOut)?;
        }
        Ok(())
    }));
    let early: [_; 2] = parties(&barrier);
    let failed = barrier.wait().unwrap_err();
    assert_eq!(failed.reason(), BrokenReason::ActionFailed);
    let failure = failed.failure().and_then(|it| it.downcast_ref());
    assert_eq!(failure, Some(&WaitError::TimedOut));
    assert_eq!(failed.source().unwrap().to_string(), WaitError::TimedOut.to_string());
    assert_eq!(
        failed.to_string(),
        "barrier is broken, because its action failed; reset it for a new round"
    );
    for party in early {
        let broken = party.join().unwrap_err();
        assert_eq!(broken.reason(), BrokenReason::ActionFailed);
        assert!(broken.failure().is_none() && broken.source().is_none());
        assert_ne!(broken, failed);
    }
    assert_eq!(failed, failed.clone());
    FAILS.store(false, Ordering::Relaxed);
    assert_fails_until_reset(&barrier, BrokenReason::ActionFailed);
}

#[test]
fn an_action_that_fails_after_an_abort_leaves_the_barrier_aborted() {
    static BARRIER: LazyLock<Arc<Barrier>> = LazyLock::new(|| {
        Arc::new(Barrier::new(2).with_fallible_action(|| {
            BARRIER.abort();
            Err("too late")?
        }))
    });
    let early: [_; 1] = parties(&BARRIER);
    let failed = BARRIER.try_wait().unwrap_err();
    assert_eq!(failed.failure().unwrap().to_string(), "too late");
    assert_broken(early, BrokenReason::Aborted);
    assert_eq!(BARRIER.wait().unwrap_err().reason(), BrokenReason::Aborted);
}
