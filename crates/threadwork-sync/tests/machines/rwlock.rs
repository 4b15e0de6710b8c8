//! [`RwLock`], with upgrades and downgrades.

use std::num::NonZeroU64;

use proptest::{prop_oneof, sample::select, strategy::Strategy};
use threadwork_sync::{
    RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, WaitError, WaitKind,
};

use crate::{
    model::{ACTORS, Answer, Limit, Model, Record, Steps, View, actor_of, number_of},
    play::check,
};

const NAME: &str = "the read-write lock";

/// What the lock is held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mode {
    Read,
    Upgradable,
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Acquire(Mode),
    TryAcquire(Mode),
    /// Gives back what the actor got last.
    Release,
    /// Makes an upgradable read a write.
    Upgrade,
    TryUpgrade,
    /// Makes an upgradable read or a write a plain read.
    Downgrade,
}

enum Guard<'a> {
    Read(#[expect(dead_code, reason = "kept until it is dropped")] RwLockReadGuard<'a, ()>),
    Upgradable(RwLockUpgradableGuard<'a, ()>),
    Write(RwLockWriteGuard<'a, ()>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// What each actor has, in order.
    held: [Vec<Mode>; ACTORS],
    /// Who waits for what, in order of arrival.
    queue: Vec<(usize, Mode)>,
    /// Who waits until the other readers are gone.
    upgrading: Option<usize>,
}

impl State {
    fn done(self, answer: Answer) -> Steps<Self> {
        vec![(self, Some(answer))]
    }

    fn count(&self, mode: Mode) -> usize {
        self.held.iter().flatten().filter(|it| **it == mode).count()
    }

    fn can_have(&self, mode: Mode) -> bool {
        let [reads, upgradables, writes] =
            [Mode::Read, Mode::Upgradable, Mode::Write].map(|it| self.count(it));
        match mode {
            Mode::Read => writes == 0 && self.upgrading.is_none(),
            Mode::Upgradable => writes + upgradables == 0,
            Mode::Write => writes + upgradables + reads == 0,
        }
    }

    fn takes(&mut self, actor: usize, mode: Mode) -> bool {
        let takes = self.queue.is_empty() && self.can_have(mode);
        if takes {
            self.held[actor].push(mode);
        }
        takes
    }

    /// Makes the upgradable read a write if there are no plain readers.
    fn upgrades(&mut self, actor: usize) -> bool {
        let upgrades = self.count(Mode::Read) == 0;
        if upgrades {
            self.replace_last(actor, Mode::Write);
            self.upgrading = None;
        }
        upgrades
    }

    fn replace_last(&mut self, actor: usize, mode: Mode) {
        self.held[actor].pop();
        self.held[actor].push(mode);
    }

    /// The lock goes to those who wait, first come, first served.
    fn hand_over(mut self) -> Self {
        while let Some((actor, mode)) = self.queue.first().copied() {
            if !self.can_have(mode) {
                break;
            }
            self.queue.remove(0);
            self.held[actor].push(mode);
        }
        self
    }
}

impl Model for State {
    type Object = RwLock<()>;
    type Held<'a> = Vec<Guard<'a>>;
    type Op = Op;

    fn object(&self) -> RwLock<()> {
        RwLock::named(NAME, ())
    }

    fn run<'a>(lock: &'a RwLock<()>, held: &mut Vec<Guard<'a>>, op: &Op, limit: &Limit) -> Answer {
        match *op {
            Op::Acquire(mode) => {
                let guard = match mode {
                    Mode::Read => limit
                        .call(
                            || Ok(lock.read()),
                            |it| lock.read_timeout(it),
                            |it| lock.read_with(it),
                        )
                        .map(Guard::Read),
                    Mode::Upgradable => limit
                        .call(
                            || Ok(lock.upgradable_read()),
                            |it| lock.upgradable_read_timeout(it),
                            |it| lock.upgradable_read_with(it),
                        )
                        .map(Guard::Upgradable),
                    Mode::Write => limit
                        .call(
                            || Ok(lock.write()),
                            |it| lock.write_timeout(it),
                            |it| lock.write_with(it),
                        )
                        .map(Guard::Write),
                };
                guard.map(|it| held.push(it)).into()
            }
            Op::TryAcquire(mode) => {
                let guard = match mode {
                    Mode::Read => lock.try_read().map(Guard::Read),
                    Mode::Upgradable => lock.try_upgradable_read().map(Guard::Upgradable),
                    Mode::Write => lock.try_write().map(Guard::Write),
                };
                Answer::done_or_no(guard.map(|it| held.push(it)).is_some())
            }
            Op::Release => held.pop().map_or(Answer::NoGuard, |_| Answer::Done),
            Op::Upgrade | Op::TryUpgrade | Op::Downgrade => {
                let Some(guard) = held.pop() else { return Answer::NoGuard };
                let (guard, answer) = convert(guard, *op, limit);
                held.push(guard);
                answer
            }
        }
    }

    fn look(lock: &RwLock<()>, idents: &[NonZeroU64]) -> View {
        vec![("n_readers", lock.n_readers()), ("writer", actor_of(idents, lock.writer()))]
    }

    fn view(&self) -> View {
        let readers = self.count(Mode::Read) + self.count(Mode::Upgradable);
        let writer = self.held.iter().position(|it| it.contains(&Mode::Write));
        vec![("n_readers", readers), ("writer", number_of(writer))]
    }

    /// Who has the lock does not wait for it without end, nor for itself.
    fn may_call(&self, actor: usize, op: &Op, ends: bool) -> bool {
        match op {
            Op::Acquire(_) => ends || self.held[actor].is_empty(),
            Op::Upgrade => ends || !self.held[actor].contains(&Mode::Read),
            _ => true,
        }
    }

    fn begin(mut self, actor: usize, op: &Op, _: bool) -> Steps<Self> {
        match (*op, self.held[actor].last()) {
            (Op::Acquire(mode), _) => {
                if self.takes(actor, mode) {
                    return self.done(Answer::Done);
                }
                self.queue.push((actor, mode));
                vec![(self, None)]
            }
            (Op::TryAcquire(mode), _) => {
                let taken = self.takes(actor, mode);
                self.done(Answer::done_or_no(taken))
            }
            (_, None) => self.done(Answer::NoGuard),
            (Op::Release, Some(_)) => {
                self.held[actor].pop();
                self.hand_over().done(Answer::Done)
            }
            (Op::Downgrade, Some(Mode::Write | Mode::Upgradable)) => {
                self.replace_last(actor, Mode::Read);
                self.hand_over().done(Answer::Done)
            }
            (Op::TryUpgrade, Some(Mode::Upgradable)) => {
                let upgraded = self.upgrades(actor);
                self.done(Answer::done_or_no(upgraded))
            }
            (Op::Upgrade, Some(Mode::Upgradable)) => {
                if self.upgrades(actor) {
                    return self.done(Answer::Done);
                }
                self.upgrading = Some(actor);
                vec![(self, None)]
            }
            _ => self.done(Answer::NoGuard),
        }
    }

    fn go_on(mut self, actor: usize, op: &Op) -> Steps<Self> {
        let waits = match op {
            Op::Upgrade => !self.upgrades(actor),
            _ => self.queue.iter().any(|it| it.0 == actor),
        };
        if waits { Vec::new() } else { self.done(Answer::Done) }
    }

    fn give_up(mut self, actor: usize, op: &Op, why: WaitError) -> Steps<Self> {
        if *op == Op::Upgrade {
            self.upgrading = None;
        } else if let Some(place) = self.queue.iter().position(|it| it.0 == actor) {
            self.queue.remove(place);
        } else {
            return Vec::new();
        }
        self.hand_over().done(Answer::Ended(why))
    }

    fn records(&self, _: usize, _: &Op) -> Vec<Record> {
        vec![(WaitKind::RwLock, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        (!self.held[actor].is_empty()).then_some(Op::Release)
    }
}

/// What the guard is after this; it stays what it is if it cannot.
fn convert<'a>(guard: Guard<'a>, op: Op, limit: &Limit) -> (Guard<'a>, Answer) {
    match (guard, op) {
        (Guard::Upgradable(it), Op::TryUpgrade) => match RwLockUpgradableGuard::try_upgrade(it) {
            Ok(it) => (Guard::Write(it), Answer::Done),
            Err(it) => (Guard::Upgradable(it), Answer::No),
        },
        (Guard::Upgradable(it), Op::Upgrade) => {
            let upgraded = match limit {
                Limit::Never => Ok(RwLockUpgradableGuard::upgrade(it)),
                Limit::Timeout(timeout) => RwLockUpgradableGuard::upgrade_timeout(it, *timeout),
                Limit::With(wait) => RwLockUpgradableGuard::upgrade_with(it, wait),
            };
            match upgraded {
                Ok(it) => (Guard::Write(it), Answer::Done),
                Err((it, why)) => (Guard::Upgradable(it), Answer::Ended(why)),
            }
        }
        (Guard::Upgradable(it), Op::Downgrade) => {
            (Guard::Read(RwLockUpgradableGuard::downgrade(it)), Answer::Done)
        }
        (Guard::Write(it), Op::Downgrade) => {
            (Guard::Read(RwLockWriteGuard::downgrade(it)), Answer::Done)
        }
        (same, _) => (same, Answer::NoGuard),
    }
}

#[test]
fn a_rwlock_is_as_its_model() {
    let nobody =
        State { held: std::array::from_fn(|_| Vec::new()), queue: Vec::new(), upgrading: None };
    let mode = select(vec![Mode::Read, Mode::Upgradable, Mode::Write]);
    let others = vec![Op::Release, Op::Release, Op::Upgrade, Op::TryUpgrade, Op::Downgrade];
    let ops = prop_oneof![
        6 => mode.clone().prop_map(Op::Acquire),
        1 => mode.prop_map(Op::TryAcquire),
        8 => select(others),
    ];
    check(proptest::strategy::Just(nobody), ops);
}
