//! Objects by which threads tell each other something: conditions, semaphores, barriers, events.

use std::{
    hint::black_box,
    sync::{
        Barrier as StdBarrier, Condvar as StdCondvar, Mutex as StdMutex,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::{Condvar, Mutex};
use threadwork::{Barrier, Condition, Event, Lock, Semaphore};

use crate::{
    board::Board,
    contest::Contest,
    rivals::{MutexEvent, MutexSemaphore},
    together::{together, together_with},
};

/// How often a round does what blocks nobody.
const FREE: usize = 100_000;

/// How often two threads take turns in a round.
const TURNS: usize = 2_000;

/// Calls `work` `times` times, eight times per iteration: otherwise the loop's alignment would decide the time of work below a nanosecond.
fn eight_at_once(times: usize, work: impl Fn()) {
    for _ in 0..times / 8 {
        work();
        work();
        work();
        work();
        work();
        work();
        work();
        work();
    }
}

/// Two threads, each of which waits until it is its turn.
fn take_turns(play: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        scope.spawn(|| play(0));
        scope.spawn(|| play(1));
    });
}

/// Measures conditions.
pub fn conditions(board: &mut Board) {
    let (lock, condition, condvar) = (Lock::new(()), Condition::new(), Condvar::new());
    let guard = lock.acquire();
    let all = board.amount(FREE);
    board.compare(
        Contest::new("notify, nobody waits", "parking_lot").at_most(1.0).rounds(101).each(all),
        || eight_at_once(all, || _ = black_box(&condition).notify(&guard, 1)),
        || eight_at_once(all, || _ = black_box(&condvar).notify_one()),
    );
    drop(guard);

    let turns = board.amount(TURNS);
    let contest = |rival| Contest::new("Condition, ping-pong", rival).at_most(1.0).each(2 * turns);
    let ours = || {
        let (turn, changed) = (Lock::new(0), Condition::new());
        take_turns(|me| {
            for _ in 0..turns {
                let mut guard = turn.acquire();
                while *guard % 2 != me {
                    changed.wait(&mut guard);
                }
                *guard += 1;
                changed.notify(&guard, 1);
            }
        });
    };
    board.compare(contest("parking_lot"), ours, || {
        let (turn, changed) = (Mutex::new(0), Condvar::new());
        take_turns(|me| {
            for _ in 0..turns {
                let mut guard = turn.lock();
                while *guard % 2 != me {
                    changed.wait(&mut guard);
                }
                *guard += 1;
                changed.notify_one();
            }
        });
    });
    board.compare(contest("std"), ours, || {
        let (turn, changed) = (StdMutex::new(0), StdCondvar::new());
        take_turns(|me| {
            for _ in 0..turns {
                let mut guard = turn.lock().unwrap();
                while *guard % 2 != me {
                    guard = changed.wait(guard).unwrap();
                }
                *guard += 1;
                changed.notify_one();
            }
        });
    });
}

/// Measures semaphores.
pub fn semaphores(board: &mut Board) {
    let (ours, theirs) = (Semaphore::new(2), MutexSemaphore::new(2));
    let tokio = tokio::sync::Semaphore::new(2);
    let all = board.amount(FREE);
    let contest = |rival| Contest::new("Semaphore, free", rival).rounds(101).each(all);
    let acquire = || (0..all).for_each(|_| drop(black_box(&ours).acquire()));
    board.compare(contest("mutex and condvar").at_most(0.6), acquire, || {
        (0..all).for_each(|_| drop(black_box(&theirs).acquire()));
    });
    board.compare(contest("tokio, try_acquire").at_most(1.0), acquire, || {
        (0..all).for_each(|_| drop(black_box(&tokio).try_acquire()));
    });
    let each = board.amount(40_000);
    let contest = Contest::new("Semaphore, 2 permits, 8 threads", "mutex and condvar");
    board.compare_times(
        contest.at_most(1.0).each(8 * each),
        || together(8, each, &|| drop(ours.acquire())),
        || together(8, each, &|| drop(theirs.acquire())),
    );
}

/// Measures barriers.
pub fn barriers(board: &mut Board) {
    for threads in [2, 8, 64] {
        let rounds = board.amount(12_800 / threads);
        let (ours, theirs) = (Barrier::new(threads), StdBarrier::new(threads));
        board.compare_times(
            Contest::new(format!("Barrier, {threads} threads"), "std").at_most(0.5).each(rounds),
            || together(threads, rounds, &|| _ = ours.wait()),
            || together(threads, rounds, &|| _ = theirs.wait()),
        );
    }
    let (ours, rounds) = (Barrier::new(8), board.amount(1_600));
    board.compare_times(
        Contest::new("Barrier, 8 threads", "hurdles, which spins").each(rounds),
        || together(8, rounds, &|| _ = ours.wait()),
        || {
            let theirs = hurdles::Barrier::new(8);
            together_with(8, rounds, || {
                let mut party = theirs.clone();
                move || _ = party.wait()
            })
        },
    );
}

/// Two events by which one thread asks and the other answers.
trait Pair: Sync {
    /// Sets the one of the two.
    fn set(&self, answer: bool);

    /// Waits for the one of the two, and clears it.
    fn take(&self, answer: bool);
}

impl Pair for [Event; 2] {
    fn set(&self, answer: bool) {
        self[usize::from(answer)].set();
    }

    fn take(&self, answer: bool) {
        let event = &self[usize::from(answer)];
        event.wait();
        event.clear();
    }
}

impl Pair for [MutexEvent; 2] {
    fn set(&self, answer: bool) {
        self[usize::from(answer)].set();
    }

    fn take(&self, answer: bool) {
        let event = &self[usize::from(answer)];
        event.wait();
        event.clear();
    }
}

/// Answers until it is stopped.
fn answer(pair: &impl Pair, stop: &AtomicBool) {
    loop {
        pair.take(false);
        if stop.load(Ordering::Relaxed) {
            return;
        }
        pair.set(true);
    }
}

/// Measures events.
pub fn events(board: &mut Board) {
    let (ours, theirs) = ([Event::new(), Event::new()], [(); 2].map(|()| MutexEvent::default()));
    let stop = AtomicBool::new(false);
    let turns = board.amount(TURNS);
    std::thread::scope(|scope| {
        scope.spawn(|| answer(&ours, &stop));
        scope.spawn(|| answer(&theirs, &stop));
        board.compare(
            Contest::new("Event, round trip", "mutex and condvar").at_most(1.0).each(turns),
            || ask(&ours, turns),
            || ask(&theirs, turns),
        );
        stop.store(true, Ordering::Relaxed);
        ours.set(false);
        theirs.set(false);
    });
}

fn ask(pair: &impl Pair, turns: usize) {
    for _ in 0..turns {
        pair.set(false);
        pair.take(true);
    }
}
