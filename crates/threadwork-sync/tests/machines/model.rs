//! The behaviour of a synchronisation object, as a sequence of steps.

use std::{fmt::Debug, hash::Hash, num::NonZeroU64, time::Duration};

use threadwork_sync::{BrokenReason, ReleaseError, Wait, WaitError, WaitKind};

/// The threads of a case; the last one is the [`SPARE`].
pub(crate) const ACTORS: usize = 5;

/// An actor that programs do not use: it can free the others at the end.
pub(crate) const SPARE: usize = ACTORS - 1;

/// The result of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Done,
    /// A `try_` method failed.
    No,
    Count(usize),
    /// Passed a barrier, having arrived in this place.
    Passed(usize),
    /// Passed a barrier as the leader, having arrived last, in this place.
    Led(usize),
    Ended(WaitError),
    Broken(BrokenReason),
    Refused(ReleaseError),
    NotHolder,
    /// The items that were taken from a queue.
    Items(Vec<usize>),
    /// The queue was shut down.
    ShutDown,
    /// The actor has no guard for this operation.
    NoGuard,
    Panicked(String),
}

impl Answer {
    pub(crate) fn done_or_no(done: bool) -> Answer {
        if done { Answer::Done } else { Answer::No }
    }
}

impl From<Result<(), WaitError>> for Answer {
    fn from(result: Result<(), WaitError>) -> Self {
        result.map_or_else(Answer::Ended, |()| Answer::Done)
    }
}

impl From<Result<(), ReleaseError>> for Answer {
    fn from(result: Result<(), ReleaseError>) -> Self {
        result.map_or_else(Answer::Refused, |()| Answer::Done)
    }
}

/// The results of the query methods, by name.
pub(crate) type View = Vec<(&'static str, usize)>;

/// The holder as a number for a [`View`].
pub(crate) fn number_of(actor: Option<usize>) -> usize {
    actor.map_or(0, |actor| actor + 1)
}

/// The actor with this thread number, as a number for a [`View`]; other threads are not actors.
pub(crate) fn actor_of(idents: &[NonZeroU64], ident: Option<NonZeroU64>) -> usize {
    let place = |ident| idents.iter().position(|it| *it == ident).unwrap_or(usize::MAX - 1);
    number_of(ident.map(place))
}

/// The record of a blocked thread.
pub(crate) type Record = (WaitKind, Option<&'static str>);

/// The possible results of one step: the model after it, and the answer if the call returned, or `None` if it waits.
pub(crate) type Steps<M> = Vec<(M, Option<Answer>)>;

/// The form of a blocking method.
#[derive(Debug)]
pub(crate) enum Limit {
    Never,
    Timeout(Duration),
    With(Wait),
}

impl Limit {
    /// Calls `x()`, `x_timeout(Duration)` or `x_with(&Wait)`; the caller makes their result types equal.
    pub(crate) fn call<R>(
        &self,
        never: impl FnOnce() -> R,
        timeout: impl FnOnce(Duration) -> R,
        with: impl FnOnce(&Wait) -> R,
    ) -> R {
        match self {
            Limit::Never => never(),
            Limit::Timeout(it) => timeout(*it),
            Limit::With(wait) => with(wait),
        }
    }

    /// As [`call`](Self::call), for methods that return no value.
    pub(crate) fn wait(
        &self,
        never: impl FnOnce(),
        timeout: impl FnOnce(Duration) -> Result<(), WaitError>,
        with: impl FnOnce(&Wait) -> Result<(), WaitError>,
    ) -> Answer {
        match self {
            Limit::Never => {
                never();
                Answer::Done
            }
            Limit::Timeout(it) => timeout(*it).into(),
            Limit::With(wait) => with(wait).into(),
        }
    }
}

/// A state of the model lies between two steps. Calls of several actors may be in progress,
/// and any of them may take the next step, so one state can have many successors.
pub(crate) trait Model: Clone + Eq + Hash + Debug {
    /// The real object.
    type Object: Send + Sync + 'static;

    /// What an actor keeps between calls: its guards.
    type Held<'a>: Default;

    type Op: Clone + Eq + Hash + Debug + Send + 'static;

    fn object(&self) -> Self::Object;

    /// Runs the operation in the thread of the actor.
    fn run<'a>(
        object: &'a Self::Object,
        held: &mut Self::Held<'a>,
        op: &Self::Op,
        limit: &Limit,
    ) -> Answer;

    /// The view of the object while no call is in progress but blocked ones.
    fn look(object: &Self::Object, idents: &[NonZeroU64]) -> View;

    /// The view that the object must have in this state.
    fn view(&self) -> View;

    /// Whether the actor may call this: not if it is a misuse, or if no actor could ever end the wait.
    /// `ends` is `true` if the wait ends by itself.
    fn may_call(&self, _actor: usize, _op: &Self::Op, _ends: bool) -> bool {
        true
    }

    /// The first step of a call; `stopped` is `true` if the stop of its wait has been requested.
    fn begin(self, actor: usize, op: &Self::Op, stopped: bool) -> Steps<Self>;

    /// The steps that a waiting call can take now.
    fn proceed(self, actor: usize, op: &Self::Op) -> Steps<Self>;

    /// The steps of a waiting call whose deadline passed or whose stop was requested; empty if that comes too late.
    fn give_up(self, actor: usize, op: &Self::Op, why: WaitError) -> Steps<Self>;

    /// The records that a blocked actor may have.
    fn records(&self, actor: usize, op: &Self::Op) -> Vec<Record>;

    /// The next operation of an actor that is not blocked, so that all actors are free in the end; `None` if it has nothing left to do.
    fn rescue(&self, actor: usize) -> Option<Self::Op>;
}
