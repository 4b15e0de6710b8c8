//! [`Semaphore`] and [`BoundedSemaphore`].

use std::num::NonZeroU64;

use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
};
use threadwork_sync::{
    BoundedSemaphore, ReleaseError, Semaphore, SemaphorePermit, WaitError, WaitKind,
};

use crate::{
    model::{ACTORS, Answer, Limit, Model, Record, SPARE, Steps, View},
    play::check,
};

const NAME: &str = "the semaphore";

/// A semaphore of either kind; both have the same methods.
enum Object {
    Free(Semaphore),
    Bounded(BoundedSemaphore),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    permits: usize,
    bound: Option<usize>,
    /// The waiting actors and how many permits they want, in order of arrival.
    queue: Vec<(usize, usize)>,
    /// The actors that were woken to look for a permit; they go to the end of the queue if there is none.
    woken: Vec<usize>,
    /// The permits of each actor, in order.
    held: [Vec<usize>; ACTORS],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Acquire(usize),
    TryAcquire(usize),
    Release(usize),
    /// Releases the permits that the actor acquired first.
    Drop,
    Forget,
}

impl State {
    fn done(self, answer: impl Into<Answer>) -> Steps<Self> {
        vec![(self, Some(answer.into()))]
    }

    /// Whether an actor waits for several permits, so that permits are handed over.
    fn is_strict(&self) -> bool {
        self.queue.iter().any(|(_, n)| *n > 1)
    }

    fn takes(&mut self, actor: usize, n: usize) -> bool {
        let takes = !self.is_strict() && self.permits >= n;
        if takes {
            self.take(actor, n);
        }
        takes
    }

    fn take(&mut self, actor: usize, n: usize) {
        self.permits -= n;
        self.held[actor].push(n);
    }

    /// Gives permits to the waiters, first come, first served.
    fn hand_out(&mut self) {
        while let Some((actor, n)) = self.queue.first().copied().filter(|it| it.1 <= self.permits) {
            self.queue.remove(0);
            self.take(actor, n);
        }
    }

    fn check_release(&self, n: usize) -> Result<(), ReleaseError> {
        match self.bound {
            _ if n == 0 => Err(ReleaseError::Nothing),
            Some(bound) if self.permits + n > bound => Err(ReleaseError::TooMany),
            _ => Ok(()),
        }
    }

    /// Adds permits, in every possible way. Changes nothing if that is an error.
    fn release(mut self, n: usize) -> Vec<Self> {
        if self.check_release(n).is_err() {
            return vec![self];
        }
        self.permits += n;
        if self.is_strict() {
            self.hand_out();
            return vec![self];
        }
        // As many actors as there are new permits may look for one; any of them.
        let mut ways = vec![self];
        for _ in 0..n.min(ways[0].queue.len()) {
            ways = ways.into_iter().flat_map(State::wake_one).collect();
        }
        ways
    }

    fn wake_one(self) -> impl Iterator<Item = State> {
        (0..self.queue.len()).map(move |place| {
            let mut it = self.clone();
            it.woken.push(it.queue.remove(place).0);
            it
        })
    }
}

impl Model for State {
    type Object = Object;
    type Held<'a> = Vec<SemaphorePermit<'a>>;
    type Op = Op;

    fn object(&self) -> Object {
        if self.bound.is_some() {
            Object::Bounded(BoundedSemaphore::new(self.permits).named(NAME))
        } else {
            Object::Free(Semaphore::new(self.permits).named(NAME))
        }
    }

