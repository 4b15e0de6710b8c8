//! [`RawRLock`].

use std::num::NonZeroU64;

use threadwork_sync::{RawRLock, ReleaseError, WaitKind};

use crate::{
    model::{Answer, Limit, actor_of},
    monitor::{Flavour, LOCK, Op, beginnings, of_the_lock},
    play::check,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Raw;

impl Flavour for Raw {
    const KIND: WaitKind = WaitKind::RLock;
    const REENTRANT: bool = true;
    const BY_ANYONE: bool = false;
    const NOT_YOURS: Answer = Answer::Refused(ReleaseError::NotHolder);
    type Object = RawRLock;
    type Held<'a> = ();

    fn object(fair: bool) -> RawRLock {
        if fair { RawRLock::fair().named(LOCK) } else { RawRLock::new().named(LOCK) }
    }

    fn run(lock: &RawRLock, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        match op {
            Op::Acquire => limit.wait(
                || lock.acquire(),
                |it| lock.acquire_timeout(it),
                |wait| lock.acquire_with(wait),
            ),
            Op::TryAcquire => Answer::done_or_no(lock.try_acquire()),
            Op::Release => lock.release().into(),
            Op::Depth => {
                assert_eq!(lock.is_owned(), lock.depth() > 0);
                Answer::Count(lock.depth() as usize)
            }
            Op::ReleaseFair | Op::Wait(_) | Op::Notify(..) | Op::NotifyAll(_) => unreachable!(),
        }
    }

    fn look(lock: &RawRLock, idents: &[NonZeroU64]) -> (bool, usize) {
        (lock.is_locked(), actor_of(idents, lock.holder()))
    }
}

#[test]
fn a_raw_rlock_is_as_its_model() {
    check(beginnings::<Raw>(), of_the_lock());
}
