//! The barrier: so many threads go on together.

use std::{
    fmt,
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use crate::{
    door::{self, Holder, Key, Parking, Subject, Token, WaitKind},
    error::{BrokenBarrierError, BrokenReason, WaitError},
    floor::{Kept, Word, const_new},
    forms::without_end,
    named::named,
    wait::Wait,
};

mod rounds;

#[cfg(test)]
mod tests;

/// A given number of threads, the parties, all have to arrive before any goes on. Then it is there for the next round.
/// It takes 80 bytes, a name included, besides the action.
///
/// # Broken rounds
///
/// A party whose time is up, that is stopped, or whose action panics breaks the round: all its parties get a [`BrokenBarrierError`] that says why.
/// [`abort`](Self::abort) breaks it too. A broken barrier fails at once until [`reset`](Self::reset).
/// An arrival that was given up is never counted later.
///
/// # Happens-before
///
/// What a party did before it arrived is seen by the action, and what that did by every party that goes on.
///
/// # Differences from Python
///
/// * The error says why the round was broken.
/// * The action runs without any lock, and may use the barrier; parties of the next round wait until it has returned.
/// * A panic of the action goes on in the thread that arrived last.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use threadwork::Barrier;
///
/// static ROUNDS: AtomicU32 = AtomicU32::new(0);
///
/// let barrier = Barrier::new(2).with_action(|| _ = ROUNDS.fetch_add(1, Ordering::Relaxed));
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| (0..3).for_each(|_| _ = barrier.wait().unwrap()));
///     }
/// });
/// assert_eq!(ROUNDS.load(Ordering::Relaxed), 3);
/// ```
pub struct Barrier {
    /// How many have arrived, shifted past the phase. Changed only with the queue locked.
    word: Word,
    /// The number of the round. Changed only with the queue locked.
    round: AtomicUsize,
    /// How the last rounds ended, four bits each, the last one lowest. Changed only with the queue locked.
    ///
    /// It is asked by a party that a stop or its deadline took out of the queue in the very moment in which the round ended.
    history: AtomicUsize,
    parties: Kept<usize>,
    timeout: Kept<Option<Duration>>,
    action: Kept<Option<Box<dyn Fn() + Send + Sync>>>,
    name: Kept<Option<&'static str>>,
}

// Whatever the action does when it panics, the barrier itself is left in order.
impl std::panic::UnwindSafe for Barrier {}
impl std::panic::RefUnwindSafe for Barrier {}

/// Parties arrive.
const FILLING: usize = 0;
/// All have arrived, and the last one runs the action.
const TRIPPING: usize = 1;
/// Nobody can arrive until a reset.
const BROKEN: usize = 2;
const PHASE: usize = 3;
const SHIFT: u32 = 2;

/// How a round ended: zero, or the number of a [`BrokenReason`].
type End = usize;
const PASSED: End = 0;
const END_BITS: u32 = 4;

/// What became of an arrival.
enum Arrival {
    /// The party waits for others.
    Waiting { index: usize, round: usize },
    /// All have arrived.
    Last { round: usize },
    /// The last round's action is still running.
    Busy,
    /// The barrier is broken.
    Broken(End),
}

impl Barrier {
    const_new! {
        /// A barrier for so many parties.
        ///
        /// # Panics
        ///
        /// If there are none: nobody could ever arrive last.
        #[must_use]
        pub const fn new(parties: usize) -> Barrier {
            assert!(parties > 0, "a barrier needs at least one party; make it for one or more");
            assert!(parties <= usize::MAX >> SHIFT, "a barrier cannot count so many parties; make it for fewer");
            Barrier {
                word: Word::new(FILLING),
                round: AtomicUsize::new(0),
                history: AtomicUsize::new(0),
                parties: Kept::new(parties),
                timeout: Kept::new(None),
                action: Kept::new(None),
                name: Kept::new(None),
            }
        }
    }

    /// The same barrier with an action, which the last party to arrive runs once a round before any goes on.
    #[must_use]
    pub fn with_action(self, action: impl Fn() + Send + Sync + 'static) -> Barrier {
        Barrier { action: Kept::new(Some(Box::new(action))), ..self }
    }

