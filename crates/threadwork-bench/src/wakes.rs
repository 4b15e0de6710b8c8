//! The processor time of a wake-up.
//!
//! A thread that looks for a while before it sleeps saves the others time if it is woken soon, and wastes processor time if it is not.
//! Here all wait for a millisecond.

use std::{
    sync::{
        Barrier, Condvar as StdCondvar, Mutex as StdMutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use threadwork::{Condition, Event, Latch, Lock, Semaphore};
use threadwork_sync::internal::os::thread_cpu_time;

use crate::{
    board::Board,
    contest::Contest,
    spread::{Spread, median},
};

/// How often each waiter waits in a run, and how long it waits each time.
const ROUNDS: usize = 300;
const WAIT: Duration = Duration::from_millis(1);

/// How often each contender runs.
const RUNS: usize = 11;

/// The processor time per wake-up, relative to that of the better rival.
const BOUND: f64 = 1.1;

/// Returns the processor time of the current thread in `work`.
fn used(work: impl FnOnce()) -> Duration {
    let time = || thread_cpu_time().expect("the system measures processor time");
    let start = time();
    work();
    time() - start
}

/// Runs all as threads, and returns the sum of their processor times.
fn used_by_all(threads: &[&(dyn Fn() + Sync)]) -> Duration {
    let ready = Barrier::new(threads.len());
    thread::scope(|scope| {
        let start = |work| {
            let ready = &ready;
            scope.spawn(move || {
                ready.wait();
                used(work)
            })
        };
        let threads: Vec<_> = threads.iter().copied().map(start).collect();
        threads.into_iter().map(|it| it.join().unwrap()).sum()
    })
}

/// Returns the processor time per wake-up, in seconds, of threads that wait for the given round to be over, and one that ends a round
/// each millisecond.
fn waking(waiters: usize, wait: &(dyn Fn(usize) + Sync), wake: &(dyn Fn(usize) + Sync)) -> f64 {
    let waiting = AtomicUsize::new(waiters);
    let wait = || {
        (0..ROUNDS).for_each(wait);
        waiting.fetch_sub(1, Ordering::Relaxed);
    };
    let wake = || {
        let mut round = 0;
        // A waiter that was late for a round needs one more.
        while waiting.load(Ordering::Relaxed) > 0 {
            thread::sleep(WAIT);
            wake(round);
            round += 1;
        }
    };
    let mut threads: Vec<&(dyn Fn() + Sync)> = vec![&wait; waiters];
    threads.push(&wake);
    used_by_all(&threads).as_secs_f64() / (ROUNDS * waiters) as f64
}

/// Returns the same for two threads that give something to each other, which each has for a millisecond.
fn handing(have: &(dyn Fn() + Sync)) -> f64 {
    let play = || {
        for _ in 0..ROUNDS / 2 {
            have();
            // The other one has it by now.
            thread::sleep(WAIT / 2);
        }
    };
    used_by_all(&[&play, &play]).as_secs_f64() / ROUNDS as f64
}

type Contender<'a> = (&'static str, &'a dyn Fn() -> f64);

/// Measures all in turns. The result is the ratio of the first one to the best of the others.
fn compare(board: &mut Board, what: &str, contenders: &[Contender<'_>]) {
    let mut all = vec![Vec::new(); contenders.len()];
    for run in 0..board.rounds(RUNS) {
        // The contenders take turns at going first.
        for turn in 0..contenders.len() {
            let place = (run + turn) % contenders.len();
            all[place].push(contenders[place].1());
        }
    }
    let medians: Vec<_> = all.iter().map(|it| median(it.clone())).collect();
    let best = (1..medians.len()).min_by(|&one, &other| medians[one].total_cmp(&medians[other]));
    let best = best.expect("there is a rival");
    let ratio =
        Spread::range_of(all[0].iter().zip(&all[best]).map(|(ours, its)| ours / its).collect());
    let contest = Contest::new(what, contenders[best].0).at_most(BOUND);
    board.note(contest, ratio, [medians[0], medians[best]]);
}

/// A number behind a lock, with a condition.
trait Monitor: Sync + Default {
    const NAME: &'static str;

    /// Waits until `done` returns `true` for the number.
    fn wait(&self, done: impl FnMut(&mut usize) -> bool);

    /// Adds one to the number, and tells all who wait, or one of them.
    fn add_one(&self, all: bool);
}

#[derive(Default)]
struct Ours(Lock<usize>, Condition);

impl Monitor for Ours {
    const NAME: &'static str = "Threadwork";

    fn wait(&self, mut done: impl FnMut(&mut usize) -> bool) {
        let mut number = self.0.acquire();
        while !done(&mut number) {
            self.1.wait(&mut number);
        }
    }

    fn add_one(&self, all: bool) {
        let mut number = self.0.acquire();
        *number += 1;
        if all {
            self.1.notify_all(&number)
        } else {
            self.1.notify(&number, 1)
        };
    }
}

#[derive(Default)]
struct OfStd(StdMutex<usize>, StdCondvar);

impl Monitor for OfStd {
    const NAME: &'static str = "std";

    fn wait(&self, mut done: impl FnMut(&mut usize) -> bool) {
        let mut number = self.0.lock().unwrap();
        while !done(&mut number) {
            number = self.1.wait(number).unwrap();
        }
    }

    fn add_one(&self, all: bool) {
        *self.0.lock().unwrap() += 1;
        if all { self.1.notify_all() } else { self.1.notify_one() }
    }
}

#[derive(Default)]
struct OfParkingLot(Mutex<usize>, Condvar);

impl Monitor for OfParkingLot {
    const NAME: &'static str = "parking_lot";

    fn wait(&self, mut done: impl FnMut(&mut usize) -> bool) {
        let mut number = self.0.lock();
        while !done(&mut number) {
            self.1.wait(&mut number);
        }
    }

    fn add_one(&self, all: bool) {
        *self.0.lock() += 1;
        _ = if all { self.1.notify_all() } else { usize::from(self.1.notify_one()) };
    }
}

/// All who wait are told that the round is over.
fn rounds<M: Monitor>(waiters: usize) -> f64 {
    let monitor = M::default();
    let wait = |round| monitor.wait(|over| *over > round);
    waking(waiters, &wait, &|_| monitor.add_one(true))
}

/// One who waits takes one.
fn permits<M: Monitor>() -> f64 {
    let monitor = M::default();
    let take = |permits: &mut usize| {
        let is_any = *permits > 0;
        *permits -= usize::from(is_any);
        is_any
    };
    waking(1, &|_| monitor.wait(take), &|_| monitor.add_one(false))
}

/// Each round is over once, as a thread is.
fn ends<M: Monitor>() -> f64 {
    let monitors: Vec<M> = (0..ROUNDS).map(|_| M::default()).collect();
    let end = |round: usize| monitors.get(round).into_iter().for_each(|it| it.add_one(true));
    waking(1, &|round| monitors[round].wait(|over| *over > 0), &end)
}

/// Returns the rivals, with a contender of each kind.
fn with_rivals<'a>(
    ours: &'a dyn Fn() -> f64,
    std: &'a dyn Fn() -> f64,
    parking_lot: &'a dyn Fn() -> f64,
) -> [Contender<'a>; 3] {
    [(Ours::NAME, ours), (OfStd::NAME, std), (OfParkingLot::NAME, parking_lot)]
}

/// Has the lock for a round.
fn have<G>(acquire: impl Fn() -> G + Sync) -> f64 {
    handing(&|| {
        let guard = acquire();
        thread::sleep(WAIT);
        drop(guard);
    })
}

/// Measures the processor time of a wake-up after a wait of a millisecond.
pub fn wakes(board: &mut Board) {
    for waiters in [1, 16] {
        let [std, parking_lot] = [rounds::<OfStd>, rounds::<OfParkingLot>];
        let (std, parking_lot) = (|| std(waiters), || parking_lot(waiters));
        let ours = || rounds::<Ours>(waiters);
        compare(
            board,
            &format!("Condition, {waiters} waiting"),
            &with_rivals(&ours, &std, &parking_lot),
        );
        let ours = || {
            // One for odd rounds and one for even rounds, so that nobody passes twice.
            let events = [Event::new(), Event::new()];
            let end = |round: usize| {
                events[(round + 1) % 2].clear();
                events[round % 2].set();
            };
            waking(waiters, &|round| events[round % 2].wait(), &end)
        };
        compare(
            board,
            &format!("Event, {waiters} waiting"),
            &with_rivals(&ours, &std, &parking_lot),
        );
    }
    let ours = || {
        let semaphore = Semaphore::new(0);
        let release = |_| semaphore.release(1).expect("there is room for permits");
        waking(1, &|_| semaphore.acquire().forget(), &release)
    };
    compare(
        board,
        "Semaphore, 1 waiting",
        &with_rivals(&ours, &permits::<OfStd>, &permits::<OfParkingLot>),
    );
    let ours = || {
        let latches: Vec<_> = (0..ROUNDS).map(|_| Latch::new(1)).collect();
        let end = |round: usize| {
            latches.get(round).into_iter().for_each(|it| it.count_down(1).expect("once"));
        };
        waking(1, &|round| latches[round].wait(), &end)
    };
    compare(
        board,
        "Latch for each wait",
        &with_rivals(&ours, &ends::<OfStd>, &ends::<OfParkingLot>),
    );
    let (ours, std, parking_lot) = (Lock::new(()), StdMutex::new(()), Mutex::new(()));
    compare(
        board,
        "Lock handed back and forth",
        &with_rivals(&|| have(|| ours.acquire()), &|| have(|| std.lock().unwrap()), &|| {
            have(|| parking_lot.lock())
        }),
    );
}
