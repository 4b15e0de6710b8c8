//! All possible interleavings of several calls in progress.

use std::{collections::HashSet, mem};

use threadwork_sync::WaitError;

use crate::model::{ACTORS, Answer, Model, Steps};

/// What may end a wait early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ends {
    /// Its deadline passes soon, or has passed.
    pub(crate) time: bool,
    /// Its stop has been requested.
    pub(crate) stop: bool,
}

/// The progress of the call of one actor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase<O> {
    Idle,
    /// Sent, without any effect yet.
    Calling(O, Ends),
    Waiting(O, Ends),
    Done(Answer),
}

/// The object, its actors, and the stops that were requested and have not taken effect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World<M: Model> {
    pub(crate) model: M,
    pub(crate) phases: [Phase<M::Op>; ACTORS],
    pub(crate) stops: [bool; ACTORS],
}

impl<M: Model> World<M> {
    pub(crate) fn new(model: M) -> World<M> {
        World { model, phases: std::array::from_fn(|_| Phase::Idle), stops: [false; ACTORS] }
    }

    /// Whether nothing happens any more without another action.
    pub(crate) fn is_quiet(&self) -> bool {
        self.next().is_empty()
    }

    fn next(&self) -> Vec<World<M>> {
        let mut next = Vec::new();
        for actor in 0..ACTORS {
            if self.stops[actor] {
                next.push(self.stop_arrives(actor));
            }
            let model = || self.model.clone();
            match &self.phases[actor] {
                Phase::Calling(op, ends) => {
                    self.step(actor, op, *ends, model().begin(actor, op, ends.stop), &mut next);
                }
                Phase::Waiting(op, ends) => {
                    self.step(actor, op, *ends, model().proceed(actor, op), &mut next);
                    for (is_over, why) in
                        [(ends.time, WaitError::TimedOut), (ends.stop, WaitError::Stopped)]
                    {
                        if is_over {
                            let steps = model().give_up(actor, op, why);
                            self.step(actor, op, *ends, steps, &mut next);
                        }
                    }
                }
                Phase::Idle | Phase::Done(_) => (),
            }
        }
        next
    }

    fn stop_arrives(&self, actor: usize) -> World<M> {
        let mut next = self.clone();
        next.stops[actor] = false;
        if let Phase::Calling(_, ends) | Phase::Waiting(_, ends) = &mut next.phases[actor] {
            ends.stop = true;
        }
        next
    }

    fn step(
        &self,
        actor: usize,
        op: &M::Op,
        ends: Ends,
        steps: Steps<M>,
        next: &mut Vec<World<M>>,
    ) {
        next.extend(steps.into_iter().map(|(model, answer)| {
            let mut world = World { model, ..self.clone() };
            world.phases[actor] = match answer {
                Some(answer) => Phase::Done(answer),
                None => Phase::Waiting(op.clone(), ends),
            };
            world
        }));
    }
}

/// These worlds and all that can follow from them.
pub(crate) fn closure<M: Model>(worlds: HashSet<World<M>>) -> HashSet<World<M>> {
    let mut all = worlds.clone();
    let mut new: Vec<_> = worlds.into_iter().collect();
    while !new.is_empty() {
        for world in mem::take(&mut new) {
            for next in world.next() {
                if all.insert(next.clone()) {
                    new.push(next);
                }
            }
        }
    }
    all
}
