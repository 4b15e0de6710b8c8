//! How much room there is for threads.

use threadwork_sync::internal::number::reserve_ident;

use super::{MANY_STACKS, Room, room};
use crate::{life::ThreadState, registry, thread::Thread};

#[test]
fn a_thread_has_four_maps_and_the_program_a_thousand() {
    assert_eq!(room(65_530, 1_506, 0), 15_750);
    assert_eq!(room(65_530, 64_502, 0), 1);
    assert_eq!(room(65_530, 64_503, 0), 0);
    assert_eq!(room(1, usize::MAX / 2, 0), 0);
}

#[test]
fn a_thread_that_is_about_to_run_will_map_its_signal_stack() {
    assert_eq!(room(65_530, 1_506, 2), 15_749);
    assert_eq!(room(65_530, 64_502, 1), 0);
}

#[test]
fn a_thread_is_about_to_run_from_when_the_system_has_taken_it_until_it_runs() {
    // The other tests start threads too, and at one time or another all of theirs run.
    const MANY: usize = 1_000;
    let threads: Vec<_> = (0..MANY).map(|_| (Thread::new(|| ()), reserve_ident().get())).collect();
    for (thread, ident) in &threads {
        thread.life().set_started();
        registry::insert(*ident, thread.handle().clone());
    }
    assert!(registry::about_to_run() >= MANY);
    for (thread, _) in &threads {
        thread.life().set_state(ThreadState::Running);
    }
    assert!(registry::about_to_run() < MANY);
    threads.iter().for_each(|(_, ident)| registry::remove(*ident));
}

/// Starts so many at once and lets them go, again and again; returns how many it has started when the maps have to be counted.
fn started(room: &Room, at_once: usize, rounds: usize) -> usize {
    let mut started = 0;
    for _ in 0..rounds {
        for _ in 0..at_once {
            if !room.take() {
                return started;
            }
            started += 1;
        }
        (0..at_once).for_each(|_| room.give_back());
    }
    started
}

#[test]
fn half_of_the_room_is_taken_before_the_maps_are_counted_again() {
    let room = Room::new();
    assert!(!room.take());
    for threads in [2, 100, 10_000] {
        room.set(threads);
        assert_eq!(started(&room, threads, 1), threads / 2);
    }
    room.set(1);
    assert!(!room.take(), "each one counts");
}

#[test]
fn threads_that_are_gone_make_room_for_others_but_not_for_ever_and_not_near_the_limit() {
    let room = Room::new();
    room.set(2 * MANY_STACKS);
    let half = MANY_STACKS;
    assert_eq!(started(&room, half, usize::MAX), half + 2 * 2 * half);
    room.set(2 * MANY_STACKS - 1);
    assert_eq!(started(&room, 1, usize::MAX), MANY_STACKS - 1);
}
