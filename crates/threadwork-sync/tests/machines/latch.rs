//! [`Latch`].

use std::num::NonZeroU64;

use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
};
use threadwork_sync::{Latch, ReleaseError, WaitError, WaitKind};

use crate::{
    model::{Answer, Limit, Model, Record, SPARE, Steps, View},
    play::check,
};

const NAME: &str = "the latch";

/// All waiters wait for zero, and the count stays zero, so the model does not remember the waiters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    CountDown(usize),
    TryWait,
    Wait,
    ArriveAndWait,
}

impl State {
    fn wait(self) -> Steps<Self> {
        let answer = (self.count == 0).then_some(Answer::Done);
        vec![(self, answer)]
    }

    fn count_down(&mut self, n: usize) -> Result<(), ReleaseError> {
        self.count = self.count.checked_sub(n).ok_or(ReleaseError::BelowZero)?;
        Ok(())
    }
}

impl Model for State {
    type Object = Latch;
    type Held<'a> = ();
    type Op = Op;

    fn object(&self) -> Latch {
        Latch::new(self.count).named(NAME)
    }

    fn run(latch: &Latch, (): &mut (), op: &Op, limit: &Limit) -> Answer {
        match *op {
            Op::CountDown(n) => latch.count_down(n).into(),
            Op::TryWait => Answer::done_or_no(latch.try_wait()),
            Op::Wait => limit.wait(
                || latch.wait(),
                |it| latch.wait_timeout(it),
                |wait| latch.wait_with(wait),
            ),
            Op::ArriveAndWait => latch.arrive_and_wait().into(),
        }
    }

    fn look(latch: &Latch, _: &[NonZeroU64]) -> View {
        vec![("count", latch.count())]
    }

    fn view(&self) -> View {
        vec![("count", self.count)]
    }

    fn begin(mut self, _: usize, op: &Op, _: bool) -> Steps<Self> {
        let answer = match *op {
            Op::CountDown(n) => self.count_down(n).into(),
            Op::TryWait => Answer::done_or_no(self.count == 0),
            Op::Wait => return self.wait(),
            Op::ArriveAndWait => match self.count_down(1) {
                Ok(()) => return self.wait(),
                Err(error) => Answer::Refused(error),
            },
        };
        vec![(self, Some(answer))]
    }

    fn proceed(self, _: usize, _: &Op) -> Steps<Self> {
        if self.count == 0 { self.wait() } else { Vec::new() }
    }

    fn give_up(self, _: usize, op: &Op, why: WaitError) -> Steps<Self> {
        if self.count == 0 || *op == Op::ArriveAndWait {
            return Vec::new();
        }
        vec![(self, Some(Answer::Ended(why)))]
    }

    fn records(&self, _: usize, _: &Op) -> Vec<Record> {
        vec![(WaitKind::Latch, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        (actor == SPARE && self.count > 0).then_some(Op::CountDown(self.count))
    }
}

#[test]
fn a_latch_is_as_its_model() {
    let ops = prop_oneof![
        3 => (0..4_usize).prop_map(Op::CountDown),
        1 => Just(Op::TryWait),
        6 => Just(Op::Wait),
        1 => Just(Op::ArriveAndWait),
    ];
    check((0..20_usize).prop_map(|count| State { count }), ops);
}
