//! How fair the locks are: threads that acquire one again as soon as they have released it.

use std::{
    cell::Cell,
    hint::black_box,
    sync::{Barrier, OnceLock},
    thread,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use parking_lot::{Mutex, ReentrantMutex, RwLock as PlRwLock};
use threadwork::{Lock, RLock, RwLock, Semaphore};

use crate::{rivals::MutexSemaphore, spread::median, together::busy};

/// One thread of a run.
#[derive(Debug)]
pub struct Player {
    number: usize,
    section: Duration,
    end: Instant,
    rounds: u64,
    /// In nanoseconds.
    waits: Histogram<u64>,
}

impl Player {
    fn add_wait(&mut self, wait: Duration) {
        self.waits.saturating_record(wait.as_nanos() as u64);
    }

    /// Plays rounds until the end of the run. A wait that goes on at the end counts with its length so far, and its round does not count.
    fn play<G>(&mut self, acquire: impl Fn() -> G) {
        loop {
            let since = Instant::now();
            let guard = acquire();
            let until = Instant::now();
            if until >= self.end {
                self.add_wait(self.end.saturating_duration_since(since));
                break;
            }
            self.add_wait(until - since);
            self.rounds += 1;
            if !self.section.is_zero() {
                busy(self.section);
            }
            drop(guard);
        }
    }
}

/// What a thread does in a run: it calls `play` of its player.
pub type Play<'a> = &'a (dyn Fn(&mut Player) + Sync);

/// Measures one contender and its rival.
pub type Measure<'a> = dyn FnMut(Play<'_>, Play<'_>) + 'a;

/// What is compared.
///
/// The threads of the first group have even numbers.
#[derive(Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// How many groups the threads are in.
    pub groups: usize,
    /// Passes the contenders to what measures them.
    pub contenders: fn(&mut Measure<'_>),
}

/// All kinds.
pub const KINDS: [Kind; 5] = [
    Kind { name: "lock", groups: 1, contenders: locks },
    Kind { name: "rlock", groups: 1, contenders: rlocks },
    Kind { name: "writers", groups: 1, contenders: writers },
    Kind { name: "readers_writers", groups: 2, contenders: readers_and_writers },
    Kind { name: "semaphore", groups: 1, contenders: semaphores },
];

fn locks(measure: &mut Measure<'_>) {
    let (ours, theirs) = (Lock::new(0_u64), Mutex::new(0_u64));
    measure(
        &|it| {
            it.play(|| {
                let mut guard = ours.acquire();
                *guard += 1;
                guard
            });
        },
        &|it| {
            it.play(|| {
                let mut guard = theirs.lock();
                *guard += 1;
                guard
            });
        },
    );
}

fn rlocks(measure: &mut Measure<'_>) {
    let (ours, theirs) = (RLock::new(Cell::new(0_u64)), ReentrantMutex::new(Cell::new(0_u64)));
    measure(
        &|it| {
            it.play(|| {
                let guard = ours.acquire();
                guard.set(guard.get() + 1);
                guard
            });
        },
        &|it| {
            it.play(|| {
                let guard = theirs.lock();
                guard.set(guard.get() + 1);
                guard
            });
        },
    );
}

fn play_writer(it: &mut Player, lock: &RwLock<u64>) {
    it.play(|| {
        let mut guard = lock.write();
        *guard += 1;
        guard
    });
}

fn play_their_writer(it: &mut Player, lock: &PlRwLock<u64>) {
    it.play(|| {
        let mut guard = lock.write();
        *guard += 1;
        guard
    });
}

fn writers(measure: &mut Measure<'_>) {
    let (ours, theirs) = (RwLock::new(0_u64), PlRwLock::new(0_u64));
    measure(&|it| play_writer(it, &ours), &|it| play_their_writer(it, &theirs));
}

fn readers_and_writers(measure: &mut Measure<'_>) {
    let (ours, theirs) = (RwLock::new(0_u64), PlRwLock::new(0_u64));
    measure(
        &|it| {
            if it.number.is_multiple_of(2) {
                it.play(|| {
                    let guard = ours.read();
                    black_box(*guard);
                    guard
                });
            } else {
                play_writer(it, &ours);
            }
        },
        &|it| {
            if it.number.is_multiple_of(2) {
                it.play(|| {
                    let guard = theirs.read();
                    black_box(*guard);
                    guard
                });
            } else {
                play_their_writer(it, &theirs);
            }
        },
    );
}

fn semaphores(measure: &mut Measure<'_>) {
    let (ours, theirs) = (Semaphore::new(1), MutexSemaphore::new(1));
    measure(&|it| it.play(|| ours.acquire()), &|it| it.play(|| theirs.acquire()));
}

/// The work of a cell of the table.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// The number of threads.
    pub threads: usize,
    /// How long each has the lock.
    pub section: Duration,
    /// How long the run lasts.
    pub time: Duration,
    /// How many groups the threads are in.
    pub groups: usize,
}

