//! Plays random programs, and checks that what happens is possible in the model.

use std::{
    collections::{BTreeMap, HashSet},
    env,
    fmt::{Debug, Write},
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    strategy::BoxedStrategy,
    test_runner::{Config, TestCaseError, TestRunner},
};
use threadwork_sync::{StopSource, Wait, waits};

use crate::{
    actors::Actors,
    model::{ACTORS, Answer, Limit, Model, Record, SPARE, View},
    world::{Ends, Phase, World, closure},
};

/// The number of cases of each test if `PROPTEST_CASES` is not set.
const CASES: u32 = 350;

/// Far longer than any call takes that does not wait for a deadline.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same after a first failure, so that shrinking the program does not take hours.
const NO_PATIENCE: Duration = Duration::from_secs(2);

/// What may end the wait of a call.
#[derive(Clone, Copy, Debug)]
enum Term {
    Never,
    Far,
    /// A timeout of this many microseconds, while other things happen.
    Soon(u16),
    Passed,
    /// A stop that may be requested later.
    Stop,
    Stopped,
    SoonOrStop(u16),
}

impl Term {
    fn any() -> impl Strategy<Value = Term> {
        prop_oneof![
            3 => Just(Term::Never),
            1 => Just(Term::Far),
            3 => (0..1500_u16).prop_map(Term::Soon),
            1 => Just(Term::Passed),
            4 => Just(Term::Stop),
            1 => Just(Term::Stopped),
            2 => (0..1500_u16).prop_map(Term::SoonOrStop),
        ]
    }

    fn ends(self) -> Ends {
        Ends {
            time: matches!(self, Term::Soon(_) | Term::Passed | Term::SoonOrStop(_)),
            stop: matches!(self, Term::Stopped),
        }
    }

    /// Whether a stop that is requested later ends it.
    fn can_be_stopped(self) -> bool {
        matches!(self, Term::Stop | Term::SoonOrStop(_))
    }

    /// The limit to call with; `stop` has not been requested yet.
    fn limit(self, stop: &StopSource) -> Limit {
        let micros = |it: u16| Duration::from_micros(it.into());
        match self {
            Term::Never => Limit::Never,
            Term::Far => Limit::Timeout(Duration::from_secs(1000)),
            Term::Soon(it) => Limit::Timeout(micros(it)),
            Term::Passed => Limit::With(Wait::timeout(Duration::ZERO)),
            Term::Stop => Limit::With(Wait::forever().or_stop(&stop.token())),
            Term::Stopped => {
                stop.request_stop();
                Limit::With(Wait::forever().or_stop(&stop.token()))
            }
            Term::SoonOrStop(it) => Limit::With(Wait::timeout(micros(it)).or_stop(&stop.token())),
        }
    }
}

/// One action. The actor is chosen among those that can do it.
#[derive(Clone, Debug)]
enum Action<O> {
    Call(u8, O, Term),
    /// Requests a stop of one call.
    Stop(u8),
    /// Requests a stop of all calls, by one source.
    StopAll,
}

/// Groups of actions: those of a group happen at the same time, and the next group starts once they are over.
type Program<O> = Vec<Vec<Action<O>>>;

fn programs<O: Debug + Clone + 'static>(
    ops: BoxedStrategy<O>,
) -> impl Strategy<Value = Program<O>> {
    let action = prop_oneof![
        12 => (any::<u8>(), ops, Term::any()).prop_map(|(it, op, term)| Action::Call(it, op, term)),
        2 => any::<u8>().prop_map(Action::Stop),
        1 => Just(Action::StopAll),
    ];
    let batch = prop_oneof![
        3 => vec(action.clone(), 1),
        2 => vec(action.clone(), 2),
        1 => vec(action, 3),
    ];
    vec(batch, 1..25)
}

