//! [`RawLock`], which any thread may release.

use std::num::NonZeroU64;

use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
};
use threadwork_sync::{RawLock, ReleaseError, WaitKind};

use crate::{
    model::{Answer, Limit, actor_of},
    monitor::{Flavour, LOCK, Op, beginnings, of_the_lock},
    play::check,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Raw;

impl Flavour for Raw {
    const KIND: WaitKind = WaitKind::Lock;
    const REENTRANT: bool = false;
    const BY_ANYONE: bool = true;
    const NOT_YOURS: Answer = Answer::Refused(ReleaseError::NotAcquired);
    type Object = RawLock;
    type Held<'a> = ();

    fn object(fair: bool) -> RawLock {
        if fair { RawLock::fair().named(LOCK) } else { RawLock::new().named(LOCK) }
    }

    fn run(lock: &RawLock, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        match op {
            Op::Acquire => limit.wait(
                || lock.acquire(),
                |it| lock.acquire_timeout(it),
                |wait| lock.acquire_with(wait),
            ),
            Op::TryAcquire => Answer::done_or_no(lock.try_acquire()),
            Op::Release => lock.release().into(),
            Op::ReleaseFair => lock.release_fair().into(),
            Op::Depth | Op::Wait(_) | Op::Notify(..) | Op::NotifyAll(_) => unreachable!(),
        }
    }

    fn look(lock: &RawLock, idents: &[NonZeroU64]) -> (bool, usize) {
        (lock.is_locked(), actor_of(idents, lock.holder()))
    }
}

#[test]
fn a_raw_lock_is_as_its_model() {
    let ops = of_the_lock().prop_filter("it has no depth", |it| *it != Op::Depth);
    check(beginnings::<Raw>(), prop_oneof![5 => ops, 1 => Just(Op::ReleaseFair)]);
}
