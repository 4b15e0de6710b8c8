//! Both halves of the fence, in real threads.

use std::{
    hint,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicIsize, AtomicUsize},
    },
};

use super::*;

/// A word in cache lines of its own, so that a store takes long to become visible.
#[derive(Default)]
#[repr(align(128))]
struct Apart(AtomicUsize);

impl Apart {
    fn set(&self, value: usize) {
        self.0.store(value, Ordering::Release);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

/// What one of two threads writes and the other reads.
#[derive(Default)]
struct Side {
    /// The round that the thread is about to play.
    begun: Apart,
    /// The round that the thread has announced to the other.
    word: Apart,
    /// The round that the thread has played, times two, plus one if it saw the other's word.
    seen: Apart,
}

const ROUNDS: usize = 20_000;
const TIME: Duration = Duration::from_secs(1);
const OVER: usize = usize::MAX;

impl Side {
    /// Announces the round in the own word, and then looks whether the other has done so. Returns whether it has, and whether either has
    /// seen the other.
    fn play(&self, other: &Side, round: usize, pause: isize, fence: fn()) -> (bool, bool) {
        for step in 0..pause {
            hint::black_box(step);
        }
        self.word.0.store(round, Ordering::Relaxed);
        fence();
        let sees = other.word.0.load(Ordering::Relaxed) == round;
        self.seen.set(round << 1 | usize::from(sees));
        wait_until(|| other.seen.get() >> 1 == round);
        (sees, sees || other.seen.get() & 1 == 1)
    }
}

/// Waits without sleeping, so that both threads go on at the same moment; lets others run if that takes long.
fn wait_until(happened: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if happened() {
            return;
        }
        hint::spin_loop();
    }
    while !happened() {
        thread::yield_now();
    }
}

/// How much longer the light side pauses before a round. It sees the other's word each other time, so both go at the same moment.
static LEAD: AtomicIsize = AtomicIsize::new(0);

fn play_with_heavy_half(mine: &Side, other: &Side) {
    for round in 1.. {
        mine.begun.set(round);
        wait_until(|| other.begun.get() >= round);
        if other.begun.get() == OVER {
            return;
        }
        mine.play(other, round, -LEAD.load(Ordering::Relaxed), heavy);
    }
}

/// Returns the number of rounds in which neither thread saw the other.
fn play_with_light_half(mine: &Side, other: &Side) -> usize {
    let (since, mut lead, mut neither) = (Instant::now(), 0_isize, 0);
    for round in 1..=ROUNDS {
        if since.elapsed() > TIME {
            break;
        }
        let random = (round * 7 % 16).cast_signed();
        LEAD.store(lead, Ordering::Relaxed);
        mine.begun.set(round);
        wait_until(|| other.begun.get() >= round);
        let (sees, either) = mine.play(other, round, lead + random, light);
        lead = (lead + if sees { -4 } else { 4 }).clamp(-500, 500);
        neither += usize::from(!either);
    }
    mine.begun.set(OVER);
    neither
}

#[test]
fn of_two_threads_with_a_light_and_a_heavy_half_at_least_one_sees_the_other() {
    if !is_asymmetric() {
        return;
    }
    let (one, other) = (Side::default(), Side::default());
    let neither = thread::scope(|scope| {
        scope.spawn(|| play_with_heavy_half(&other, &one));
        play_with_light_half(&one, &other)
    });
    assert_eq!(neither, 0, "rounds in which neither thread saw the other");
}

#[test]
fn many_threads_fence_at_the_same_time() {
    const THREADS: usize = 8;
    let (begin, before) = (Barrier::new(THREADS), is_asymmetric());
    let differs = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                begin.wait();
                for _ in 0..200 {
                    if before {
                        heavy();
                    }
                    differs.fetch_or(is_asymmetric() != before, Ordering::Relaxed);
                }
            });
        }
    });
    assert!(!differs.into_inner(), "it was decided before");
}

/// A thread registers again when the system begins to refuse the fence.
#[test]
#[cfg(all(target_os = "linux", not(any(miri, threadwork_portable))))]
fn registering_again_changes_nothing() {
    let is_offered = system::register();
    assert_eq!(system::register(), is_offered);
    assert_eq!(system::barrier(), is_offered);
}
