//! The barrier: a fixed number of threads wait for each other.

use std::{
    error::Error,
    fmt,
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use crate::{
    door::{self, Holder, Key, Parking, Subject, Token, WaitKind},
    error::{BrokenBarrierError, BrokenReason, Failure, WaitError},
    floor::{Kept, Word, const_new},
    forms::named,
    forms::without_end,
    wait::Wait,
};

mod passed;
mod rounds;

#[cfg(test)]
mod tests;

pub use self::passed::BarrierWaitResult;

/// Blocks a fixed number of threads, the *parties*, until all of them have arrived. It can then be used for the next round.
///
/// It takes 80 bytes, including the name, in addition to the action.
///
/// # Broken rounds
///
/// The round is broken if a party times out or is stopped, or if the action fails or panics. All waiting parties of the round then get
/// a [`BrokenBarrierError`] that says why. [`abort`](Self::abort) breaks the round too.
/// Waits at a broken barrier fail immediately until it is [`reset`](Self::reset).
/// An arrival that timed out or was stopped never counts for a later round.
///
/// Once all parties have arrived, a timeout or a stop request no longer breaks the round: the party waits for the action to return.
/// A thread that comes while the action runs arrives only when it has returned. If that thread times out or is stopped before,
/// it gets an error and breaks nothing.
///
/// # Happens-before
///
/// What a party did before it arrived is seen by the action, and what the action did is seen by every party that passes.
///
/// # Differences from Python
///
/// * The error says why the round was broken. Where an action of Python raises an exception, an action here
///   [returns an error](Self::with_fallible_action): the party that ran it gets that error, and the others learn that the action failed.
/// * The action runs without a lock of the barrier, and may use the barrier; parties of the next round wait until it has returned.
/// * A panic of the action continues in the thread that arrived last.
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
    /// The number of parties that have arrived, shifted past the phase. Changed only with the queue locked.
    word: Word,
    /// The number of the round. Changed only with the queue locked.
    round: AtomicUsize,
    /// How the last rounds ended, four bits each, the latest in the lowest bits. Changed only with the queue locked.
    ///
    /// Read by a party that a stop or its deadline took out of the queue at the moment when the round ended.
    // Scenario "the party that sleeps through several rounds" in docs/architecture.md.
    history: AtomicUsize,
    parties: Kept<usize>,
    timeout: Kept<Option<Duration>>,
    action: Kept<Option<Action>>,
    name: Kept<Option<&'static str>>,
}

/// What the last party does before any party continues.
type Action = Box<dyn Fn() -> Result<(), Failure> + Send + Sync>;

// A panic of the action leaves the barrier in a consistent state.
impl std::panic::UnwindSafe for Barrier {}
impl std::panic::RefUnwindSafe for Barrier {}

/// Parties are arriving.
const FILLING: usize = 0;
/// All have arrived, and the last one runs the action.
const TRIPPING: usize = 1;
/// The barrier is broken until it is reset.
const BROKEN: usize = 2;
const PHASE: usize = 3;
const SHIFT: u32 = 2;

/// How a round ended: zero, or the number of a [`BrokenReason`].
type End = usize;
const PASSED: End = 0;
const END_BITS: u32 = 4;

/// The result of counting an arrival.
enum Arrival {
    /// The party waits for others.
    Waiting { index: usize, round: usize },
    /// All parties have arrived, this one last.
    Last { round: usize },
    /// The action of the last round is still running, so the arrival was not counted.
    Busy,
    /// The barrier is broken.
    Broken(End),
}

impl Barrier {
    const_new! {
        /// Creates a barrier for `parties` threads.
        ///
        /// # Panics
        ///
        /// Panics if `parties` is zero, or greater than `usize::MAX / 4`.
        #[must_use]
        pub const fn new(parties: usize) -> Barrier {
            assert!(parties > 0, "cannot create a barrier for zero parties; use at least one");
            assert!(parties <= usize::MAX >> SHIFT, "cannot create a barrier for more than `usize::MAX / 4` parties; use fewer");
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

    /// Sets an action. The last party to arrive runs it once per round, before any party continues.
    #[must_use]
    pub fn with_action(self, action: impl Fn() + Send + Sync + 'static) -> Barrier {
        self.with_fallible_action(move || {
            action();
            Ok(())
        })
    }

    /// Sets an action that may fail. The last party to arrive runs it once per round, before any party continues.
    ///
    /// If it fails, the barrier is broken until it is reset. The party that ran it gets a [`BrokenBarrierError`] with the
    /// [failure](BrokenBarrierError::failure), the others one that says [`ActionFailed`](BrokenReason::ActionFailed).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{Barrier, BrokenReason};
    ///
    /// let barrier = Barrier::new(2).with_fallible_action(|| Err("no space left")?);
    /// let broken = std::thread::scope(|scope| {
    ///     let other = scope.spawn(|| barrier.wait().unwrap_err());
    ///     [barrier.wait().unwrap_err(), other.join().unwrap()]
    /// });
    /// assert!(broken.iter().all(|it| it.reason() == BrokenReason::ActionFailed));
    /// let failure = broken.iter().find_map(|it| it.failure()).unwrap();
    /// assert_eq!(failure.to_string(), "no space left");
    /// ```
    #[must_use]
    pub fn with_fallible_action(
        self,
        action: impl Fn() -> Result<(), Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Barrier {
        Barrier { action: Kept::new(Some(Box::new(action))), ..self }
    }

    /// Sets the timeout of [`wait`](Self::wait), which otherwise has none.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Barrier {
        self.timeout = Kept::new(Some(timeout));
        self
    }

    named!(pub name: "barrier", "waits at");

    /// Returns the number of parties of a round.
    #[must_use]
    pub const fn parties(&self) -> usize {
        *self.parties.get()
    }

    /// Returns the number of parties that have arrived in this round: all of them while the action runs, none once the round has ended.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        let word = self.word.load(Ordering::Relaxed);
        match word & PHASE {
            FILLING => word >> SHIFT,
            TRIPPING => self.parties(),
            _ => 0,
        }
    }

    /// Returns `true` if the barrier is broken, so that waits fail until it is reset.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.word.load(Ordering::Relaxed) & PHASE == BROKEN
    }

