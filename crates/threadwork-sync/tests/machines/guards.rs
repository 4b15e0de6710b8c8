//! [`Lock`] and [`RLock`], each with two [`Condition`]s.

use std::num::NonZeroU64;

use threadwork_sync::{Condition, Lock, LockGuard, RLock, RLockGuard, RawLock, RawRLock, WaitKind};

use crate::{
    model::{Answer, Limit, actor_of},
    monitor::{CONDITIONS, Flavour, LOCK, Op, beginnings, of_the_conditions, of_the_lock},
    play::check,
};

struct Shared<L> {
    lock: L,
    conditions: [Condition; 2],
}

/// Declares a lock with guards and conditions.
macro_rules! guarded {
    ($flavour:ident, $lock:ident of $raw:ident, $guard:ident, $reentrant:literal, $depth:expr) => {
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        struct $flavour;

        impl Flavour for $flavour {
            const KIND: WaitKind = WaitKind::$lock;
            const REENTRANT: bool = $reentrant;
            const BY_ANYONE: bool = false;
            const NOT_YOURS: Answer = Answer::NotHolder;
            type Object = Shared<$lock<()>>;
            type Held<'a> = Vec<$guard<'a, ()>>;

            fn object(fair: bool) -> Shared<$lock<()>> {
                let raw = if fair { $raw::fair() } else { $raw::new() };
                Shared {
                    lock: $lock::from_raw(raw.named(LOCK), ()),
                    conditions: CONDITIONS.map(|name| Condition::new().named(name)),
                }
            }

            fn run<'a>(
                Shared { lock, conditions }: &'a Shared<$lock<()>>,
                guards: &mut Vec<$guard<'a, ()>>,
                op: &Op,
                limit: &Limit,
            ) -> Answer {
                match (*op, guards.last_mut()) {
                    (Op::Acquire, _) => limit
                        .call(
                            || Ok(lock.acquire()),
                            |it| lock.acquire_timeout(it),
                            |wait| lock.acquire_with(wait),
                        )
                        .map(|it| guards.push(it))
                        .into(),
                    (Op::TryAcquire, _) => {
                        let acquired = lock.try_acquire().map(|it| guards.push(it));
                        Answer::done_or_no(acquired.is_some())
                    }
                    // A lock that is not re-entrant has no depth of its own.
                    (Op::Depth, _) => {
                        let depth = $depth(lock).unwrap_or(guards.len());
                        assert_eq!(depth, guards.len());
                        Answer::Count(depth)
                    }
                    (_, None) => Answer::NotHolder,
                    (Op::Release | Op::ReleaseFair, Some(_)) => {
                        drop(guards.pop());
                        Answer::Done
                    }
                    (Op::Wait(it), Some(guard)) => {
                        let it = &conditions[it];
                        match limit {
                            Limit::Never => {
                                it.wait(guard);
                                Answer::Done
                            }
                            Limit::Timeout(timeout) => it.wait_timeout(guard, *timeout).into(),
                            Limit::With(wait) => it.wait_with(guard, wait).into(),
                        }
                    }
                    (Op::Notify(it, n), Some(guard)) => {
                        Answer::Count(conditions[it].notify(guard, n))
                    }
                    (Op::NotifyAll(it), Some(guard)) => {
                        Answer::Count(conditions[it].notify_all(guard))
                    }
                }
            }

            fn look(shared: &Shared<$lock<()>>, idents: &[NonZeroU64]) -> (bool, usize) {
                (shared.lock.is_locked(), actor_of(idents, shared.lock.holder()))
            }
        }
    };
}

guarded!(Plain, Lock of RawLock, LockGuard, false, |_: &Lock<()>| None);
guarded!(Reentrant, RLock of RawRLock, RLockGuard, true, |it: &RLock<()>| Some(it.depth() as usize));

#[test]
fn a_lock_is_as_its_model() {
    check(beginnings::<Plain>(), of_the_lock());
}

#[test]
fn an_rlock_is_as_its_model() {
    check(beginnings::<Reentrant>(), of_the_lock());
}

#[test]
fn conditions_of_a_lock_are_as_their_model() {
    check(beginnings::<Plain>(), of_the_conditions());
}

#[test]
fn conditions_of_an_rlock_are_as_their_model() {
    check(beginnings::<Reentrant>(), of_the_conditions());
}
