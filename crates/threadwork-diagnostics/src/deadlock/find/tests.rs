//! Possible sequences of readings of the records.

use std::{cell::Cell, num::NonZeroU64, time::Duration};

use threadwork_core::Thread;
use threadwork_sync::{Event, WaitKind, Waiting, waits};

use super::{Deadlock, circles, find_in};
use crate::{deadlock::circles::circles_along, names::Names};

/// Makes records of waits that all began at the same time on the same source line.
struct Maker(Waiting);

impl Maker {
    fn new() -> Maker {
        let event = std::sync::Arc::new(Event::new());
        let inner = event.clone();
        let thread = Thread::new(move || inner.wait());
        thread.start().unwrap();
        let ident = thread.ident().unwrap();
        let waiting = loop {
            if let Some(it) = waits().into_iter().find(|it| it.thread.ident == ident) {
                break it;
            }
        };
        event.set();
        thread.join().unwrap();
        Maker(waiting)
    }

    /// In each pair the first thread waits for a lock that the second one holds.
    fn reading(&self, edges: &[(u64, u64)]) -> Vec<Waiting> {
        let wait = |(waiter, holder): &(u64, u64)| {
            let mut it = self.0.clone();
            it.thread.ident = number(*waiter);
            it.kind = WaitKind::Lock;
            it.holder = Some(number(*holder));
            it
        };
        edges.iter().map(wait).collect()
    }

    fn found(&self, readings: [&[(u64, u64)]; 3]) -> Vec<Vec<u64>> {
        let [first, second, third] = readings.map(|it| self.reading(it));
        let found = find_in([&first, &second, &third], &Names::now(&[]));
        let waiters = |it: &Deadlock| it.edges.iter().map(|it| it.waiter_ident - BASE).collect();
        found.iter().map(waiters).collect()
    }
}

/// Greater than the number of any thread that the tests start.
const BASE: u64 = 1_000_000;

fn number(number: u64) -> NonZeroU64 {
    NonZeroU64::new(BASE + number).unwrap()
}

#[test]
fn circles_are_found_whatever_leads_into_them() {
    let maker = Maker::new();
    let check = |edges: &[(u64, u64)], expected: &[&[u64]]| {
        let waits = maker.reading(edges);
        let idents =
            |it: &Vec<&Waiting>| it.iter().map(|it| it.thread.ident.get() - BASE).collect();
        let found: Vec<Vec<u64>> = circles(&waits).iter().map(idents).collect();
        assert_eq!(found, expected, "{edges:?}");
    };
    check(&[], &[]);
    check(&[(1, 2), (2, 3)], &[]);
    check(&[(1, 2), (2, 9), (3, 2)], &[]);
    check(&[(1, 1)], &[&[1]]);
    check(&[(1, 2), (2, 1)], &[&[1, 2]]);
    // Each thread is followed by the one it waits for; the smallest number comes first.
    check(&[(1, 3), (2, 1), (3, 2)], &[&[1, 3, 2]]);
    // Some threads wait for the circle and are not part of it.
    check(&[(1, 2), (2, 3), (3, 2), (4, 1), (5, 5)], &[&[2, 3], &[5]]);
    check(&[(1, 3), (2, 3), (3, 2)], &[&[2, 3]]);
    check(&[(1, 4), (2, 4), (3, 4), (4, 6), (5, 4), (6, 4)], &[&[4, 6]]);
}

#[test]
fn circles_are_found_through_any_of_several_readers() {
    let maker = Maker::new();
    let check = |edges: &[(u64, &[u64])], expected: &[&[u64]]| {
        let pairs: Vec<_> = edges.iter().map(|(waiter, _)| (*waiter, 0)).collect();
        let mut waits = maker.reading(&pairs);
        for (it, (_, readers)) in waits.iter_mut().zip(edges) {
            it.holder = None;
            it.readers = readers.iter().copied().map(number).collect();
        }
        let idents =
            |it: &Vec<&Waiting>| it.iter().map(|it| it.thread.ident.get() - BASE).collect();
        let found: Vec<Vec<u64>> = circles(&waits).iter().map(idents).collect();
        assert_eq!(found, expected, "{edges:?}");
    };
    check(&[(1, &[2, 3]), (2, &[3]), (3, &[])], &[]);
    check(&[(1, &[2, 3]), (2, &[]), (3, &[1])], &[&[1, 3]]);
    check(&[(1, &[1, 2]), (2, &[])], &[&[1]]);
    check(&[(1, &[2]), (2, &[5, 3]), (3, &[4]), (4, &[2])], &[&[2, 3, 4]]);
    // One thread in two circles.
    check(&[(1, &[2, 3]), (2, &[1]), (3, &[1])], &[&[1, 2], &[1, 3]]);
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
fn each_of_many_waiting_threads_is_passed_once() {
    const N: u64 = 200_000;
    let maker = Maker::new();
    // One long chain that ends in a circle, in the order in which a search without memory would walk the whole chain from each start.
    let chain: Vec<_> = (1..=N).map(|it| (it, if it == 1 { 2 } else { it - 1 })).collect();
    let waits = maker.reading(&chain);
    let looks = Cell::new(0);
    let next = |it: &Waiting| {
        looks.set(looks.get() + 1);
        assert!(looks.get() <= N, "a thread is passed again");
        let holder = it.holder.unwrap().get() - BASE;
        vec![&waits[usize::try_from(holder).unwrap() - 1]]
    };
    assert_eq!(circles_along(&waits, next).len(), 1);
    assert_eq!(looks.get(), N);
}

#[test]
fn a_circle_in_all_three_readings_is_real() {
    let maker = Maker::new();
    let circle: &[_] = &[(1, 2), (2, 1)];
    assert_eq!(maker.found([circle, circle, circle]), [[1, 2]]);
    let more: &[_] = &[(1, 2), (2, 1), (3, 1)];
    assert_eq!(maker.found([circle, more, circle]), [[1, 2]]);
    assert_eq!(maker.found([more, circle, more]), [[1, 2]]);
}

#[test]
fn a_circle_that_is_missing_in_one_reading_is_not_reported() {
    let maker = Maker::new();
    let circle: &[_] = &[(1, 2), (2, 1)];
    for other in [&[(1, 2)][..], &[(2, 1)], &[], &[(1, 3), (2, 1)], &[(1, 2), (2, 3)]] {
        assert!(maker.found([other, circle, circle]).is_empty(), "first {other:?}");
        assert!(maker.found([circle, other, circle]).is_empty(), "second {other:?}");
        assert!(maker.found([circle, circle, other]).is_empty(), "third {other:?}");
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