    /// The same barrier with the timeout that [`wait`](Self::wait) has where no other is given.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Barrier {
        self.timeout = Kept::new(Some(timeout));
        self
    }

    named!(pub name: "barrier", "waits at");

    /// How many have to arrive.
    #[must_use]
    pub const fn parties(&self) -> usize {
        *self.parties.get()
    }

    /// How many have arrived and wait for others.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        let word = self.word.load(Ordering::Relaxed);
        if word & PHASE == FILLING { word >> SHIFT } else { 0 }
    }

    /// Whether the barrier fails until it is reset.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.word.load(Ordering::Relaxed) & PHASE == BROKEN
    }

    /// Arrives, and waits for the others: for ever, or as long as [`with_timeout`](Self::with_timeout) says.
    ///
    /// # Errors
    ///
    /// Why the round was broken.
    ///
    /// # Panics
    ///
    /// In the party that arrives last, if the action does.
    #[track_caller]
    pub fn wait(&self) -> Result<BarrierWaitResult, BrokenBarrierError> {
        self.arrive(&self.timeout.get().map_or(Wait::forever(), Wait::timeout), Location::caller())
    }

    /// Goes on if all others have arrived. Otherwise it does not arrive: `None`.
    ///
    /// # Errors
    ///
    /// Why the barrier is broken.
    ///
    /// # Panics
    ///
    /// If the action does.
    pub fn try_wait(&self) -> Result<Option<BarrierWaitResult>, BrokenBarrierError> {
        let mut arrival = Arrival::Busy;
        self.locked(|| {
            let word = self.word.load(Ordering::Relaxed);
            if word & PHASE != FILLING || (word >> SHIFT) + 1 == self.parties() {
                arrival = self.count();
            }
            None
        });
        match arrival {
            Arrival::Last { round } => self.trip(round).map(Some),
            Arrival::Broken(end) => Err(BrokenBarrierError::of(end)),
            Arrival::Busy | Arrival::Waiting { .. } => Ok(None),
        }
    }

    /// Arrives, and waits for the others at most for `timeout`; zero breaks the round unless it is the last to arrive.
    ///
    /// # Errors
    ///
    /// Why the round was broken: [`TimedOut`](BrokenReason::TimedOut) also in this thread.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<BarrierWaitResult, BrokenBarrierError> {
        self.arrive(&Wait::timeout(timeout), Location::caller())
    }

    /// Arrives, and waits for the others unless `wait` ends first, which breaks the round.
    ///
    /// # Errors
    ///
    /// Why the round was broken: [`TimedOut`](BrokenReason::TimedOut) or [`Stopped`](BrokenReason::Stopped) also in this thread.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<BarrierWaitResult, BrokenBarrierError> {
        self.arrive(wait, Location::caller())
    }

    /// Breaks the barrier, until it is reset: whoever waits gets an error, and so does whoever comes. A broken one stays as it is.
    pub fn abort(&self) {
        self.break_round(BrokenReason::Aborted, || true);
    }

    /// Makes the barrier ready for a new round. Whoever waits gets an error.
    pub fn reset(&self) {
        let turn = self.turn();
        self.locked(|| {
            let word = self.word.load(Ordering::Relaxed);
            let end = (word & PHASE != BROKEN && word != FILLING)
                .then(|| self.end_round(BrokenReason::Reset as End));
            self.word.store(FILLING, Ordering::Relaxed);
            end
        });
        door::unpark_all(turn, Token::RETRY);
    }

    /// Where the parties of a round wait. No other object wakes threads of this queue.
    fn key(&self) -> Key {
        Key::exact(&self.word)
    }

    /// Where those wait that came while the action was running.
    fn turn(&self) -> Key {
        Key::of(&self.word)
    }

    fn arrive(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<BarrierWaitResult, BrokenBarrierError> {
        let subject = Subject {
            kind: WaitKind::Barrier,
            name: self.name(),
            holder: Holder::Nobody,
            location,
        };
        let parking = Parking { key: self.key(), amount: 0, subject: &subject };
        loop {
            let mut arrival = None;
            let validate = || matches!(arrival.insert(self.count()), Arrival::Waiting { .. });
            let parked = wait.park_and(&parking, validate, || (), |_, _| ());
            if arrival.is_none() {
                // The stop was requested before. The party arrives all the same: the last one does not have to wait,
                // and any other breaks the round.
                self.locked(|| {
                    arrival = Some(self.count());
                    None
                });
            }
            let (index, round) = match arrival.expect("it has been counted") {
                Arrival::Last { round } => return self.trip(round),
                Arrival::Broken(end) => return Err(BrokenBarrierError::of(end)),
                Arrival::Waiting { index, round } => (index, round),
                Arrival::Busy => {
                    parked.map_err(BrokenBarrierError::from)?;
                    self.wait_while_tripping(wait, &subject).map_err(BrokenBarrierError::from)?;
                    continue;
                }
            };
            let end = match parked {
                Ok(Some(token)) => token.to_value(),
                Ok(None) => unreachable!("an arrival that is counted waits"),
                Err(error) => self.leave(round, error, &subject),
            };
            return match end {
                PASSED => Ok(BarrierWaitResult { index, leader: false }),
                end => Err(BrokenBarrierError::of(end)),
            };
        }
    }

    /// A deadline or a stop has taken a party out of the queue: how has its round ended?
    #[cold]
    fn leave(&self, round: usize, error: WaitError, subject: &Subject) -> End {
        let reason = BrokenReason::from(error);
        loop {
            let (mut end, mut tripping) = (None, false);
            self.break_round(reason, || {
                end = self.end_of(round);
                tripping = self.word.load(Ordering::Relaxed) & PHASE == TRIPPING;
                end.is_none() && !tripping
            });
            match end {
                Some(end) => return end,
                // Everybody has arrived, this party too: what counts is how the action ends.
                None if tripping => {
                    without_end(|wait| self.wait_while_tripping(wait, subject));
                }
                None => return reason as End,
            }
        }
    }

    fn wait_while_tripping(&self, wait: &Wait, subject: &Subject) -> Result<(), WaitError> {
        while self.word.load(Ordering::Relaxed) & PHASE == TRIPPING {
            let validate = || self.word.load(Ordering::Relaxed) & PHASE == TRIPPING;
            wait.park(self.turn(), subject, validate, |_, _| ())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("name", &self.name)
            .field("parties", &self.parties())
            .field("n_waiting", &self.n_waiting())
            .field("is_broken", &self.is_broken())
            .finish_non_exhaustive()
    }
}

/// What a party learns when it goes on.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// let passed = threadwork::Barrier::new(1).wait().unwrap();
/// assert!(passed.is_leader());
/// assert_eq!(passed.index(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult {
    index: usize,
    leader: bool,
}

impl BarrierWaitResult {
    /// In which place this party arrived, from 0; the last one has `parties - 1`.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Whether this party arrived last, and ran the action: true for one in each round.
    #[must_use]
    pub const fn is_leader(&self) -> bool {
        self.leader
    }
}