    fn run<'a>(
        object: &'a Object,
        held: &mut Vec<SemaphorePermit<'a>>,
        op: &Op,
        limit: &Limit,
    ) -> Answer {
        /// Calls the first method for one permit, and the second for several.
        macro_rules! call {
            ($n:ident, $one:ident, $many:ident, $($more:ident)?) => {
                match (object, $n) {
                    (Object::Free(it), 1) => it.$one($($more)?),
                    (Object::Free(it), n) => it.$many(n $(, $more)?),
                    (Object::Bounded(it), 1) => it.$one($($more)?),
                    (Object::Bounded(it), n) => it.$many(n $(, $more)?),
                }
            };
        }
        match *op {
            Op::Acquire(n) => limit
                .call(
                    || Ok(call!(n, acquire, acquire_many,)),
                    |timeout| call!(n, acquire_timeout, acquire_many_timeout, timeout),
                    |wait| call!(n, acquire_with, acquire_many_with, wait),
                )
                .map(|permit| {
                    assert_eq!(permit.count(), n);
                    held.push(permit);
                })
                .into(),
            Op::TryAcquire(n) => {
                let permit = call!(n, try_acquire, try_acquire_many,);
                Answer::done_or_no(permit.map(|it| held.push(it)).is_some())
            }
            Op::Release(n) => match object {
                Object::Free(it) => it.release(n).into(),
                Object::Bounded(it) => it.release(n).into(),
            },
            Op::Drop | Op::Forget if held.is_empty() => Answer::NoGuard,
            Op::Drop => {
                drop(held.remove(0));
                Answer::Done
            }
            Op::Forget => {
                held.remove(0).forget();
                Answer::Done
            }
        }
    }

    fn look(object: &Object, _: &[NonZeroU64]) -> View {
        let (available, bound) = match object {
            Object::Free(it) => (it.available(), 0),
            Object::Bounded(it) => (it.available(), it.bound()),
        };
        vec![("available", available), ("bound", bound)]
    }

    fn view(&self) -> View {
        vec![("available", self.permits), ("bound", self.bound.unwrap_or(0))]
    }

    fn may_call(&self, _: usize, op: &Op, ends: bool) -> bool {
        match *op {
            Op::Acquire(n) => ends || self.bound.is_none_or(|bound| n <= bound),
            _ => true,
        }
    }

    fn begin(mut self, actor: usize, op: &Op, _: bool) -> Steps<Self> {
        match *op {
            Op::Acquire(n) if self.bound.is_some_and(|bound| n > bound) => {
                self.done(Answer::Ended(WaitError::Impossible))
            }
            Op::Acquire(n) if !self.takes(actor, n) => {
                self.queue.push((actor, n));
                // Available permits are for the waiters in the queue, even if other actors were woken to look for them.
                if self.is_strict() {
                    self.hand_out();
                }
                vec![(self, None)]
            }
            Op::Acquire(_) => self.done(Answer::Done),
            Op::TryAcquire(n) => {
                let taken = self.takes(actor, n);
                self.done(Answer::done_or_no(taken))
            }
            Op::Release(n) => {
                let answer = Answer::from(self.check_release(n));
                let ways = self.release(n).into_iter();
                ways.map(|it| (it, Some(answer.clone()))).collect()
            }
            Op::Drop | Op::Forget if self.held[actor].is_empty() => self.done(Answer::NoGuard),
            Op::Drop => {
                let n = self.held[actor].remove(0);
                // Permits that exceed the bound are dropped without being released.
                self.release(n).into_iter().map(|it| (it, Some(Answer::Done))).collect()
            }
            Op::Forget => {
                self.held[actor].remove(0);
                self.done(Answer::Done)
            }
        }
    }

    fn proceed(mut self, actor: usize, op: &Op) -> Steps<Self> {
        let Op::Acquire(n) = *op else { unreachable!("only acquires wait") };
        if let Some(place) = self.woken.iter().position(|it| *it == actor) {
            self.woken.remove(place);
            // It arrived before all that wait now.
            if self.permits >= n {
                self.take(actor, n);
                return self.done(Answer::Done);
            }
            self.queue.push((actor, n));
            if self.is_strict() {
                self.hand_out();
            }
            return vec![(self, None)];
        }
        let waits = self.queue.iter().any(|it| it.0 == actor);
        if waits { Vec::new() } else { self.done(Answer::Done) }
    }

    fn give_up(mut self, actor: usize, _: &Op, why: WaitError) -> Steps<Self> {
        let Some(place) = self.queue.iter().position(|it| it.0 == actor) else {
            return Vec::new();
        };
        let was_strict = self.is_strict();
        self.queue.remove(place);
        // The waiters behind may have waited only for this one.
        if was_strict {
            self.hand_out();
        }
        self.done(Answer::Ended(why))
    }

    fn records(&self, _: usize, _: &Op) -> Vec<Record> {
        vec![(WaitKind::Semaphore, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        if actor == SPARE {
            (!self.queue.is_empty()).then_some(Op::Release(1))
        } else {
            (!self.held[actor].is_empty()).then_some(Op::Drop)
        }
    }
}

fn beginnings(bounded: bool) -> impl Strategy<Value = State> {
    (0..5_usize).prop_map(move |permits| State {
        permits,
        bound: bounded.then_some(permits),
        queue: Vec::new(),
        woken: Vec::new(),
        held: std::array::from_fn(|_| Vec::new()),
    })
}

/// Acquires of one are more frequent than acquires of several, so that both kinds of queue occur.
fn ops() -> impl Strategy<Value = Op> {
    let n = prop_oneof![4 => Just(1_usize), 1 => 2..4_usize];
    prop_oneof![
        8 => n.clone().prop_map(Op::Acquire),
        2 => n.prop_map(Op::TryAcquire),
        2 => (0..4_usize).prop_map(Op::Release),
        4 => Just(Op::Drop),
        1 => Just(Op::Forget),
    ]
}

#[test]
fn a_semaphore_is_as_its_model() {
    check(beginnings(false), ops());
}

#[test]
fn a_bounded_semaphore_is_as_its_model() {
    check(beginnings(true), ops());
}
