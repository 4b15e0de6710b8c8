//! What a synchronisation object does, as a sequence of steps.

use std::{fmt::Debug, hash::Hash, num::NonZeroU64, time::Duration};

use threadwork_sync::{BrokenReason, ReleaseError, Wait, WaitError, WaitKind};

/// The threads of a case; the last one is the [`SPARE`].
pub(crate) const ACTORS: usize = 5;

/// An actor that programs do not use, so that somebody can free the others at the end.
pub(crate) const SPARE: usize = ACTORS - 1;

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Done,
    /// Not without waiting.
    No,
    Count(usize),
    /// Passed a barrier as the one that came in this place.
    Passed(usize),
    /// Passed a barrier as the last one, in this place.
    Led(usize),
    Ended(WaitError),
    Broken(BrokenReason),
    Refused(ReleaseError),
    NotHolder,
    /// The actor has no guard to do that with.
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

/// What the methods that only ask say, by name.
pub(crate) type View = Vec<(&'static str, usize)>;

/// Who holds something, as a number for a [`View`].
pub(crate) fn number_of(actor: Option<usize>) -> usize {
    actor.map_or(0, |actor| actor + 1)
}

/// The actor with this number of a thread; a stranger is none of them.
pub(crate) fn actor_of(idents: &[NonZeroU64], ident: Option<NonZeroU64>) -> usize {
    let place = |ident| idents.iter().position(|it| *it == ident).unwrap_or(usize::MAX - 1);
    number_of(ident.map(place))
}

/// What the record of a blocked thread says.
pub(crate) type Record = (WaitKind, Option<&'static str>);

/// Where one step can lead: the model after it, and the answer if the call is over. `None`: it waits.
pub(crate) type Steps<M> = Vec<(M, Option<Answer>)>;

/// Which form of a blocking method is called.
#[derive(Debug)]
pub(crate) enum Limit {
    Never,
    Timeout(Duration),
    With(Wait),
}

impl Limit {
    /// Calls `x()`, `x_timeout(Duration)` or `x_with(&Wait)`, whose results have been made alike.
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

    /// The same for methods that give nothing: their results are as they are.
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

/// A state of the model is a state between steps. Calls of several actors may be under way,
/// and whatever can happen next may happen, so one state can have many successors.
pub(crate) trait Model: Clone + Eq + Hash + Debug {
    /// The real thing.
    type Object: Send + Sync + 'static;

    /// What an actor keeps from call to call: its guards.
    type Held<'a>: Default;

    type Op: Clone + Eq + Hash + Debug + Send + 'static;

    fn object(&self) -> Self::Object;

    /// Does it, in the thread of the actor.
    fn run<'a>(
        object: &'a Self::Object,
        held: &mut Self::Held<'a>,
        op: &Self::Op,
        limit: &Limit,
    ) -> Answer;

    /// What the object says of itself while all is quiet.
    fn look(object: &Self::Object, idents: &[NonZeroU64]) -> View;

    /// What it should say.
    fn view(&self) -> View;

    /// Whether the actor may call this: not if that is a mistake, or if nobody could ever free it.
    /// `ends` says that a wait ends by itself.
    fn may_call(&self, _actor: usize, _op: &Self::Op, _ends: bool) -> bool {
        true
    }

    /// The first step of a call; `stopped` if the stop of its wait has been requested.
    fn begin(self, actor: usize, op: &Self::Op, stopped: bool) -> Steps<Self>;

    /// A step of a call that waits, if there is one.
    fn go_on(self, actor: usize, op: &Self::Op) -> Steps<Self>;

    /// What becomes of a call that waits when its time is up or its stop requested: nothing if that is too late.
    fn give_up(self, actor: usize, op: &Self::Op, why: WaitError) -> Steps<Self>;

    /// What the record of an actor can say while it is blocked.
    fn records(&self, actor: usize, op: &Self::Op) -> Vec<Record>;

    /// What an actor that is not blocked can do so that all get free in the end; `None` if there is nothing left for it to do.
    fn rescue(&self, actor: usize) -> Option<Self::Op>;
}
