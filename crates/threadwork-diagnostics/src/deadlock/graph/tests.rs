//! Deadlocks in one reading.

use threadwork_sync::{WaitKind, Waiter, Waiting};

use super::deadlocks;
use crate::testing::{BASE, Maker, number};

/// The waiters of each deadlock, in order.
fn waiters(waits: &[Waiting]) -> Vec<Vec<u64>> {
    edges(waits).iter().map(|it| it.iter().map(|(waiter, _)| *waiter).collect()).collect()
}

/// The waiter and the holder of each edge of each deadlock.
fn edges(waits: &[Waiting]) -> Vec<Vec<(u64, u64)>> {
    let ident = |it: &Waiting| it.thread.ident.get() - BASE;
    let edges = |it: &Vec<(&Waiting, &Waiting)>| {
        it.iter().map(|(waiter, holder)| (ident(waiter), ident(holder))).collect()
    };
    deadlocks(waits).iter().map(edges).collect()
}

#[test]
fn circles_are_found_whatever_leads_into_them() {
    let maker = Maker::new();
    let check = |edges: &[(u64, u64)], expected: &[&[u64]]| {
        let waits = maker.reading(edges);
        assert_eq!(waiters(&waits), expected, "{edges:?}");
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
        assert_eq!(waiters(&waits), expected, "{edges:?}");
    };
    check(&[(1, &[2, 3]), (2, &[3]), (3, &[])], &[]);
    check(&[(1, &[2, 3]), (2, &[]), (3, &[1])], &[&[1, 3]]);
    check(&[(1, &[1, 2]), (2, &[])], &[&[1]]);
    check(&[(1, &[2]), (2, &[5, 3]), (3, &[4]), (4, &[2])], &[&[2, 3, 4]]);
    // One thread in two circles.
    check(&[(1, &[2, 3]), (2, &[1]), (3, &[1])], &[&[1, 2], &[1, 3]]);
}

/// What each thread waits for any of, and the edges of the deadlocks that are expected.
type Case = (&'static [(u64, &'static [u64])], &'static [&'static [(u64, u64)]]);

#[test]
fn a_thread_that_waits_for_any_is_stuck_only_if_each_choice_is() {
    let maker = Maker::new();
    let cases: &[Case] = &[
        // Two threads.
        (&[(1, &[2, 2]), (2, &[1])], &[&[(1, 2), (1, 2), (2, 1)]]),
        (&[(1, &[2, 0]), (2, &[1])], &[]),
        (&[(1, &[0, 2]), (2, &[1])], &[]),
        (&[(1, &[2, 9]), (2, &[1])], &[]),
        (&[(1, &[2, 1]), (2, &[1, 2])], &[&[(1, 2), (1, 1), (2, 1), (2, 2)]]),
        // With itself.
        (&[(1, &[1, 1])], &[&[(1, 1), (1, 1)]]),
        (&[(1, &[1, 0])], &[]),
        // Three threads.
        (&[(1, &[2, 3]), (2, &[1]), (3, &[1])], &[&[(1, 2), (1, 3), (2, 1), (3, 1)]]),
        (&[(1, &[2, 3]), (2, &[1]), (3, &[0])], &[]),
        (&[(1, &[2, 3]), (2, &[1]), (3, &[1, 0])], &[]),
        (
            &[(1, &[2, 3]), (2, &[3, 1]), (3, &[1, 2])],
            &[&[(1, 2), (1, 3), (2, 3), (2, 1), (3, 1), (3, 2)]],
        ),
        // The way out is far away.
        (&[(1, &[2, 3]), (2, &[1]), (3, &[4]), (4, &[5]), (5, &[0])], &[]),
        // One choice is held by another deadlock.
        (
            &[(1, &[2, 3]), (2, &[1]), (3, &[4]), (4, &[3])],
            &[&[(3, 4), (4, 3)], &[(1, 2), (1, 3), (2, 1)]],
        ),
        // It waits for a deadlock and is not part of it.
        (&[(1, &[2, 3]), (2, &[3]), (3, &[2])], &[&[(2, 3), (3, 2)]]),
        (
            &[(1, &[2, 4]), (2, &[3]), (3, &[2]), (4, &[5]), (5, &[4])],
            &[&[(2, 3), (3, 2)], &[(4, 5), (5, 4)]],
        ),
        // A circle has a way out at one thread, another has none.
        (&[(1, &[2, 0]), (2, &[1]), (3, &[4, 4]), (4, &[3])], &[&[(3, 4), (3, 4), (4, 3)]]),
    ];
    for (threads, expected) in cases {
        assert_eq!(edges(&maker.any_of(threads)), *expected, "{threads:?}");
    }
}

#[test]
fn a_lock_in_a_circle_is_a_choice_like_a_join() {
    let maker = Maker::new();
    // The first thread waits for a lock of the second, or for a read-write lock that the third and the fourth read.
    let mut waits = maker.any_of(&[(1, &[2, 0]), (2, &[1]), (3, &[1]), (4, &[0])]);
    waits[0].kind = WaitKind::Lock;
    waits[1].kind = WaitKind::RwLock;
    assert!(edges(&waits).is_empty());
    waits[1].readers = vec![number(4)];
    assert!(edges(&waits).is_empty(), "the reader goes on");
    waits[1].readers = vec![number(3), number(4)];
    assert_eq!(edges(&waits), [[(1, 2), (1, 3), (2, 1), (3, 1)]], "one reader is enough");
}

#[test]
fn of_several_holders_one_in_the_knot_is_shown() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[3, 2]), (2, &[1]), (3, &[4]), (4, &[3])]);
    waits[0].readers = vec![number(2)];
    assert_eq!(edges(&waits)[1], [(1, 2), (1, 2), (2, 1)]);
}

#[test]
fn a_wait_for_any_of_one_is_like_a_wait_for_that() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[2]), (2, &[1])]);
    waits[0].thread.waiter = Waiter::AnyOf;
    assert_eq!(edges(&waits), [[(1, 2), (2, 1)]]);
}

#[test]
fn many_threads_that_wait_for_any_are_searched_in_a_moment() {
    const N: u64 = 100_000;
    let maker = Maker::new();
    // Each thread waits for any of its neighbours, in one large knot; then the last one has a way out.
    let neighbours: Vec<_> =
        (1..=N).map(|it| [if it == 1 { N } else { it - 1 }, it % N + 1]).collect();
    let threads: Vec<_> = (1..=N).zip(&neighbours).map(|(it, to)| (it, &to[..])).collect();
    let mut waits = maker.any_of(&threads);
    let found = edges(&waits);
    assert_eq!((found.len(), found[0].len()), (1, 2 * N as usize));
    waits.last_mut().unwrap().holder = None;
    assert!(edges(&waits).is_empty());
}
