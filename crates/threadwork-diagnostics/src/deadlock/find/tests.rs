//! Possible sequences of readings of the records.

use std::time::Duration;

use threadwork_sync::Waiter;

use super::{Deadlock, find_in};
use crate::{
    names::Names,
    testing::{BASE, Maker, number},
};

fn found(maker: &Maker, readings: [&[(u64, u64)]; 3]) -> Vec<Vec<u64>> {
    let [first, second, third] = readings.map(|it| maker.reading(it));
    let found = find_in([&first, &second, &third], &Names::now(&[]));
    let waiters = |it: &Deadlock| it.edges.iter().map(|it| it.waiter_ident - BASE).collect();
    found.iter().map(waiters).collect()
}

#[test]
fn a_reader_that_blocks_between_the_readings_does_not_change_the_wait() {
    let maker = Maker::new();
    let readings = [&[][..], &[3], &[3, 4]].map(|readers| {
        let mut circle = maker.reading(&[(1, 2), (2, 1)]);
        circle[0].readers = readers.iter().copied().map(number).collect();
        circle
    });
    let [first, second, third] = &readings;
    assert_eq!(find_in([first, second, third], &Names::now(&[])).len(), 1);
}

#[test]
fn a_circle_in_all_three_readings_is_real() {
    let maker = Maker::new();
    let circle: &[_] = &[(1, 2), (2, 1)];
    assert_eq!(found(&maker, [circle, circle, circle]), [[1, 2]]);
    let more: &[_] = &[(1, 2), (2, 1), (3, 1)];
    assert_eq!(found(&maker, [circle, more, circle]), [[1, 2]]);
    assert_eq!(found(&maker, [more, circle, more]), [[1, 2]]);
}

#[test]
fn a_circle_that_is_missing_in_one_reading_is_not_reported() {
    let maker = Maker::new();
    let circle: &[_] = &[(1, 2), (2, 1)];
    for other in [&[(1, 2)][..], &[(2, 1)], &[], &[(1, 3), (2, 1)], &[(1, 2), (2, 3)]] {
        assert!(found(&maker, [other, circle, circle]).is_empty(), "first {other:?}");
        assert!(found(&maker, [circle, other, circle]).is_empty(), "second {other:?}");
        assert!(found(&maker, [circle, circle, other]).is_empty(), "third {other:?}");
    }
}

#[test]
fn a_circle_with_another_wait_of_the_same_thread_is_not_reported() {
    let maker = Maker::new();
    let circle = maker.reading(&[(1, 2), (2, 1)]);
    for place in 0..3 {
        let mut readings = [circle.clone(), circle.clone(), circle.clone()];
        // The same lock on the same line, a moment later.
        readings[place][1].since += Duration::from_nanos(1);
        let [first, second, third] = &readings;
        assert!(find_in([first, second, third], &Names::now(&[])).is_empty(), "reading {place}");
    }
}

#[test]
fn an_edge_has_the_lines_at_which_both_threads_wait() {
    let maker = Maker::new();
    let mut circle = maker.reading(&[(1, 2), (2, 1)]);
    circle[1].location = std::panic::Location::caller();
    let [deadlock] = &find_in([&circle, &circle, &circle], &Names::now(&[]))[..] else { panic!() };
    let [first, second] = &deadlock.edges[..] else { panic!("{deadlock}") };
    assert_eq!(first.location, circle[0].location.to_string());
    assert_eq!(first.holder_location, circle[1].location.to_string());
    assert_eq!(second.location, first.holder_location);
    assert_eq!(second.holder_location, first.location);
    assert_ne!(first.location, second.location);
}

#[test]
fn a_wait_for_any_of_several_counts_if_all_objects_are_in_all_three_readings() {
    let maker = Maker::new();
    let knot = maker.any_of(&[(1, &[2, 3]), (2, &[1]), (3, &[1])]);
    let count = |readings: [&[_]; 3]| find_in(readings, &Names::now(&[])).len();
    assert_eq!(count([&knot, &knot, &knot]), 1);
    for place in 0..3 {
        // The thread has left the queue of one object; or that was told after another wait began; or there is another object.
        for change in 0..3 {
            let mut readings = [knot.clone(), knot.clone(), knot.clone()];
            match change {
                0 => _ = readings[place].remove(0),
                1 => readings[place][0].since += Duration::from_nanos(1),
                _ => readings[place].insert(1, maker.any_of(&[(1, &[0])])[0].clone()),
            }
            let [first, second, third] = &readings;
            assert_eq!(count([first, second, third]), 0, "reading {place}, change {change}");
        }
    }
}

#[test]
fn a_task_is_no_wait_of_the_thread_that_polled_it() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[2, 0]), (2, &[1])]);
    waits[0].thread.waiter = Waiter::Task;
    waits[1].thread.waiter = Waiter::Thread;
    assert!(find_in([&waits, &waits, &waits], &Names::now(&[])).is_empty());
    // It is no choice either: neither one more nor a way out.
    let mut waits = maker.any_of(&[(1, &[0, 2, 0]), (2, &[1])]);
    for (it, waiter) in waits.iter_mut().zip([Waiter::Task, Waiter::Thread, Waiter::Task]) {
        it.thread.waiter = waiter;
    }
    let [deadlock] = &find_in([&waits, &waits, &waits], &Names::now(&[]))[..] else { panic!() };
    assert_eq!(deadlock.edges.len(), 2);
    assert!(deadlock.edges.iter().all(|it| !it.any_of));
    // Whichever tasks the thread polled meanwhile, its own wait goes on.
    let later: Vec<_> =
        waits.iter().filter(|it| it.thread.waiter != Waiter::Task).cloned().collect();
    assert_eq!(find_in([&waits, &later, &waits], &Names::now(&[])).len(), 1);
}

#[test]
fn a_knot_is_told_thread_by_thread() {
    let maker = Maker::new();
    let knot = maker.any_of(&[(1, &[2, 3]), (2, &[1]), (3, &[1])]);
    let [deadlock] = &find_in([&knot, &knot, &knot], &Names::now(&[]))[..] else { panic!() };
    let any_of: Vec<_> = deadlock.edges.iter().map(|it| it.any_of).collect();
    assert_eq!(any_of, [true, true, false, false]);
    let at = knot[0].location;
    let name = |it: u64| format!("'thread {0}' (#{0})", number(it));
    let expected = format!(
        "deadlock of 3 threads:\n  {0} waits at {at} for the end of {1}, or\n  {0} waits at {at} for the end of {2}\n  \
         {1} waits at {at} for the end of {0}\n  {2} waits at {at} for the end of {0}",
        name(1),
        name(2),
        name(3),
    );
    assert_eq!(deadlock.to_string(), expected);
    let alone = maker.any_of(&[(4, &[4, 4])]);
    let [deadlock] = &find_in([&alone, &alone, &alone], &Names::now(&[]))[..] else { panic!() };
    assert!(
        deadlock.to_string().starts_with("deadlock of one thread with itself:\n"),
        "{deadlock}"
    );
}
