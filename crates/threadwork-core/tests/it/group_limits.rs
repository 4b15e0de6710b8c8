//! A group never has more threads than its limit.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use threadwork_core::{StartError, Thread, ThreadGroup, ThreadState};
use threadwork_sync::{Barrier, Event};

use crate::support::{PATIENCE, join, run};

fn gated(group: &ThreadGroup, gate: &Arc<Event>) -> Thread {
    let gate = Arc::clone(gate);
    group.builder().build(move || gate.wait()).into()
}

#[track_caller]
fn check_full(thread: &Thread, name: &str, at: usize) {
    let error = thread.start().unwrap_err();
    let StartError::GroupFull { group, limit } = &error else { panic!("{error:?}") };
    assert_eq!((group.as_str(), *limit), (name, at));
    assert_eq!(thread.state(), ThreadState::New);
    assert_eq!(thread.ident(), None);
}

#[test]
fn the_limit_of_a_group_and_of_those_above_holds() {
    let server = ThreadGroup::new("server");
    let [readers, writers] = ["readers", "writers"].map(|it| server.child(it));
    readers.set_limit(2);
    server.set_limit(3);
    let gate = Arc::new(Event::new());
    let started = [&readers, &readers, &writers].map(|group| gated(group, &gate));
    started[0].start().unwrap();
    started[1].start().unwrap();
    let refused = gated(&readers, &gate);
    check_full(&refused, "server/readers", 2);
    assert_eq!((readers.count(), server.count()), (2, 2));
    started[2].start().unwrap();
    let other = gated(&writers, &gate);
    check_full(&other, "server", 3);
    assert_eq!((writers.count(), server.count()), (1, 3), "a refused thread is not counted");

    writers.set_limit(1);
    server.set_limit(usize::MAX);
    check_full(&other, "server/writers", 1);
    server.set_limit(1);
    assert_eq!(server.count(), 3, "living threads stay");
    check_full(&refused, "server/readers", 2);
    gate.set();
    server.join_all_timeout(PATIENCE).unwrap();
    run(&refused).unwrap();
    run(&other).unwrap();
    assert_eq!(server.count(), 0);
}

#[test]
fn a_thread_makes_room_when_it_ends_by_return_or_panic() {
    let group = ThreadGroup::new("one place");
    group.set_limit(1);
    group.set_panic_handler(|_, _| ());
    let next = group.builder().build(|| ());
    let panics = group.builder().build(|| panic!("on purpose"));
    run(&panics).unwrap_err();
    let refused = group.builder().stack_size(crate::support::ABSURD_STACK_SIZE).build(|| ());
    assert!(matches!(refused.start(), Err(StartError::Os(_))));
    run(&next).unwrap();
}

#[test]
fn a_thread_is_no_longer_a_member_when_its_runnable_has_been_dropped_with_its_owner() {
    let group = ThreadGroup::new("owners");
    let gate = Arc::new(Event::new());
    let thread = gated(&group, &gate);
    thread.start().unwrap();
    let handle = thread.handle().clone();
    drop(thread);
    assert_eq!(group.count(), 1);
    gate.set();
    join(&handle).unwrap();
    assert_eq!(group.count(), 0);
}

#[test]
fn limits_hold_on_all_levels_however_many_start_at_once() {
    const STARTERS: usize = 4;
    const STARTS: usize = 150;
    const LIMITS: [usize; 3] = [3, 2, 2];
    static ALIVE: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
    static MOST: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
    static RUN: AtomicUsize = AtomicUsize::new(0);

    fn change(places: [usize; 2], by: isize) {
        for place in places {
            let now = ALIVE[place].fetch_add(by.cast_unsigned(), Ordering::SeqCst);
            MOST[place].fetch_max(now.wrapping_add_signed(by), Ordering::SeqCst);
        }
    }

    let outer = ThreadGroup::new("outer");
    let groups = [outer.child("left"), outer.child("right")];
    for (group, limit) in [&outer, &groups[0], &groups[1]].into_iter().zip(LIMITS) {
        group.set_limit(limit);
    }
    let begin = Barrier::new(STARTERS);
    let started: usize = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..STARTERS)
            .map(|starter| {
                let (group, begin) = (&groups[starter % 2], &begin);
                scope.spawn(move || {
                    begin.wait().unwrap();
                    let places = [0, 1 + starter % 2];
                    let starts = (0..STARTS).map(|_| {
                        let thread = group.builder().build(move || {
                            change(places, 1);
                            std::thread::yield_now();
                            RUN.fetch_add(1, Ordering::SeqCst);
                            change(places, -1);
                        });
                        match thread.start() {
                            Ok(()) => 1,
                            Err(StartError::GroupFull { .. }) => {
                                std::thread::yield_now();
                                0
                            }
                            Err(error) => panic!("{error}"),
                        }
                    });
                    starts.sum::<usize>()
                })
            })
            .collect();
        starters.into_iter().map(|it| it.join().unwrap()).sum()
    });
    outer.join_all_timeout(PATIENCE).unwrap();
    assert_eq!(RUN.load(Ordering::SeqCst), started);
    assert!(started >= LIMITS[0]);
    assert_eq!([&outer, &groups[0], &groups[1]].map(ThreadGroup::count), [0; 3]);
    for (most, limit) in MOST.iter().zip(LIMITS) {
        let most = most.load(Ordering::SeqCst);
        assert!((1..=limit).contains(&most), "{most} of {limit}");
    }
}
