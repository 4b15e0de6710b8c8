//! The model of a lock with two conditions.

use std::{collections::BTreeMap, fmt::Debug, hash::Hash, marker::PhantomData, num::NonZeroU64};

use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
};
use threadwork_sync::{ReleaseError, WaitError, WaitKind};

use crate::model::{Answer, Limit, Model, Record, SPARE, Steps, View, number_of};

/// The name of the lock.
pub(crate) const LOCK: &str = "the lock";

/// The names of its conditions.
pub(crate) const CONDITIONS: [&str; 2] = ["the first", "the second"];

/// A lock of the library, with or without conditions.
pub(crate) trait Flavour: Clone + Eq + Hash + Debug {
    const KIND: WaitKind;
    /// Whether its holder may acquire it again.
    const REENTRANT: bool;
    /// Whether any thread may release it.
    const BY_ANYONE: bool;
    /// The answer to a release by a thread that may not release it.
    const NOT_YOURS: Answer;
    type Object: Send + Sync + 'static;
    type Held<'a>: Default;

    fn object(fair: bool) -> Self::Object;

    fn run<'a>(
        object: &'a Self::Object,
        held: &mut Self::Held<'a>,
        op: &Op,
        limit: &Limit,
    ) -> Answer;

    /// Whether it is locked, and the actor that holds it.
    fn look(object: &Self::Object, idents: &[NonZeroU64]) -> (bool, usize);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Acquire,
    TryAcquire,
    Release,
    ReleaseFair,
    Depth,
    Wait(usize),
    Notify(usize, usize),
    NotifyAll(usize),
}

/// The operations on the lock alone.
pub(crate) fn of_the_lock() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Acquire),
        1 => Just(Op::TryAcquire),
        5 => Just(Op::Release),
        1 => Just(Op::Depth),
    ]
}

/// The operations on the lock and its conditions.
pub(crate) fn of_the_conditions() -> impl Strategy<Value = Op> {
    let condition = 0..CONDITIONS.len();
    prop_oneof![
        10 => of_the_lock(),
        8 => condition.clone().prop_map(Op::Wait),
        4 => (condition.clone(), 0..4_usize).prop_map(|(it, n)| Op::Notify(it, n)),
        2 => condition.prop_map(Op::NotifyAll),
    ]
}

