//! Looks at threads that are made by hand.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    time::Duration,
};

use super::{Event, Limits, Living, Looks, Source, Waits, What};

/// What the operating system tells of each thread: the processor time that it has used, and whether it is asleep.
#[derive(Default)]
struct System {
    threads: BTreeMap<u64, (u64, bool)>,
    /// The threads of which it was asked whether they are asleep.
    asked: RefCell<Vec<u64>>,
}

impl Source for System {
    fn cpu_time(&self, native_id: u64) -> Option<Duration> {
        self.threads.get(&native_id).map(|it| Duration::from_nanos(it.0))
    }

    fn is_asleep_after(&self, native_id: u64, cpu: Duration) -> bool {
        self.asked.borrow_mut().push(native_id);
        self.threads.get(&native_id).is_some_and(|&it| it == (as_nanos(cpu), true))
    }

    fn system_call(&self, native_id: u64) -> Option<&'static str> {
        (native_id == 1).then_some("read")
    }
}

fn as_nanos(it: Duration) -> u64 {
    u64::try_from(it.as_nanos()).unwrap()
}

fn number(ident: u64) -> NonZeroU64 {
    NonZeroU64::new(ident).unwrap()
}

/// The looks of a recording. A look takes one nanosecond.
struct World {
    system: System,
    looks: Looks,
    in_waits: BTreeSet<u64>,
}

impl World {
    fn new(events_per_thread: usize, threads: usize) -> World {
        let looks = Looks::new(Limits { events_per_thread, threads });
        World { system: System::default(), looks, in_waits: BTreeSet::new() }
    }

    /// Looks at the time `at`, when these threads live.
    fn look(&mut self, at: u64, threads: &[(u64, u64, bool)]) {
        self.system.threads =
            threads.iter().map(|&(it, cpu, sleeps)| (it, (cpu, sleeps))).collect();
        let living = |&(it, ..): &(u64, u64, bool)| Living {
            ident: number(it),
            native_id: it,
            is_own: it >= 90,
        };
        let living: Vec<_> = threads.iter().map(living).collect();
        self.looks.look(at, &living, &self.in_waits, &self.system, || at + 1);
    }

    fn waits(&self, ident: u64) -> Waits {
        self.looks.waits().remove(&number(ident)).unwrap_or_default()
    }

    /// The times of the waits that are over, and of the one that is not.
    #[track_caller]
    fn check(&self, ident: u64, over: &[(u64, u64)], open: Option<(u64, u64)>) {
        let times = |it: &Event| (it.since, it.until);
        let waits = self.waits(ident);
        assert_eq!(waits.over.iter().map(times).collect::<Vec<_>>(), over);
        assert_eq!(waits.open.as_ref().map(times), open);
    }
}

#[test]
fn all_looks_at_one_wait_are_one_wait_and_the_state_is_asked_for_once() {
    let mut world = World::new(9, 9);
    for at in [10, 20, 30, 40, 50] {
        world.look(at, &[(1, 7, true)]);
    }
    world.check(1, &[], Some((11, 50)));
    assert_eq!(*world.system.asked.borrow(), [1]);
    let Some(Event { what: What::Elsewhere(it), .. }) = world.waits(1).open else {
        panic!("it waits elsewhere")
    };
    assert_eq!(it.system_call, Some("read"));
    // It has run and sleeps again.
    world.look(60, &[(1, 8, true)]);
    world.check(1, &[(11, 50)], None);
    world.look(70, &[(1, 8, true)]);
    world.check(1, &[(11, 50)], Some((61, 70)));
}

#[test]
fn a_thread_that_runs_or_could_run_does_not_wait() {
    let mut world = World::new(9, 9);
    // The first always sleeps when it is looked at, and has run each time; the second gets no processor.
    for at in 1..6 {
        world.look(at * 10, &[(1, at, true), (2, 7, false)]);
    }
    assert!(world.looks.waits().is_empty());
    // Asked only about the one that has used no processor time.
    assert!(world.system.asked.borrow().iter().all(|it| *it == 2));
}

#[test]
fn a_thread_that_waits_for_something_here_does_not_wait_elsewhere() {
    let mut world = World::new(9, 9);
    world.in_waits.insert(1);
    world.look(10, &[(1, 7, true)]);
    world.look(20, &[(1, 7, true)]);
    // The processor time of a thread in a wait is worth nothing: it may have left the wait just after the note was read.
    world.in_waits.clear();
    world.look(30, &[(1, 7, true)]);
    world.check(1, &[], None);
    world.look(40, &[(1, 7, true)]);
    world.check(1, &[], Some((31, 40)));
    world.in_waits.insert(1);
    world.look(50, &[(1, 8, true)]);
    world.check(1, &[(31, 40)], None);
}

/// Its note of who is in waits is older than what the last look saw.
#[test]
fn a_look_that_began_before_the_last_one_was_over_tells_nothing() {
    let mut world = World::new(9, 9);
    world.look(20, &[(1, 7, true)]);
    world.look(20, &[(1, 7, true)]);
    world.check(1, &[], None);
    world.look(21, &[(1, 7, true)]);
    world.check(1, &[], Some((21, 21)));
}

#[test]
fn the_wait_of_a_thread_that_is_gone_is_over_and_kept() {
    let mut world = World::new(9, 9);
    world.look(10, &[(1, 7, true), (2, 7, false)]);
    world.look(20, &[(1, 7, true), (2, 7, false)]);
    assert!(world.waits(1).is_alive);
    world.look(30, &[]);
    world.check(1, &[(11, 20)], None);
    assert!(!world.waits(1).is_alive);
    assert_eq!(world.looks.threads.len(), 1, "of the other nothing is to be told");
    // Another thread gets its number in the operating system, and its ident is not the same.
    assert_eq!(world.looks.nameless(), [number(1)]);
    world.looks.set_name(number(1), "reader".to_owned());
    assert_eq!((world.waits(1).name.as_deref(), world.looks.nameless()), (Some("reader"), vec![]));
}

#[test]
fn the_newest_waits_of_a_thread_are_kept() {
    let mut world = World::new(2, 9);
    for cpu in 0..5 {
        world.look(cpu * 100, &[(1, cpu, true)]);
        world.look(cpu * 100 + 50, &[(1, cpu, true)]);
    }
    world.look(500, &[]);
    world.check(1, &[(301, 350), (401, 450)], None);
    assert_eq!(world.waits(1).n_dropped, 3);
}

#[test]
fn threads_that_are_gone_make_room() {
    let mut world = World::new(9, 2);
    let sleeping = |idents: &[u64]| idents.iter().map(|it| (*it, 7, true)).collect::<Vec<_>>();
    for at in [10, 20] {
        world.look(at, &sleeping(&[1, 2]));
    }
    for at in [30, 40] {
        world.look(at, &sleeping(&[2, 3]));
    }
    let told = |world: &World| world.looks.waits().keys().map(|it| it.get()).collect::<Vec<_>>();
    assert_eq!(told(&world), [2, 3]);
    // Those that live stay.
    for at in [50, 60] {
        world.look(at, &sleeping(&[2, 3, 4]));
    }
    assert_eq!(told(&world), [2, 3, 4]);
}

#[test]
fn the_librarys_own_threads_are_told_also_if_they_have_not_waited() {
    let mut world = World::new(9, 9);
    world.look(10, &[(90, 7, false), (1, 7, false)]);
    assert!(world.waits(90).is_own && world.waits(90).is_alive);
    assert_eq!(world.looks.nameless(), [number(90)]);
    world.look(20, &[]);
    assert!(world.looks.waits().is_empty());
}
