//! [`RwLock`], with upgrades and downgrades.

use std::{array, mem, num::NonZeroU64};

use proptest::{prop_oneof, sample::select, strategy::Strategy};
use threadwork_sync::{
    RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, WaitError, WaitKind,
};

use crate::{
    model::{ACTORS, Answer, Limit, Model, Record, Steps, View, actor_of, number_of},
    play::check,
};

const NAME: &str = "the read-write lock";

/// The mode in which the lock is held.
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
    /// Releases what the actor acquired last.
    Release,
    /// Upgrades an upgradable read to a write.
    Upgrade,
    TryUpgrade,
    /// Downgrades an upgradable read or a write to a plain read.
    Downgrade,
}

enum Guard<'a> {
    Read(#[expect(dead_code, reason = "kept until it is dropped")] RwLockReadGuard<'a, ()>),
    Upgradable(RwLockUpgradableGuard<'a, ()>),
    Write(RwLockWriteGuard<'a, ()>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// What each actor holds, in order.
    held: [Vec<Mode>; ACTORS],
    /// The waiting actors and what they wait for, in order of arrival.
    queue: Vec<(usize, Mode)>,
    /// The actors that were woken from the queue and have not looked at the lock again.
    woken: Vec<usize>,
    /// The actor that is the next to write, and waits for the other readers to leave.
    draining: Option<usize>,
}

impl State {
    fn done(self, answer: Answer) -> Steps<Self> {
        vec![(self, Some(answer))]
    }

    fn waits(self) -> Steps<Self> {
        vec![(self, None)]
    }

    fn is_held(&self, mode: Mode) -> bool {
        self.held.iter().flatten().any(|it| *it == mode)
    }

    /// Takes the lock if that is possible, or claims it for a writer that may wait.
    /// A woken reader ignores the claim of a writer.
    fn takes(&mut self, actor: usize, mode: Mode, try_only: bool, was_woken: bool) -> Taken {
        let is_claimed =
            self.is_held(Mode::Write) || self.is_held(Mode::Upgradable) || self.draining.is_some();
        let is_free = match mode {
            Mode::Read => !self.is_held(Mode::Write) && (self.draining.is_none() || was_woken),
            Mode::Upgradable => !is_claimed,
            Mode::Write => !is_claimed && !self.is_held(Mode::Read),
        };
        if is_free {
            self.held[actor].push(mode);
            Taken::Lock
        } else if mode == Mode::Write && !is_claimed && !try_only {
            self.draining = Some(actor);
            Taken::Claim
        } else {
            Taken::Nothing
        }
    }

    /// The next writer takes the lock if there are no plain readers.
    fn writes(&mut self, actor: usize) -> bool {
        let writes = !self.is_held(Mode::Read);
        if writes {
            self.held[actor].retain(|it| *it != Mode::Upgradable);
            self.held[actor].push(Mode::Write);
            self.draining = None;
        }
        writes
    }

    /// Wakes the actors that can take the lock, each in its turn.
    fn wake(mut self) -> Self {
        let mut planned = self.clone();
        for (actor, mode) in mem::take(&mut self.queue) {
            if planned.takes(actor, mode, false, false) == Taken::Nothing {
                self.queue.push((actor, mode));
            } else {
                self.woken.push(actor);
            }
        }
        self
    }
}

/// What an actor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Lock,
    Claim,
    Nothing,
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
        let readers = self.held.iter().flatten().filter(|it| **it != Mode::Write).count();
        let writer = self.held.iter().position(|it| it.contains(&Mode::Write));
        vec![("n_readers", readers), ("writer", number_of(writer))]
    }

    /// An actor that holds the lock does not wait for it without a limit, nor for itself.
    fn may_call(&self, actor: usize, op: &Op, ends: bool) -> bool {
        match op {
            Op::Acquire(_) => ends || self.held[actor].is_empty(),
            Op::Upgrade => ends || !self.held[actor].contains(&Mode::Read),
            _ => true,
        }
    }

    fn begin(mut self, actor: usize, op: &Op, _: bool) -> Steps<Self> {
        match (*op, self.held[actor].last()) {
            (Op::Acquire(mode), _) => match self.takes(actor, mode, false, false) {
                Taken::Lock => self.done(Answer::Done),
                Taken::Claim => self.waits(),
                Taken::Nothing => {
                    self.queue.push((actor, mode));
                    self.waits()
                }
            },
            (Op::TryAcquire(mode), _) => {
                let taken = self.takes(actor, mode, true, false);
                self.done(Answer::done_or_no(taken == Taken::Lock))
            }
            (_, None) => self.done(Answer::NoGuard),
            (Op::Release, Some(Mode::Read)) => {
                self.held[actor].pop();
                self.done(Answer::Done)
            }
            (Op::Release, Some(_)) => {
                self.held[actor].pop();
                self.wake().done(Answer::Done)
            }
            (Op::Downgrade, Some(Mode::Write | Mode::Upgradable)) => {
                self.held[actor].pop();
                self.held[actor].push(Mode::Read);
                self.wake().done(Answer::Done)
            }
            (Op::TryUpgrade, Some(Mode::Upgradable)) => {
                let upgraded = self.writes(actor);
                self.done(Answer::done_or_no(upgraded))
            }
            (Op::Upgrade, Some(Mode::Upgradable)) => {
                if self.writes(actor) {
                    return self.done(Answer::Done);
                }
                self.draining = Some(actor);
                self.waits()
            }
            _ => self.done(Answer::NoGuard),
        }
    }

    fn proceed(mut self, actor: usize, op: &Op) -> Steps<Self> {
        if self.draining == Some(actor) {
            return if self.writes(actor) { self.done(Answer::Done) } else { Vec::new() };
        }
        let Some(place) = self.woken.iter().position(|it| *it == actor) else { return Vec::new() };
        self.woken.remove(place);
        let Op::Acquire(mode) = *op else { unreachable!("only acquires wait in the queue") };
        match self.takes(actor, mode, false, true) {
            Taken::Lock => self.done(Answer::Done),
            Taken::Claim => self.waits(),
            Taken::Nothing => {
                self.queue.push((actor, mode));
                self.wake().waits()
            }
        }
    }

    fn give_up(mut self, actor: usize, _: &Op, why: WaitError) -> Steps<Self> {
        if self.draining == Some(actor) {
            self.draining = None;
            return self.wake().done(Answer::Ended(why));
        }
        let Some(place) = self.queue.iter().position(|it| it.0 == actor) else {
            return Vec::new();
        };
        self.queue.remove(place);
        self.done(Answer::Ended(why))
    }

    fn records(&self, _: usize, _: &Op) -> Vec<Record> {
        vec![(WaitKind::RwLock, Some(NAME))]
    }

    fn rescue(&self, actor: usize) -> Option<Op> {
        (!self.held[actor].is_empty()).then_some(Op::Release)
    }
}

/// Converts the guard; it is returned unchanged if that fails.
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
    let nobody = State {
        held: array::from_fn(|_| Vec::new()),
        queue: Vec::new(),
        woken: Vec::new(),
        draining: None,
    };
    let mode = select(vec![Mode::Read, Mode::Upgradable, Mode::Write]);
    let others = vec![Op::Release, Op::Release, Op::Upgrade, Op::TryUpgrade, Op::Downgrade];
    let ops = prop_oneof![
        6 => mode.clone().prop_map(Op::Acquire),
        1 => mode.prop_map(Op::TryAcquire),
        8 => select(others),
    ];
    check(proptest::strategy::Just(nobody), ops);
}