/// The initial states: the lock is free, and no actor waits.
pub(crate) fn beginnings<F: Flavour>() -> impl Strategy<Value = Monitor<F>> {
    any::<bool>().prop_map(|fair| Monitor {
        fair,
        holder: None,
        levels: 0,
        queue: Vec::new(),
        woken: Vec::new(),
        waiting: [Vec::new(), Vec::new()],
        suspended: BTreeMap::new(),
        flavour: PhantomData,
    })
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Monitor<F> {
    fair: bool,
    holder: Option<usize>,
    /// The number of times that the holder has acquired it.
    levels: u32,
    /// The actors in the queue of the lock.
    queue: Vec<usize>,
    /// The actors that are about to take the lock if it is free, and otherwise to wait at the end of the queue.
    woken: Vec<usize>,
    /// The actors in the queue of each condition.
    waiting: [Vec<usize>; 2],
    /// The actors inside a wait at a condition.
    suspended: BTreeMap<usize, Suspended>,
    flavour: PhantomData<F>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Suspended {
    /// The number of times that it had acquired the lock.
    levels: u32,
    /// How the wait ended, if it did.
    ended: Option<Result<(), WaitError>>,
    /// It was moved to the queue of the lock, where its deadline still counts until the actor acquires the lock by itself.
    is_moved: bool,
}

impl<F: Flavour> Monitor<F> {
    fn done(self, answer: impl Into<Answer>) -> Steps<Self> {
        vec![(self, Some(answer.into()))]
    }

    fn holds(&self, actor: usize) -> bool {
        self.holder == Some(actor)
    }

    fn give_to(&mut self, holder: Option<usize>) {
        self.holder = holder;
        self.levels = u32::from(holder.is_some());
    }

    /// Releases the lock, in every possible way.
    fn give_up_lock(mut self, fair: bool) -> Vec<Self> {
        let mut ways = Vec::new();
        if fair || self.fair {
            let mut it = self.clone();
            let next = (!it.queue.is_empty()).then(|| it.queue.remove(0));
            it.give_to(next);
            ways.push(it);
        } else {
            for place in 0..self.queue.len() {
                let mut it = self.clone();
                it.give_to(None);
                it.woken.push(it.queue.remove(place));
                ways.push(it);
            }
        }
        // A woken actor is about to take the lock already, and wakes the next one after its turn.
        let is_covered = !self.fair && !self.woken.is_empty();
        if self.queue.is_empty() || is_covered {
            self.give_to(None);
            ways.push(self);
        }
        ways
    }

    fn release(mut self, actor: usize, fair: bool) -> Steps<Self> {
        if !F::BY_ANYONE && !self.holds(actor) {
            return self.done(F::NOT_YOURS);
        }
        if self.holder.is_none() {
            return self.done(Answer::Refused(ReleaseError::NotAcquired));
        }
        if self.levels > 1 {
            self.levels -= 1;
            return self.done(Answer::Done);
        }
        let ways = self.give_up_lock(fair).into_iter();
        ways.map(|it| (it, Some(Answer::Done))).collect()
    }

    /// Acquires the lock if that is possible at once.
    fn acquires(&mut self, actor: usize) -> bool {
        if F::REENTRANT && self.holds(actor) {
            self.levels += 1;
            return true;
        }
        let is_free = self.holder.is_none();
        if is_free {
            self.give_to(Some(actor));
        }
        is_free
    }

    fn wait(mut self, actor: usize, condition: usize, stopped: bool) -> Steps<Self> {
        let mut steps = Vec::new();
        // A stopped wait need not release the lock.
        if stopped {
            steps.push((self.clone(), Some(Answer::Ended(WaitError::Stopped))));
        }
        let levels = self.levels;
        self.suspended.insert(actor, Suspended { levels, ended: None, is_moved: false });
        self.waiting[condition].push(actor);
        steps.extend(self.give_up_lock(false).into_iter().map(|it| (it, None)));
        steps
    }

    fn notify(mut self, condition: usize, n: usize) -> Steps<Self> {
        let waiting = &mut self.waiting[condition];
        let notified: Vec<_> = waiting.drain(..n.min(waiting.len())).collect();
        for actor in &notified {
            self.suspended.entry(*actor).and_modify(|it| {
                it.ended = Some(Ok(()));
                it.is_moved = true;
            });
        }
        self.queue.extend(&notified);
        self.done(Answer::Count(notified.len()))
    }

    /// The actor has got the lock, which ends its acquire or its wait at a condition.
    fn acquired(mut self, actor: usize) -> Steps<Self> {
        match self.suspended.remove(&actor) {
            Some(it) => {
                self.levels = it.levels;
                self.done(it.ended.expect("a wait ends before the lock is acquired again"))
            }
            None => self.done(Answer::Done),
        }
    }

    fn condition_of(&self, actor: usize) -> Option<usize> {
        self.waiting.iter().position(|it| it.contains(&actor))
    }
}

impl<F: Flavour> Model for Monitor<F> {
    type Object = F::Object;
    type Held<'a> = F::Held<'a>;
    type Op = Op;

    fn object(&self) -> F::Object {
        F::object(self.fair)
    }

    fn run<'a>(object: &'a F::Object, held: &mut F::Held<'a>, op: &Op, limit: &Limit) -> Answer {
        F::run(object, held, op, limit)
    }

    fn look(object: &F::Object, idents: &[NonZeroU64]) -> View {
        let (is_locked, holder) = F::look(object, idents);
        vec![("is_locked", is_locked.into()), ("holder", holder)]
    }

    fn view(&self) -> View {
        vec![("is_locked", self.holder.is_some().into()), ("holder", number_of(self.holder))]
    }

    fn may_call(&self, actor: usize, op: &Op, ends: bool) -> bool {
        match op {
            Op::Acquire => ends || F::REENTRANT || F::BY_ANYONE || !self.holds(actor),
            _ => true,
        }
    }

    fn begin(mut self, actor: usize, op: &Op, stopped: bool) -> Steps<Self> {
        match *op {
            Op::Acquire if !self.acquires(actor) => {
                self.queue.push(actor);
                vec![(self, None)]
            }
            Op::Acquire => self.done(Answer::Done),
            Op::TryAcquire => {
                let acquired = self.acquires(actor);
                self.done(Answer::done_or_no(acquired))
            }
            Op::Release => self.release(actor, false),
            Op::ReleaseFair => self.release(actor, true),
            Op::Depth => {
                let depth = if self.holds(actor) { self.levels } else { 0 };
                self.done(Answer::Count(depth as usize))
            }
            Op::Wait(_) | Op::Notify(..) | Op::NotifyAll(_) if !self.holds(actor) => {
                self.done(Answer::NotHolder)
            }
            Op::Wait(condition) => self.wait(actor, condition, stopped),
            Op::Notify(condition, n) => self.notify(condition, n),
            Op::NotifyAll(condition) => self.notify(condition, usize::MAX),
        }
    }

    fn proceed(mut self, actor: usize, _: &Op) -> Steps<Self> {
        if let Some(place) = self.woken.iter().position(|it| *it == actor) {
            self.woken.remove(place);
            if self.holder.is_none() {
                self.give_to(Some(actor));
                return self.acquired(actor);
            }
            self.suspended.entry(actor).and_modify(|it| it.is_moved = false);
            self.queue.push(actor);
            return vec![(self, None)];
        }
        let waits = self.queue.contains(&actor) || self.condition_of(actor).is_some();
        // An actor that is in no queue any more was given the lock, even if another actor has released it since.
        if waits { Vec::new() } else { self.acquired(actor) }
    }

    fn give_up(mut self, actor: usize, _: &Op, why: WaitError) -> Steps<Self> {
        if let Some(condition) = self.condition_of(actor) {
            self.waiting[condition].retain(|it| *it != actor);
            self.suspended.entry(actor).and_modify(|it| it.ended = Some(Err(why)));
            self.woken.push(actor);
            return vec![(self, None)];
        }
        if !self.queue.contains(&actor) {
            return Vec::new();
        }
        let Some(it) = self.suspended.get(&actor) else {
            self.queue.retain(|it| *it != actor);
            return self.done(Answer::Ended(why));
        };
        if !it.is_moved || why != WaitError::TimedOut {
            return Vec::new();
        }
        self.queue.retain(|it| *it != actor);
        self.woken.push(actor);
        vec![(self, None)]
    }

    fn records(&self, actor: usize, op: &Op) -> Vec<Record> {
        let for_the_lock = (F::KIND, Some(LOCK));
        match *op {
            Op::Wait(condition) => {
                let at_the_condition = (WaitKind::Condition, Some(CONDITIONS[condition]));
                if self.condition_of(actor).is_some() {
                    vec![at_the_condition]
                } else {
                    vec![at_the_condition, for_the_lock]
                }
            }
            _ => vec![for_the_lock],
        }
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        let condition = self.waiting.iter().position(|it| !it.is_empty());
        match (self.holder, condition) {
            (Some(holder), Some(condition)) if holder == actor && actor == SPARE => {
                Some(Op::NotifyAll(condition))
            }
            (Some(holder), _) if holder == actor => Some(Op::Release),
            (Some(_), _) if F::BY_ANYONE && actor == SPARE => Some(Op::Release),
            (None, Some(_)) if actor == SPARE => Some(Op::Acquire),
            _ => None,
        }
    }
}