    /// Arrives, and blocks the current thread until all parties have arrived, for at most the timeout set by
    /// [`with_timeout`](Self::with_timeout), if there is one.
    ///
    /// # Errors
    ///
    /// Returns a [`BrokenBarrierError`] that says why the round was broken.
    ///
    /// # Panics
    ///
    /// Panics in the party that arrives last if the action panics.
    #[track_caller]
    pub fn wait(&self) -> Result<BarrierWaitResult, BrokenBarrierError> {
        self.arrive(&self.timeout.get().map_or(Wait::forever(), Wait::timeout), Location::caller())
    }

    /// Arrives only if all other parties have arrived, and then passes without blocking. Otherwise returns `None` and does not count as arrived.
    ///
    /// # Errors
    ///
    /// Returns a [`BrokenBarrierError`] that says why the barrier is broken.
    ///
    /// # Panics
    ///
    /// Panics if the action panics.
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

    /// Arrives, and blocks the current thread until all parties have arrived, for at most `timeout`. A timeout breaks the round;
    /// a timeout of zero does so unless this party is the last to arrive.
    ///
    /// # Errors
    ///
    /// Returns a [`BrokenBarrierError`] that says why the round was broken: in this thread too, [`TimedOut`](BrokenReason::TimedOut)
    /// if the timeout expires first.
    ///
    /// # Panics
    ///
    /// As for [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<BarrierWaitResult, BrokenBarrierError> {
        self.arrive(&Wait::timeout(timeout), Location::caller())
    }

    /// Arrives, and blocks the current thread until all parties have arrived or `wait` ends, which breaks the round.
    ///
    /// # Errors
    ///
    /// Returns a [`BrokenBarrierError`] that says why the round was broken: in this thread too, [`TimedOut`](BrokenReason::TimedOut)
    /// or [`Stopped`](BrokenReason::Stopped) if `wait` ends first.
    ///
    /// # Panics
    ///
    /// As for [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<BarrierWaitResult, BrokenBarrierError> {
        self.arrive(wait, Location::caller())
    }

    /// Breaks the barrier until it is reset: current and new waits fail. If it is already broken, nothing changes.
    pub fn abort(&self) {
        self.break_round(BrokenReason::Aborted, || true);
    }

    /// Makes the barrier ready for a new round. If a round is in progress, its parties get an error.
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

    /// The key of the queue of parties that wait for the round to end. No other object wakes threads in this queue.
    pub(crate) fn key(&self) -> Key {
        Key::exact(&self.word)
    }

    /// The key of the queue of threads that arrived while the action was running.
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
        let parking = Parking { key: self.key(), amount: 0, subject: &subject, overtaken: false };
        loop {
            let mut arrival = None;
            let validate = || matches!(arrival.insert(self.count()), Arrival::Waiting { .. });
            let parked = wait.park_and(&parking, validate, || (), |_, _| ());
            if arrival.is_none() {
                // The deadline passed, or the stop was requested, before the wait began. The party arrives nevertheless: if it is the
                // last, it does not have to wait; otherwise it breaks the round.
                self.locked(|| {
                    arrival = Some(self.count());
                    None
                });
            }
            let (index, round) = match arrival.expect("the arrival was counted") {
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
                Ok(None) => unreachable!("a counted arrival waits"),
                Err(error) => self.leave(round, error, &subject),
            };
            return match end {
                PASSED => Ok(BarrierWaitResult { index, leader: false }),
                end => Err(BrokenBarrierError::of(end)),
            };
        }
    }

    /// Handles a party that a deadline or a stop took out of the queue. Returns how its round ended, after breaking it if necessary.
    // Scenario "the party that sleeps through several rounds" in docs/architecture.md.
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
                // All parties have arrived, including this one, so the result is decided by the action.
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
