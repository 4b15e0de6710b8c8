//! The queues, and the delay queue with items that are due at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
};

use proptest::{
    option,
    prelude::{Just, Strategy},
    prop_oneof,
};
use threadwork_sync::{WaitError, WaitKind};

use crate::{
    model::{Answer, Limit, Model, Record, SPARE, Steps, View},
    play::check,
};

mod object;

use self::object::{Kind, NAME, Object, Op, in_order};

/// A state of the queue between two steps.
///
/// An item may be kept back for a thread that waits, so while somebody waits, another thread may find less than there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    kind: Kind,
    limit: Option<usize>,
    items: Vec<usize>,
    is_shut: bool,
    unfinished: usize,
    getters: BTreeSet<usize>,
    putters: BTreeSet<usize>,
    /// Who waits for the end of the tasks, and whether they were all done since.
    joiners: BTreeMap<usize, bool>,
}

impl State {
    fn new(kind: Kind, limit: Option<usize>) -> State {
        let limit = limit.filter(|_| kind != Kind::Delay);
        State {
            kind,
            limit,
            items: Vec::new(),
            is_shut: false,
            unfinished: 0,
            getters: BTreeSet::new(),
            putters: BTreeSet::new(),
            joiners: BTreeMap::new(),
        }
    }

    fn room(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit - self.items.len())
    }

    fn take(&mut self) -> usize {
        match self.kind {
            Kind::Lifo => self.items.pop().expect("there is one"),
            Kind::Priority => {
                let least = self.items.iter().min().copied().expect("there is one");
                let at = self.items.iter().position(|it| *it == least).expect("it is there");
                self.items.remove(at)
            }
            Kind::Fifo | Kind::Delay => self.items.remove(0),
        }
    }

    /// Takes up to `most` items: all numbers that the actor may find.
    fn take_some(&self, actor: usize, most: usize) -> Steps<State> {
        let others = self.getters.iter().filter(|it| **it != actor).count();
        let most = most.min(self.items.len());
        let least = most.min(self.items.len().saturating_sub(others).max(1));
        let take = |n: usize| {
            let mut state = self.clone();
            state.getters.remove(&actor);
            let items = (0..n).map(|_| state.take()).collect();
            (state, Some(Answer::Items(items)))
        };
        (least..=most).filter(|n| *n > 0).map(take).collect()
    }

    /// What a get may do that has just begun or waits.
    fn get(mut self, actor: usize, most: usize, waits: bool, tries: bool) -> Steps<State> {
        if self.items.is_empty() && self.is_shut {
            self.getters.remove(&actor);
            return vec![(self, Some(Answer::ShutDown))];
        }
        let mut steps = self.take_some(actor, most);
        if !waits && self.items.len() <= self.getters.len() {
            if tries {
                steps.push((self, Some(Answer::No)));
            } else {
                self.getters.insert(actor);
                steps.push((self, None));
            }
        }
        steps
    }

    fn put(mut self, actor: usize, item: usize, waits: bool, tries: bool) -> Steps<State> {
        if self.is_shut {
            self.putters.remove(&actor);
            return vec![(self, Some(Answer::ShutDown))];
        }
        let mut steps = Vec::new();
        if self.room() > 0 {
            let mut state = self.clone();
            state.putters.remove(&actor);
            state.items.push(item);
            state.unfinished += 1;
            steps.push((state, Some(Answer::Done)));
        }
        if !waits && self.room() <= self.putters.len() {
            if tries {
                steps.push((self, Some(Answer::No)));
            } else {
                self.putters.insert(actor);
                steps.push((self, None));
            }
        }
        steps
    }

    fn done(&mut self, n: usize) {
        let before = self.unfinished;
        self.unfinished = before.saturating_sub(n);
        if before > 0 && self.unfinished == 0 {
            self.joiners.values_mut().for_each(|it| *it = true);
        }
    }
}

impl Model for State {
    type Object = Object;
    type Held<'a> = ();
    type Op = Op;