/// Checks that everything that happens to the object is possible in the model, for any program of these operations and any initial state.
#[track_caller]
pub(crate) fn check<M: Model>(
    beginnings: impl Strategy<Value = M>,
    ops: impl Strategy<Value = M::Op> + 'static,
) {
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 300,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let cases = if env::var_os("PROPTEST_CASES").is_some() { config.cases } else { CASES };
    let patient = AtomicBool::new(true);
    let result = TestRunner::new(Config { cases, ..config }).run(
        &(beginnings, programs(ops.boxed())),
        |(model, program)| {
            let patience = if patient.load(Ordering::Relaxed) { PATIENCE } else { NO_PATIENCE };
            Play::new(model, patience).play(program).map_err(|failure| {
                patient.store(false, Ordering::Relaxed);
                TestCaseError::fail(failure)
            })
        },
    );
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// One case.
struct Play<M: Model> {
    object: Arc<M::Object>,
    actors: Actors<M>,
    /// The worlds that agree with everything seen so far.
    worlds: HashSet<World<M>>,
    /// The calls without an answer so far, with their stop sources if they have one.
    busy: BTreeMap<usize, Option<StopSource>>,
    all: StopSource,
    history: String,
    patience: Duration,
}

/// An observation of the object and its actors.
#[derive(Debug)]
struct Seen {
    answers: BTreeMap<usize, Answer>,
    blocked: BTreeMap<usize, Record>,
    view: View,
}

impl<M: Model> Play<M> {
    fn new(model: M, patience: Duration) -> Play<M> {
        let object = Arc::new(model.object());
        Play {
            actors: Actors::start(&object),
            object,
            history: format!("{model:?}\n"),
            worlds: HashSet::from([World::new(model)]),
            busy: BTreeMap::new(),
            all: StopSource::new(),
            patience,
        }
    }

    fn play(mut self, program: Program<M::Op>) -> Result<(), String> {
        for batch in program {
            for action in batch {
                match action {
                    Action::Call(pick, op, term) => self.call_of_any(pick, op, term),
                    Action::Stop(pick) => self.stop(pick),
                    Action::StopAll => self.stop_all(),
                }
            }
            self.settle()?;
        }
        self.rescue()?;
        self.actors.join();
        Ok(())
    }

    fn note(&mut self, what: impl Debug) {
        let written = writeln!(self.history, "  {what:?}");
        debug_assert!(written.is_ok(), "a string takes everything");
    }

    /// Calls the operation in one of the actors that may call it, if there is one.
    fn call_of_any(&mut self, pick: u8, op: M::Op, term: Term) {
        let Ends { time, stop } = term.ends();
        let may = |actor: &usize| {
            !self.busy.contains_key(actor)
                && self.worlds.iter().all(|it| it.model.may_call(*actor, &op, time || stop))
        };
        let actors: Vec<_> = (0..SPARE).filter(may).collect();
        if !actors.is_empty() {
            self.call(actors[usize::from(pick) % actors.len()], op, term);
        }
    }

    fn call(&mut self, actor: usize, op: M::Op, term: Term) {
        self.note((actor, &op, term));
        let stop = StopSource::child_of(&self.all.token());
        for mut world in mem::take(&mut self.worlds) {
            world.phases[actor] = Phase::Calling(op.clone(), term.ends());
            self.worlds.insert(world);
        }
        self.actors.call(actor, op, term.limit(&stop));
        self.busy.insert(actor, term.can_be_stopped().then_some(stop));
    }

    fn stop(&mut self, pick: u8) {
        let stops: Vec<_> = self.stops().map(|(actor, stop)| (actor, stop.clone())).collect();
        if stops.is_empty() {
            return;
        }
        let (actor, stop) = &stops[usize::from(pick) % stops.len()];
        self.note(("stop", actor));
        self.stop_is_coming(&[*actor]);
        stop.request_stop();
    }

    fn stop_all(&mut self) {
        self.note("stop all");
        let actors: Vec<_> = self.stops().map(|(actor, _)| actor).collect();
        self.stop_is_coming(&actors);
        mem::take(&mut self.all).request_stop();
    }

    /// The calls that can be stopped.
    fn stops(&self) -> impl Iterator<Item = (usize, &StopSource)> {
        self.busy.iter().filter_map(|(actor, stop)| Some((*actor, stop.as_ref()?)))
    }

    fn stop_is_coming(&mut self, actors: &[usize]) {
        for mut world in mem::take(&mut self.worlds) {
            for actor in actors {
                world.stops[*actor] = true;
            }
            self.worlds.insert(world);
        }
    }

    /// Waits until all calls are answered or blocked in a way that the model allows.
    fn settle(&mut self) -> Result<(), String> {
        let all = closure(mem::take(&mut self.worlds)).into_iter();
        let all: Vec<_> = all.map(|it| (it.is_quiet(), it)).collect();
        let give_up = Instant::now() + self.patience;
        let mut answers = BTreeMap::new();
        loop {
            while let Some((actor, answer)) = self.actors.answer_within(Duration::ZERO) {
                answers.insert(actor, answer);
            }
            let says = |world: &World<M>| answers.iter().all(|(actor, it)| world.says(*actor, it));
            let possible: Vec<_> = all.iter().filter(|(_, it)| says(it)).collect();
            let seen = self.look(&answers);
            if possible.is_empty() {
                return Err(self.failure("the model does not allow this", &seen, &all));
            }
            if possible.iter().any(|(is_quiet, it)| *is_quiet && it.explains(&seen)) {
                self.note(&seen);
                self.keep_worlds(&possible, &seen);
                return Ok(());
            }
            if Instant::now() > give_up {
                return Err(self.failure("the model demands another step", &seen, &all));
            }
            if let Some((actor, answer)) = self.actors.answer_within(Duration::from_micros(100)) {
                answers.insert(actor, answer);
            }
        }
    }

    fn look(&self, answers: &BTreeMap<usize, Answer>) -> Seen {
        let place = |ident| self.actors.idents.iter().position(|it| *it == ident);
        let blocked = waits().into_iter();
        Seen {
            answers: answers.clone(),
            blocked: blocked
                .filter_map(|it| Some((place(it.thread.ident)?, (it.kind, it.name))))
                .collect(),
            view: M::look(&self.object, &self.actors.idents),
        }
    }

    /// Keeps the worlds that agree with this observation.
    ///
    /// A thread that is seen blocked may have been woken a moment ago without having run yet:
    /// if that explains the difference, a world is kept although it differs from what was seen.
    fn keep_worlds(&mut self, possible: &[&(bool, World<M>)], seen: &Seen) {
        for (is_quiet, world) in possible {
            let is_over = |actor: &usize| matches!(world.phases[*actor], Phase::Done(_));
            let moves = !is_quiet || seen.blocked.keys().any(is_over);
            if !world.has_begun() || !(moves || world.explains(seen)) {
                continue;
            }
            let mut world = world.clone();
            for actor in seen.answers.keys() {
                world.phases[*actor] = Phase::Idle;
            }
            self.worlds.insert(world);
        }
        self.busy.retain(|actor, _| !seen.answers.contains_key(actor));
    }

    /// Lets the actors end all waits that are still blocked.
    fn rescue(&mut self) -> Result<(), String> {
        for _ in 0..100 {
            let rescue = |actor: usize| {
                let mut worlds = self.worlds.iter().filter(|_| !self.busy.contains_key(&actor));
                worlds.find_map(|it| Some((actor, it.model.rescue(actor)?)))
            };
            let Some((actor, op)) = (0..ACTORS).find_map(rescue) else { break };
            self.call(actor, op, Term::Never);
            self.settle()?;
        }
        let blocked: Vec<_> = self.busy.keys().collect();
        if blocked.is_empty() {
            Ok(())
        } else {
            Err(format!("{blocked:?} stay blocked\n{}", self.history))
        }
    }

    fn failure(&self, what: &str, seen: &Seen, possible: &[(bool, World<M>)]) -> String {
        let ends = possible.iter().filter(|(is_quiet, _)| *is_quiet);
        let mut ends: Vec<_> = ends.map(|(_, it)| format!("  {it:?}")).collect();
        ends.sort_unstable();
        format!(
            "{what}\n{}seen now: {seen:?}\npossible in the end:\n{}",
            self.history,
            ends.join("\n")
        )
    }
}

impl<M: Model> World<M> {
    /// Whether the actor has given this answer or can still give it.
    fn says(&self, actor: usize, answer: &Answer) -> bool {
        matches!(&self.phases[actor], Phase::Done(it) if it == answer)
    }

    /// Whether all calls and stops have had an effect.
    fn has_begun(&self) -> bool {
        !self.stops.contains(&true)
            && self.phases.iter().all(|it| !matches!(it, Phase::Calling(..)))
    }

    fn explains(&self, seen: &Seen) -> bool {
        let explains = |actor: usize| match (&self.phases[actor], seen.blocked.get(&actor)) {
            (Phase::Idle, None) => true,
            (Phase::Done(answer), None) => seen.answers.get(&actor) == Some(answer),
            (Phase::Waiting(op, _), Some(record)) => self.model.records(actor, op).contains(record),
            _ => false,
        };
        (0..ACTORS).all(explains) && self.model.view() == seen.view
    }
}
