//! Two [`RawCondition`]s that share a [`RawLock`] or a [`RawRLock`].

use std::{fmt::Debug, hash::Hash, marker::PhantomData, num::NonZeroU64, sync::Arc};

use threadwork_sync::{
    ConditionWaitError, HeldLock, RawCondition, RawLock, RawRLock, WaitKind, get_ident,
};

use crate::{
    model::{Answer, Limit, actor_of},
    monitor::{CONDITIONS, Flavour, LOCK, Op, beginnings, of_the_conditions},
    play::check,
};

/// The lock that two conditions share.
trait Shared: Clone + Eq + Hash + Debug {
    const WAIT_KIND: WaitKind;
    const MORE_THAN_ONCE: bool;
    type Lock: Send + Sync + 'static;

    fn lock(fair: bool) -> Self::Lock;
    fn holder(lock: &Self::Lock) -> Option<NonZeroU64>;
    fn depth(lock: &Self::Lock) -> u32;
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Plain;

impl Shared for Plain {
    const WAIT_KIND: WaitKind = WaitKind::Lock;
    const MORE_THAN_ONCE: bool = false;
    type Lock = RawLock;

    fn lock(fair: bool) -> RawLock {
        if fair { RawLock::fair().named(LOCK) } else { RawLock::new().named(LOCK) }
    }

    fn holder(lock: &RawLock) -> Option<NonZeroU64> {
        lock.holder()
    }

    fn depth(lock: &RawLock) -> u32 {
        (lock.holder() == Some(get_ident())).into()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reentrant;

impl Shared for Reentrant {
    const WAIT_KIND: WaitKind = WaitKind::RLock;
    const MORE_THAN_ONCE: bool = true;
    type Lock = RawRLock;

    fn lock(fair: bool) -> RawRLock {
        if fair { RawRLock::fair().named(LOCK) } else { RawRLock::new().named(LOCK) }
    }

    fn holder(lock: &RawRLock) -> Option<NonZeroU64> {
        lock.holder()
    }

    fn depth(lock: &RawRLock) -> u32 {
        lock.depth()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pair<S>(PhantomData<S>);

impl<S: Shared> Flavour for Pair<S>
where
    Arc<S::Lock>: HeldLock,
{
    const KIND: WaitKind = S::WAIT_KIND;
    const REENTRANT: bool = S::MORE_THAN_ONCE;
    // Any thread can release a plain lock, but a thread that waits at a condition must hold it.
    const BY_ANYONE: bool = false;
    const NOT_YOURS: Answer = Answer::NotHolder;
    type Object = [RawCondition<Arc<S::Lock>>; 2];
    type Held<'a> = ();

    fn object(fair: bool) -> Self::Object {
        let lock = Arc::new(S::lock(fair));
        CONDITIONS.map(|name| RawCondition::with_lock(Arc::clone(&lock)).named(name))
    }

    fn run(conditions: &Self::Object, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        let first = &conditions[0];
        let answer: Result<Answer, ConditionWaitError> = match *op {
            Op::Acquire => Ok(limit.wait(
                || first.acquire(),
                |it| first.acquire_timeout(it),
                |wait| first.acquire_with(wait),
            )),
            Op::TryAcquire => Ok(Answer::done_or_no(first.try_acquire())),
            Op::Release | Op::ReleaseFair if S::depth(first.lock()) == 0 => Ok(Self::NOT_YOURS),
            Op::Release | Op::ReleaseFair => Ok(first.release().into()),
            Op::Depth => Ok(Answer::Count(S::depth(first.lock()) as usize)),
            Op::Wait(it) => {
                let it = &conditions[it];
                limit
                    .call(
                        || Ok(it.wait()?),
                        |timeout| it.wait_timeout(timeout),
                        |wait| it.wait_with(wait),
                    )
                    .map(|()| Answer::Done)
            }
            Op::Notify(it, n) => conditions[it].notify(n).map(Answer::Count).map_err(Into::into),
            Op::NotifyAll(it) => conditions[it].notify_all().map(Answer::Count).map_err(Into::into),
        };
        answer.unwrap_or_else(|error| match error {
            ConditionWaitError::NotHolder(_) => Answer::NotHolder,
            ConditionWaitError::Wait(error) => Answer::Ended(error),
            _ => unreachable!("there is no other error"),
        })
    }

    fn look(conditions: &Self::Object, idents: &[NonZeroU64]) -> (bool, usize) {
        (conditions[0].is_locked(), actor_of(idents, S::holder(conditions[1].lock())))
    }
}

#[test]
fn conditions_of_a_raw_lock_are_as_their_model() {
    check(beginnings::<Pair<Plain>>(), of_the_conditions());
}

#[test]
fn conditions_of_a_raw_rlock_are_as_their_model() {
    check(beginnings::<Pair<Reentrant>>(), of_the_conditions());
}