    fn object(&self) -> Object {
        Object::new(self.kind, self.limit)
    }

    fn run(object: &Object, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        object.run(op, limit)
    }

    fn look(object: &Object, _: &[NonZeroU64]) -> View {
        object.look()
    }

    fn view(&self) -> View {
        vec![
            ("len", self.items.len()),
            ("unfinished", self.unfinished),
            ("is_shut_down", usize::from(self.is_shut)),
        ]
    }

    fn begin(mut self, actor: usize, op: &Op, _: bool) -> Steps<Self> {
        let answer = match *op {
            Op::Put(item) => return self.put(actor, item, false, false),
            Op::TryPut(item) => return self.put(actor, item, false, true),
            Op::Get => return self.get(actor, 1, false, false),
            Op::TryGet => return self.get(actor, 1, false, true),
            Op::GetMany(most) => return self.get(actor, most, false, false),
            Op::TaskDone => {
                let is_any = self.unfinished > 0;
                self.done(1);
                Answer::done_or_no(is_any)
            }
            Op::Join if self.unfinished == 0 => Answer::Done,
            Op::Join => {
                self.joiners.insert(actor, false);
                return vec![(self, None)];
            }
            Op::Shutdown => {
                self.is_shut = true;
                Answer::Done
            }
            Op::ShutdownNow => {
                self.is_shut = true;
                let n = self.items.len();
                let items = (0..n).map(|_| self.take()).collect();
                self.done(n);
                in_order(items, self.kind)
            }
        };
        vec![(self, Some(answer))]
    }

    fn proceed(mut self, actor: usize, op: &Op) -> Steps<Self> {
        match *op {
            Op::Put(item) => self.put(actor, item, true, false),
            Op::Get => self.get(actor, 1, true, false),
            Op::GetMany(most) => self.get(actor, most, true, false),
            Op::Join if self.joiners.get(&actor) == Some(&true) => {
                self.joiners.remove(&actor);
                vec![(self, Some(Answer::Done))]
            }
            _ => Vec::new(),
        }
    }

    fn give_up(mut self, actor: usize, op: &Op, why: WaitError) -> Steps<Self> {
        if *op == Op::Join && self.joiners.get(&actor) == Some(&true) {
            return Vec::new();
        }
        self.getters.remove(&actor);
        self.putters.remove(&actor);
        self.joiners.remove(&actor);
        vec![(self, Some(Answer::Ended(why)))]
    }

    fn records(&self, _: usize, op: &Op) -> Vec<Record> {
        let kind = match op {
            Op::Put(_) => WaitKind::QueuePut,
            Op::Join => WaitKind::QueueJoin,
            _ => WaitKind::QueueGet,
        };
        vec![(kind, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        if actor != SPARE {
            None
        } else if !self.is_shut || !self.items.is_empty() {
            Some(Op::ShutdownNow)
        } else {
            (self.unfinished > 0).then_some(Op::TaskDone)
        }
    }
}

#[track_caller]
fn check_kind(kind: Kind) {
    let item = || 0..9_usize;
    let ops = prop_oneof![
        8 => item().prop_map(Op::Put),
        2 => item().prop_map(Op::TryPut),
        8 => Just(Op::Get),
        2 => Just(Op::TryGet),
        2 => (1..4_usize).prop_map(Op::GetMany),
        5 => Just(Op::TaskDone),
        2 => Just(Op::Join),
        1 => Just(Op::Shutdown),
        1 => Just(Op::ShutdownNow),
    ];
    check(option::of(1..4_usize).prop_map(move |limit| State::new(kind, limit)), ops);
}

#[test]
fn a_queue_is_as_its_model() {
    check_kind(Kind::Fifo);
}

#[test]
fn a_lifo_queue_is_as_its_model() {
    check_kind(Kind::Lifo);
}

#[test]
fn a_priority_queue_is_as_its_model() {
    check_kind(Kind::Priority);
}

#[test]
fn a_delay_queue_whose_items_are_due_at_once_is_as_its_model() {
    check_kind(Kind::Delay);
}
