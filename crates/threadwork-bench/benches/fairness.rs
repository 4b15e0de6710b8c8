//! How fair the locks are beside their rivals: threads that acquire one again as soon as they have released it.
//!
//! `cargo bench -p threadwork-bench --bench fairness -- KINDS THREADS SECTIONS RUNS SECONDS` measures a part of it, for example
//! `-- lock,rlock 16 10` or `-- all 2,4 0,1 3 0.1`. What is left out, or `all`, is everything; sections are in microseconds.

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

#[expect(dead_code, reason = "no event is measured")]
mod rivals;
#[expect(dead_code, reason = "these threads do not do a given number of rounds")]
mod together;
use rivals::MutexSemaphore;
use together::busy;

/// One thread of a run.
struct Player {
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

/// What a thread does in a run: it calls [`Player::play`].
type Play<'a> = &'a (dyn Fn(&mut Player) + Sync);

/// Measures one contender and its rival.
type Measure<'a> = dyn FnMut(Play<'_>, Play<'_>) + 'a;

/// What is compared: its name, how many groups the threads are in, and the contenders.
///
/// The threads of the first group have even numbers.
struct Kind(&'static str, usize, fn(&mut Measure<'_>));

const KINDS: [Kind; 5] = [
    Kind("lock", 1, locks),
    Kind("rlock", 1, rlocks),
    Kind("writers", 1, writers),
    Kind("readers_writers", 2, readers_and_writers),
    Kind("semaphore", 1, semaphores),
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
struct Work {
    threads: usize,
    section: Duration,
    time: Duration,
    groups: usize,
}

/// What one run measures, or the medians of several.
#[derive(Clone, Copy)]
struct Outcome {
    /// The rounds of the thread with the fewest, relative to an equal share of its group's rounds; the least of the groups.
    share: f64,
    /// The 99.9th percentile of the waits, and the longest, in seconds.
    tail: f64,
    longest: f64,
    /// Rounds per second.
    rate: f64,
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
    fn compare(&self, runs: usize, plays: [Play<'_>; 2]) -> [Outcome; 2] {
        let mut outcomes = [Vec::new(), Vec::new()];
        for run in 0..runs {
            // The contenders take turns at going first.
            for contender in [run % 2, (run + 1) % 2] {
                outcomes[contender].push(self.run(plays[contender]));
            }
        }
        outcomes.map(|outcomes| {
            let median = |of: fn(&Outcome) -> f64| {
                let mut all: Vec<_> = outcomes.iter().map(of).collect();
                all.sort_by(f64::total_cmp);
                all[all.len() / 2]
            };
            Outcome {
                share: median(|it| it.share),
                tail: median(|it| it.tail),
                longest: median(|it| it.longest),
                rate: median(|it| it.rate),
            }
        })
    }
}

/// The bounds of the ratios to the rival: the least share, the longest wait, the time of a round.
const SHARE: f64 = 0.85;
const LONGEST: f64 = 1.5;
const TIME: f64 = 1.05;

/// No ratio may be beyond this, or below its inverse for the share.
const BEYOND: f64 = 2.0;

/// The bounds of one cell, whatever the rival does: the number of threads, the section, the least share and the longest wait.
const ABSOLUTE: (usize, Duration, f64, Duration) =
    (16, Duration::from_micros(10), 0.85, Duration::from_millis(10));

/// How many cells hold each of the three bounds, and how many hold them all within [`BEYOND`].
#[derive(Default)]
struct Held {
    cells: usize,
    bounds: [usize; 3],
    not_beyond: usize,
}

impl Held {
    /// Adds a cell. Returns what to say of it.
    fn add(&mut self, [ours, theirs]: [Outcome; 2]) -> String {
        let ratio = |one: f64, other: f64| if one == other { 1.0 } else { one / other };
        let share = ratio(ours.share, theirs.share);
        let longest = ratio(ours.longest, theirs.longest);
        let time = ratio(theirs.rate, ours.rate);
        let held = [share >= SHARE, longest <= LONGEST, time <= TIME];
        let is_beyond = share < 1.0 / BEYOND || longest > BEYOND || time > BEYOND;
        self.cells += 1;
        self.not_beyond += usize::from(!is_beyond);
        self.bounds.iter_mut().zip(held).for_each(|(count, held)| *count += usize::from(held));
        let missed: Vec<_> = ["share", "longest", "time"]
            .into_iter()
            .zip(held)
            .filter_map(|(name, held)| (!held).then_some(name))
            .collect();
        let (missed, beyond) = (missed.join(" "), if is_beyond { " BEYOND" } else { "" });
        format!("{share:7.2} | {longest:9.2} | {time:6.3} | {missed}{beyond}")
    }

    /// Prints how many cells hold the bounds.
    fn print(&self, kind: &str) {
        let Held { cells, bounds: [share, longest, time], not_beyond } = self;
        println!(
            "{kind}: of {cells} cells {share} hold the share, {longest} the longest wait, {time} the time (wanted: 14 of 16); \
            {} beyond {BEYOND} x",
            cells - not_beyond,
        );
    }
}

fn print_head() {
    println!(
        "| {:15} | threads |  µs | share | rival | 99.9 % µs |     rival | longest ms |      rival |  per ms |   rival | share x \
        | longest x | time x | missed |",
        "kind",
    );
    println!("|{}", "---|".repeat(15));
}

fn print_row(kind: &str, work: &Work, outcomes: [Outcome; 2], verdict: &str) {
    let columns = |width: usize, digits: usize, of: fn(&Outcome) -> f64| {
        let [ours, theirs] = outcomes.each_ref().map(of);
        format!("{ours:width$.digits$} | {theirs:width$.digits$}")
    };
    println!(
        "| {kind:15} | {:7} | {:3} | {} | {} | {} | {} | {verdict} |",
        work.threads,
        work.section.as_micros(),
        columns(5, 3, |it| it.share),
        columns(9, 1, |it| it.tail * 1e6),
        columns(10, 2, |it| it.longest * 1e3),
        columns(7, 1, |it| it.rate / 1e3),
    );
}

/// Prints whether both contenders hold the absolute bounds.
fn print_absolute(kind: &str, outcomes: [Outcome; 2]) {
    let (threads, section, share, longest) = ABSOLUTE;
    for (name, outcome) in ["Threadwork", "rival"].into_iter().zip(outcomes) {
        let is_held = outcome.share >= share && outcome.longest <= longest.as_secs_f64();
        println!(
            "{kind}, {threads} threads, {section:?}, {name}: share {:.3} (at least {share}), longest {:.1} ms (at most {longest:?}){}",
            outcome.share,
            outcome.longest * 1e3,
            if is_held { "" } else { "  MISSED" },
        );
    }
}

/// Returns the argument at a place as a list; `None` stands for everything.
fn list(place: usize) -> Option<Vec<String>> {
    let words = std::env::args().skip(1).filter(|it| !it.starts_with("--"));
    let word = words.into_iter().nth(place).filter(|it| it != "all")?;
    Some(word.split(',').map(str::to_owned).collect())
}

/// Returns the argument at a place as numbers.
fn numbers(place: usize, all: &[f64]) -> Vec<f64> {
    let parse = |it: &String| it.parse().unwrap_or_else(|_| panic!("{it} is not a number"));
    list(place).map_or(all.to_vec(), |words| words.iter().map(parse).collect())
}

fn main() {
    let names = list(0);
    let threads = numbers(1, &[2.0, 4.0, 16.0, 64.0]);
    let sections = numbers(2, &[0.0, 1.0, 10.0, 100.0]);
    let (runs, seconds) = (numbers(3, &[7.0])[0] as usize, numbers(4, &[0.4])[0]);
    for Kind(kind, groups, contenders) in KINDS {
        if names.as_ref().is_some_and(|names| !names.iter().any(|it| it == kind)) {
            continue;
        }
        print_head();
        let (mut held, mut absolute) = (Held::default(), None);
        for &threads in &threads {
            for &section in &sections {
                let (threads, time) = (threads as usize, Duration::from_secs_f64(seconds));
                let section = Duration::from_secs_f64(section / 1e6);
                let work = Work { threads, section, time, groups };
                contenders(&mut |ours, theirs| {
                    let outcomes = work.compare(runs, [ours, theirs]);
                    print_row(kind, &work, outcomes, &held.add(outcomes));
                    if (threads, section) == (ABSOLUTE.0, ABSOLUTE.1) {
                        absolute = Some(outcomes);
                    }
                });
            }
        }
        held.print(kind);
        absolute.into_iter().for_each(|outcomes| print_absolute(kind, outcomes));
    }
}
