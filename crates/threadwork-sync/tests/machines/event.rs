//! [`Event`].

use std::num::NonZeroU64;

use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
};
use threadwork_sync::{Event, WaitError, WaitKind};

use crate::{
    model::{Answer, Limit, Model, Record, SPARE, Steps, View},
    play::check,
};

const NAME: &str = "the event";

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    is_set: bool,
    /// The actors that wait for the next `set`.
    waiting: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Set,
    Clear,
    IsSet,
    Wait,
}

impl Model for State {
    type Object = Event;
    type Held<'a> = ();
    type Op = Op;

    fn object(&self) -> Event {
        let event = Event::new().named(NAME);
        if self.is_set {
            event.set();
        }
        event
    }

    fn run(event: &Event, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        match op {
            Op::Set => {
                event.set();
                Answer::Done
            }
            Op::Clear => {
                event.clear();
                Answer::Done
            }
            Op::IsSet => Answer::done_or_no(event.is_set()),
            Op::Wait => limit.wait(
                || event.wait(),
                |it| event.wait_timeout(it),
                |wait| event.wait_with(wait),
            ),
        }
    }

    fn look(event: &Event, _: &[NonZeroU64]) -> View {
        vec![("is_set", event.is_set().into())]
    }

    fn view(&self) -> View {
        vec![("is_set", self.is_set.into())]
    }

    fn begin(mut self, actor: usize, op: &Op, _: bool) -> Steps<Self> {
        let answer = match op {
            Op::Set => {
                self.is_set = true;
                self.waiting.clear();
                Answer::Done
            }
            Op::Clear => {
                self.is_set = false;
                Answer::Done
            }
            Op::IsSet => Answer::done_or_no(self.is_set),
            Op::Wait if self.is_set => Answer::Done,
            Op::Wait => {
                self.waiting.push(actor);
                return vec![(self, None)];
            }
        };
        vec![(self, Some(answer))]
    }

    /// A `clear` after the `set` does not block the released actor.
    fn proceed(self, actor: usize, _: &Op) -> Steps<Self> {
        if self.waiting.contains(&actor) { Vec::new() } else { vec![(self, Some(Answer::Done))] }
    }

    fn give_up(mut self, actor: usize, _: &Op, why: WaitError) -> Steps<Self> {
        if !self.waiting.contains(&actor) {
            return Vec::new();
        }
        self.waiting.retain(|it| *it != actor);
        vec![(self, Some(Answer::Ended(why)))]
    }

    fn records(&self, _: usize, _: &Op) -> Vec<Record> {
        vec![(WaitKind::Event, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        (actor == SPARE && !self.waiting.is_empty()).then_some(Op::Set)
    }
}

#[test]
fn an_event_is_as_its_model() {
    let beginnings = any::<bool>().prop_map(|is_set| State { is_set, waiting: Vec::new() });
    let ops = prop_oneof![3 => Just(Op::Set), 4 => Just(Op::Clear), 1 => Just(Op::IsSet), 6 => Just(Op::Wait)];
    check(beginnings, ops);
}
