//! The objects of the sync crate beside their rivals: ratios, measured in turns.

use std::{
    cell::Cell,
    hint::black_box,
    sync::{
        Barrier as StdBarrier, Condvar as StdCondvar, Mutex as StdMutex, RwLock as StdRwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::{Condvar, Mutex, ReentrantMutex, RwLock as PlRwLock};
use threadwork::{Barrier, Condition, Event, Lock, RLock, RwLock, Semaphore};

mod compare;
mod rivals;
mod together;
use compare::{compare, compare_times};
use rivals::{MutexEvent, MutexSemaphore};
use together::{busy, together, together_with};

const UNCONTENDED: usize = 100_000;

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

fn locks() {
    let (ours, theirs) = (Lock::new(0_u64), Mutex::new(0_u64));
    compare(
        "Lock uncontended / parking_lot",
        1.0,
        101,
        || (0..UNCONTENDED).for_each(|_| *black_box(&ours).acquire() += 1),
        || (0..UNCONTENDED).for_each(|_| *black_box(&theirs).lock() += 1),
    );
    let (ours, theirs) = (RLock::new(Cell::new(0_u64)), ReentrantMutex::new(Cell::new(0_u64)));
    compare(
        "RLock outermost / parking_lot",
        1.0,
        101,
        || (0..UNCONTENDED).for_each(|_| black_box(&ours).acquire().set(1)),
        || (0..UNCONTENDED).for_each(|_| black_box(&theirs).lock().set(1)),
    );
    {
        let _outer = (ours.acquire(), theirs.lock());
        compare(
            "RLock nested / parking_lot",
            1.0,
            101,
            || (0..UNCONTENDED).for_each(|_| black_box(&ours).acquire().set(1)),
            || (0..UNCONTENDED).for_each(|_| black_box(&theirs).lock().set(1)),
        );
    }
    let (ours, theirs, std) = (Lock::new(0_u64), Mutex::new(0_u64), StdMutex::new(0_u64));
    for threads in [2, 8, 64] {
        for (section, rounds) in [(Duration::ZERO, 400_000), (Duration::from_micros(1), 8_000)] {
            let rounds = rounds / threads;
            let ours = || {
                together(threads, rounds, &|| {
                    let mut guard = ours.acquire();
                    *guard += 1;
                    busy(section);
                })
            };
            compare_times(
                &format!("Lock, {threads} threads, {section:?} / parking_lot"),
                1.0,
                31,
                ours,
                || {
                    together(threads, rounds, &|| {
                        let mut guard = theirs.lock();
                        *guard += 1;
                        busy(section);
                    })
                },
            );
            compare_times(
                &format!("Lock, {threads} threads, {section:?} / std"),
                1.0,
                31,
                ours,
                || {
                    together(threads, rounds, &|| {
                        let mut guard = std.lock().unwrap();
                        *guard += 1;
                        busy(section);
                    })
                },
            );
        }
    }
}

/// Locks with occasional contention: between two rounds each thread does other work.
fn meetings() {
    let (ours, theirs, std) = (Lock::new(0_u64), Mutex::new(0_u64), StdMutex::new(0_u64));
    for (threads, held, apart) in [(2, 100, 300), (2, 1000, 1000), (2, 2000, 2000), (8, 1000, 8000)]
    {
        let [held, apart] = [held, apart].map(Duration::from_nanos);
        let round = |add: &dyn Fn()| {
            add();
            busy(apart);
        };
        let add = |value: &mut u64| {
            *value += 1;
            busy(held);
        };
        let each = 20_000 / threads;
        let ours = || together(threads, each, &|| round(&|| add(&mut ours.acquire())));
        let name = format!("Lock, {threads} threads, {held:?}, {apart:?} apart");
        compare_times(&format!("{name} / parking_lot"), 1.05, 31, ours, || {
            together(threads, each, &|| round(&|| add(&mut theirs.lock())))
        });
        compare_times(&format!("{name} / std"), 1.05, 31, ours, || {
            together(threads, each, &|| round(&|| add(&mut std.lock().unwrap())))
        });
    }
}

fn conditions() {
    let (lock, condition) = (Lock::new(()), Condition::new());
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let guard = lock.acquire();
    compare(
        "notify without waiters / parking_lot",
        1.0,
        101,
        || eight_at_once(UNCONTENDED, || _ = black_box(&condition).notify(&guard, 1)),
        || eight_at_once(UNCONTENDED, || _ = black_box(&condvar).notify_one()),
    );
    drop((guard, mutex));

    const TURNS: u32 = 2_000;
    let ours = || {
        let (turn, changed) = (Lock::new(0_u32), Condition::new());
        let play = |me: u32| {
            for _ in 0..TURNS {
                let mut guard = turn.acquire();
                while *guard % 2 != me {
                    changed.wait(&mut guard);
                }
                *guard += 1;
                changed.notify(&guard, 1);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| play(0));
            scope.spawn(|| play(1));
        });
    };
    compare("condition ping-pong / parking_lot", 1.0, 31, ours, || {
        let (turn, changed) = (Mutex::new(0_u32), Condvar::new());
        let play = |me: u32| {
            for _ in 0..TURNS {
                let mut guard = turn.lock();
                while *guard % 2 != me {
                    changed.wait(&mut guard);
                }
                *guard += 1;
                changed.notify_one();
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| play(0));
            scope.spawn(|| play(1));
        });
    });
    compare("condition ping-pong / std", 1.0, 31, ours, || {
        let (turn, changed) = (StdMutex::new(0_u32), StdCondvar::new());
        let play = |me: u32| {
            for _ in 0..TURNS {
                let mut guard = turn.lock().unwrap();
                while *guard % 2 != me {
                    guard = changed.wait(guard).unwrap();
                }
                *guard += 1;
                changed.notify_one();
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| play(0));
            scope.spawn(|| play(1));
        });
    });
}