/// What one run measures, or the medians of several.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The rounds of the thread with the fewest, relative to an equal share of its group's rounds; the least of the groups.
    pub share: f64,
    /// The 99.9th percentile of the waits, in seconds.
    pub tail: f64,
    /// The longest wait, in seconds.
    pub longest: f64,
    /// Rounds per second.
    pub rate: f64,
}

/// Creates room for the waits of a thread, which are known to two digits and last for an hour at most.
fn waits() -> Histogram<u64> {
    Histogram::new_with_max(3_600_000_000_000, 2).expect("the range is valid")
}

impl Work {
    fn run(&self, play: Play<'_>) -> Outcome {
        let (ready, end) = (Barrier::new(self.threads), OnceLock::new());
        let players: Vec<Player> = thread::scope(|scope| {
            let start = |number| {
                let (ready, end) = (&ready, &end);
                scope.spawn(move || {
                    let waits = waits();
                    ready.wait();
                    let end = *end.get_or_init(|| Instant::now() + self.time);
                    let section = self.section;
                    let mut player = Player { number, section, end, rounds: 0, waits };
                    play(&mut player);
                    player
                })
            };
            let threads: Vec<_> = (0..self.threads).map(start).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let mut waits = waits();
        players.iter().for_each(|it| waits.add(&it.waits).expect("they have the same range"));
        let shares = (0..self.groups).map(|group| {
            let rounds: Vec<_> =
                players.iter().skip(group).step_by(self.groups).map(|it| it.rounds).collect();
            let equal = rounds.iter().sum::<u64>() as f64 / rounds.len() as f64;
            if equal == 0.0 {
                0.0
            } else {
                rounds.iter().copied().min().unwrap_or(0) as f64 / equal
            }
        });
        Outcome {
            share: shares.fold(1.0, f64::min),
            tail: waits.value_at_quantile(0.999) as f64 / 1e9,
            longest: waits.max() as f64 / 1e9,
            rate: players.iter().map(|it| it.rounds).sum::<u64>() as f64 / self.time.as_secs_f64(),
        }
    }

    /// Runs both in turns, and returns the medians of each.
    pub fn compare(&self, runs: usize, plays: [Play<'_>; 2]) -> [Outcome; 2] {
        let mut outcomes = [Vec::new(), Vec::new()];
        for run in 0..runs {
            // The contenders take turns at going first.
            for contender in [run % 2, (run + 1) % 2] {
                outcomes[contender].push(self.run(plays[contender]));
            }
        }
        outcomes.map(|outcomes| {
            let median = |of: fn(&Outcome) -> f64| median(outcomes.iter().map(of).collect());
            Outcome {
                share: median(|it| it.share),
                tail: median(|it| it.tail),
                longest: median(|it| it.longest),
                rate: median(|it| it.rate),
            }
        })
    }
}
