//! [`RawLock`], which any thread may release, and [`RawRLock`].

use std::num::NonZeroU64;

use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
};
use threadwork_sync::{RawLock, RawRLock, ReleaseError, WaitKind};

use crate::{
    model::{Answer, Limit, actor_of},
    monitor::{Flavour, LOCK, Op, beginnings, of_the_lock},
    play::check,
};

/// Declares a lock without guards; `$only` runs the operations that only this lock has.
macro_rules! raw {
    ($flavour:ident, $lock:ident, $kind:ident, $reentrant:literal, $error:ident, $only:expr) => {
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        struct $flavour;

        impl Flavour for $flavour {
            const KIND: WaitKind = WaitKind::$kind;
            const REENTRANT: bool = $reentrant;
            const BY_ANYONE: bool = !$reentrant;
            const NOT_YOURS: Answer = Answer::Refused(ReleaseError::$error);
            type Object = $lock;
            type Held<'a> = ();

            fn object(fair: bool) -> $lock {
                if fair { $lock::fair().named(LOCK) } else { $lock::new().named(LOCK) }
            }

            fn run(lock: &$lock, (): &mut (), op: &Op, limit: &Limit) -> Answer {
                match op {
                    Op::Acquire => limit.wait(
                        || lock.acquire(),
                        |it| lock.acquire_timeout(it),
                        |wait| lock.acquire_with(wait),
                    ),
                    Op::TryAcquire => Answer::done_or_no(lock.try_acquire()),
                    Op::Release => lock.release().into(),
                    _ => $only(lock, op),
                }
            }

            fn look(lock: &$lock, idents: &[NonZeroU64]) -> (bool, usize) {
                (lock.is_locked(), actor_of(idents, lock.holder()))
            }
        }
    };
}

raw!(Plain, RawLock, Lock, false, NotAcquired, |lock: &RawLock, op: &Op| match op {
    Op::ReleaseFair => lock.release_fair().into(),
    _ => unreachable!(),
});
raw!(Reentrant, RawRLock, RLock, true, NotHolder, |lock: &RawRLock, op: &Op| match op {
    Op::Depth => {
        assert_eq!(lock.is_owned(), lock.depth() > 0);
        Answer::Count(lock.depth() as usize)
    }
    _ => unreachable!(),
});

#[test]
fn a_raw_lock_is_as_its_model() {
    let ops = of_the_lock().prop_filter("a plain lock has no depth", |it| *it != Op::Depth);
    check(beginnings::<Plain>(), prop_oneof![5 => ops, 1 => Just(Op::ReleaseFair)]);
}

#[test]
fn a_raw_rlock_is_as_its_model() {
    check(beginnings::<Reentrant>(), of_the_lock());
}