fn semaphores() {
    let ours = Semaphore::new(2);
    let theirs = MutexSemaphore::new(2);
    let tokio = tokio::sync::Semaphore::new(2);
    let uncontended = || (0..UNCONTENDED).for_each(|_| drop(black_box(&ours).acquire()));
    compare("Semaphore uncontended / mutex and condvar", 0.6, 101, uncontended, || {
        (0..UNCONTENDED).for_each(|_| drop(black_box(&theirs).acquire()));
    });
    compare("Semaphore uncontended / tokio try_acquire", 1.0, 101, uncontended, || {
        (0..UNCONTENDED).for_each(|_| drop(black_box(&tokio).try_acquire()));
    });
    compare_times(
        "Semaphore, 2 permits, 8 threads / mutex and condvar",
        1.0,
        31,
        || together(8, 40_000, &|| drop(ours.acquire())),
        || together(8, 40_000, &|| drop(theirs.acquire())),
    );
}

fn barriers() {
    for threads in [2, 8, 64] {
        let rounds = 12_800 / threads;
        let (ours, theirs) = (Barrier::new(threads), StdBarrier::new(threads));
        compare_times(
            &format!("Barrier, {threads} threads / std"),
            0.5,
            31,
            || together(threads, rounds, &|| _ = ours.wait()),
            || together(threads, rounds, &|| _ = theirs.wait()),
        );
    }
    let ours = Barrier::new(8);
    compare_times(
        "Barrier, 8 threads / hurdles, which spins",
        f64::INFINITY,
        31,
        || together(8, 1_600, &|| _ = ours.wait()),
        || {
            let theirs = hurdles::Barrier::new(8);
            together_with(8, 1_600, || {
                let mut party = theirs.clone();
                move || _ = party.wait()
            })
        },
    );
}

fn events() {
    const TURNS: usize = 2_000;
    let (there, back, stop) = (Event::new(), Event::new(), AtomicBool::new(false));
    let (their_there, their_back) = (MutexEvent::default(), MutexEvent::default());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                there.wait();
                there.clear();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                back.set();
            }
        });
        scope.spawn(|| {
            loop {
                their_there.wait();
                their_there.clear();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                their_back.set();
            }
        });
        compare(
            "Event round trip / mutex and condvar",
            1.0,
            31,
            || {
                (0..TURNS).for_each(|_| {
                    there.set();
                    back.wait();
                    back.clear();
                });
            },
            || {
                (0..TURNS).for_each(|_| {
                    their_there.set();
                    their_back.wait();
                    their_back.clear();
                });
            },
        );
        stop.store(true, Ordering::Relaxed);
        there.set();
        their_there.set();
    });
}

fn rwlocks() {
    let (ours, theirs, std) = (RwLock::new(0_u64), PlRwLock::new(0_u64), StdRwLock::new(0_u64));
    let read = || (0..UNCONTENDED).for_each(|_| _ = black_box(*black_box(&ours).read()));
    compare("RwLock read uncontended / parking_lot", 1.0, 101, read, || {
        (0..UNCONTENDED).for_each(|_| _ = black_box(*black_box(&theirs).read()));
    });
    compare("RwLock read uncontended / std", 1.0, 101, read, || {
        (0..UNCONTENDED).for_each(|_| _ = black_box(*black_box(&std).read().unwrap()));
    });
    let write = || (0..UNCONTENDED).for_each(|_| *black_box(&ours).write() += 1);
    compare("RwLock write uncontended / parking_lot", 1.0, 101, write, || {
        (0..UNCONTENDED).for_each(|_| *black_box(&theirs).write() += 1);
    });
    compare("RwLock write uncontended / std", 1.0, 101, write, || {
        (0..UNCONTENDED).for_each(|_| *black_box(&std).write().unwrap() += 1);
    });
    for (threads, writes) in [(2, 2), (8, 2), (8, 16)] {
        // One in this many operations is a write.
        let rounds = 100_000 / threads;
        let turn = || {
            thread_local!(static TURN: Cell<u32> = const { Cell::new(0) });
            TURN.set(TURN.get() + 1);
            TURN.get().is_multiple_of(writes)
        };
        let ours = || {
            together(threads, rounds, &|| {
                if turn() { *ours.write() += 1 } else { _ = black_box(*ours.read()) }
            })
        };
        let name = format!("RwLock, {threads} threads, 1 in {writes} writes");
        compare_times(&format!("{name} / parking_lot"), 1.0, 31, ours, || {
            together(threads, rounds, &|| {
                if turn() { *theirs.write() += 1 } else { _ = black_box(*theirs.read()) }
            })
        });
        compare_times(&format!("{name} / std"), 1.0, 31, ours, || {
            together(threads, rounds, &|| {
                if turn() {
                    *std.write().unwrap() += 1;
                } else {
                    black_box(*std.read().unwrap());
                }
            })
        });
    }
}

/// Measures the groups named on the command line, or all.
fn main() {
    let words: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let all: [(&str, fn()); 7] = [
        ("rwlocks", rwlocks),
        ("locks", locks),
        ("meetings", meetings),
        ("conditions", conditions),
        ("semaphores", semaphores),
        ("barriers", barriers),
        ("events", events),
    ];
    for (name, measure) in all {
        if words.is_empty() || words.iter().any(|it| it == name) {
            measure();
        }
    }
}
