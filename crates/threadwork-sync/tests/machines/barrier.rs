//! [`Barrier`], with an action that counts its rounds.

use std::{
    collections::BTreeMap,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
};
use threadwork_sync::{
    Barrier, BarrierWaitResult, BrokenBarrierError, BrokenReason, WaitError, WaitKind,
};

use crate::{
    model::{Answer, Limit, Model, Record, SPARE, Steps, View},
    play::check,
};

const NAME: &str = "the barrier";

struct Object {
    barrier: Barrier,
    rounds: Arc<AtomicUsize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    parties: usize,
    /// The number of times that the action has run.
    rounds: usize,
    /// The actors that have arrived in this round, in order.
    arrived: Vec<usize>,
    /// All have arrived, this actor last, and the action runs.
    leader: Option<usize>,
    /// The actors that arrived while the action ran.
    early: Vec<usize>,
    broken: Option<BrokenReason>,
    /// The answers of the actors whose round is over.
    over: BTreeMap<usize, Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Wait,
    TryWait,
    Abort,
    Reset,
}

impl State {
    fn done(self, answer: Answer) -> Steps<Self> {
        vec![(self, Some(answer))]
    }

    /// Ends the round with an answer for each party.
    fn end_round(&mut self, end: impl Fn(usize) -> Answer) {
        let parties = self.arrived.drain(..).chain(self.leader.take());
        self.over.extend(parties.enumerate().map(|(place, it)| (it, end(place))));
    }

    fn break_round(&mut self, why: BrokenReason) {
        if self.broken.is_none() {
            self.broken = Some(why);
            self.end_round(|_| Answer::Broken(why));
        }
    }

    fn arrive(mut self, actor: usize) -> Steps<Self> {
        if let Some(why) = self.broken {
            return self.done(Answer::Broken(why));
        }
        if self.leader.is_some() {
            self.early.push(actor);
        } else if self.arrived.len() + 1 == self.parties {
            self.leader = Some(actor);
            self.rounds += 1;
        } else {
            self.arrived.push(actor);
        }
        vec![(self, None)]
    }
}

fn answer(passed: Result<BarrierWaitResult, BrokenBarrierError>) -> Answer {
    match passed {
        Ok(it) if it.is_leader() => Answer::Led(it.index()),
        Ok(it) => Answer::Passed(it.index()),
        Err(error) => Answer::Broken(error.reason()),
    }
}

impl Model for State {
    type Object = Object;
    type Held<'a> = ();
    type Op = Op;

    fn object(&self) -> Object {
        let rounds = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&rounds);
        let count = move || _ = counter.fetch_add(1, Ordering::Relaxed);
        Object { barrier: Barrier::new(self.parties).named(NAME).with_action(count), rounds }
    }

    fn run(Object { barrier, .. }: &Object, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        match op {
            Op::Wait => answer(limit.call(
                || barrier.wait(),
                |it| barrier.wait_timeout(it),
                |wait| barrier.wait_with(wait),
            )),
            Op::TryWait => match barrier.try_wait() {
                Ok(None) => Answer::No,
                Ok(Some(passed)) => answer(Ok(passed)),
                Err(error) => answer(Err(error)),
            },
            Op::Abort => {
                barrier.abort();
                Answer::Done
            }
            Op::Reset => {
                barrier.reset();
                Answer::Done
            }
        }
    }

    fn look(Object { barrier, rounds }: &Object, _: &[NonZeroU64]) -> View {
        vec![
            ("n_waiting", barrier.n_waiting()),
            ("is_broken", barrier.is_broken().into()),
            ("rounds", rounds.load(Ordering::Relaxed)),
        ]
    }

    fn view(&self) -> View {
        vec![
            ("n_waiting", self.arrived.len()),
            ("is_broken", self.broken.is_some().into()),
            ("rounds", self.rounds),
        ]
    }

    fn begin(mut self, actor: usize, op: &Op, _: bool) -> Steps<Self> {
        match op {
            // A stop that was requested before the call breaks the round once the party has arrived.
            Op::Wait => self.arrive(actor),
            Op::TryWait => {
                let comes_last = self.leader.is_none() && self.arrived.len() + 1 == self.parties;
                if self.broken.is_some() || comes_last {
                    self.arrive(actor)
                } else {
                    self.done(Answer::No)
                }
            }
            Op::Abort => {
                self.break_round(BrokenReason::Aborted);
                self.done(Answer::Done)
            }
            Op::Reset => {
                self.end_round(|_| Answer::Broken(BrokenReason::Reset));
                self.broken = None;
                self.done(Answer::Done)
            }
        }
    }

    fn proceed(mut self, actor: usize, _: &Op) -> Steps<Self> {
        if self.leader == Some(actor) {
            let last = self.parties - 1;
            self.end_round(
                |place| {
                    if place == last { Answer::Led(place) } else { Answer::Passed(place) }
                },
            );
        }
        if let Some(answer) = self.over.remove(&actor) {
            return self.done(answer);
        }
        if self.leader.is_none() && self.early.contains(&actor) {
            self.early.retain(|it| *it != actor);
            return self.arrive(actor);
        }
        Vec::new()
    }

    fn give_up(mut self, actor: usize, _: &Op, why: WaitError) -> Steps<Self> {
        if self.early.contains(&actor) {
            self.early.retain(|it| *it != actor);
        } else if self.leader.is_none() && self.arrived.contains(&actor) {
            self.break_round(why.into());
            self.over.remove(&actor);
        } else {
            return Vec::new();
        }
        self.done(Answer::Broken(why.into()))
    }

    fn records(&self, _: usize, _: &Op) -> Vec<Record> {
        vec![(WaitKind::Barrier, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        (actor == SPARE && !self.arrived.is_empty()).then_some(Op::Abort)
    }
}

#[test]
fn a_barrier_is_as_its_model() {
    let beginnings = (1..5_usize).prop_map(|parties| State {
        parties,
        rounds: 0,
        arrived: Vec::new(),
        leader: None,
        early: Vec::new(),
        broken: None,
        over: BTreeMap::new(),
    });
    let ops = prop_oneof![
        8 => Just(Op::Wait),
        1 => Just(Op::TryWait),
        1 => Just(Op::Abort),
        3 => Just(Op::Reset),
    ];
    check(beginnings, ops);
}
