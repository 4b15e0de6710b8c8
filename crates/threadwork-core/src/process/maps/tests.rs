//! The room for threads.

use super::{MANY_STACKS, Room, room};

#[test]
fn a_thread_needs_four_maps_and_a_thousand_are_spare() {
    assert_eq!(room(65_530, 1_506, 0), 15_750);
    assert_eq!(room(65_530, 64_502, 0), 1);
    assert_eq!(room(65_530, 64_503, 0), 0);
    assert_eq!(room(1, usize::MAX / 2, 0), 0);
}

#[test]
fn a_thread_that_is_about_to_run_needs_two_more_maps() {
    assert_eq!(room(65_530, 1_506, 2), 15_749);
    assert_eq!(room(65_530, 64_502, 1), 0);
}

/// Starts `at_once` threads and lets them end, `rounds` times. Returns how many it has started when the maps must be counted again.
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
    assert!(!room.take(), "the maps are counted for each thread");
}

#[test]
fn ended_threads_give_back_room_but_not_for_ever_and_not_near_the_limit() {
    let room = Room::new();
    room.set(2 * MANY_STACKS);
    let half = MANY_STACKS;
    assert_eq!(started(&room, half, usize::MAX), half + 2 * 2 * half);
    room.set(2 * MANY_STACKS - 1);
    assert_eq!(started(&room, 1, usize::MAX), MANY_STACKS - 1);
}
