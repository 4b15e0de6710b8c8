//! The turns in which a runnable is used. Each test plays one interleaving step by step.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use threadwork_sync::Lock;

use super::{
    Owner,
    place::{ABANDONED, DONE, GONE, IDLE, LENT},
};
use crate::{
    life::{Life, Settings},
    work::Runnable,
};

#[derive(Clone, Default)]
struct Log {
    runs: Arc<AtomicU32>,
    drops: Arc<AtomicU32>,
}

impl Log {
    #[track_caller]
    fn check(&self, runs: u32, drops: u32) {
        let counted = (self.runs.load(Ordering::Relaxed), self.drops.load(Ordering::Relaxed));
        assert_eq!(counted, (runs, drops), "runs, drops");
    }
}

struct Logged {
    log: Log,
    panics: bool,
}

impl Runnable for Logged {
    fn run(&mut self) {
        self.log.runs.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics, "on purpose");
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        self.log.drops.fetch_add(1, Ordering::Relaxed);
    }
}

fn owner(panics: bool) -> (Owner<Logged>, Log) {
    let log = Log::default();
    let life = Life::new("a thread".into(), Settings::default());
    (Owner::new(life, Logged { log: log.clone(), panics }), log)
}

fn place<T: ?Sized>(owner: &Owner<T>) -> usize {
    owner.data.cell.place.get()
}

#[test]
fn a_runnable_goes_to_its_thread_and_back() {
    let (mut owner, log) = owner(false);
    let data = owner.data();
    assert_eq!(place(&owner), IDLE);
    assert!(owner.get().is_none() && owner.get_mut().is_some());
    assert!(data.cell.lend());
    assert_eq!(place(&owner), LENT);
    assert!(owner.get().is_none() && owner.get_mut().is_none() && owner.take().is_none());
    data.cell.run().unwrap().unwrap();
    assert_eq!(place(&owner), DONE);
    assert!(owner.get().is_some() && owner.get_mut().is_some());
    log.check(1, 0);
    drop(owner);
    log.check(1, 1);
}

#[test]
fn a_runnable_is_lent_once() {
    let (owner, log) = owner(false);
    let cell = &owner.data.cell;
    assert!(cell.lend());
    assert!(!cell.lend());
    cell.run().unwrap().unwrap();
    assert!(!cell.lend());
    log.check(1, 0);
}

#[test]
fn a_runnable_that_was_taken_back_can_be_lent_again() {
    let (mut owner, log) = owner(false);
    let data = owner.data();
    assert!(data.cell.lend());
    data.cell.take_back();
    assert_eq!(place(&owner), IDLE);
    assert!(owner.get_mut().is_some());
    assert!(data.cell.lend());
    data.cell.run().unwrap().unwrap();
    log.check(1, 0);
}

#[test]
fn an_owner_dropped_before_the_run_leaves_the_runnable_to_the_thread() {
    let (owner, log) = owner(false);
    let data = owner.data();
    assert!(data.cell.lend());
    drop(owner);
    log.check(0, 0);
    assert_eq!(data.cell.place.get(), LENT | ABANDONED);
    data.cell.run().unwrap().unwrap();
    log.check(1, 1);
    drop(data);
    log.check(1, 1);
}

#[test]
fn an_owner_dropped_during_the_run_leaves_the_runnable_to_the_thread() {
    type Slot = Arc<Lock<Option<Owner<dyn Runnable>>>>;

    struct DropsItsOwner(Slot, Logged);
    impl Runnable for DropsItsOwner {
        fn run(&mut self) {
            drop(self.0.acquire().take());
            self.1.run();
            self.1.log.check(1, 0);
        }
    }

    let (log, slot) = (Log::default(), Slot::default());
    let logged = Logged { log: log.clone(), panics: false };
    let life = Life::new("a thread".into(), Settings::default());
    let owner = Owner::new(life, DropsItsOwner(Arc::clone(&slot), logged));
    let data = owner.data();
    assert!(data.cell.lend());
    *slot.acquire() = Some(owner.erase());
    data.cell.run().unwrap().unwrap();
    log.check(1, 1);
}

#[test]
fn an_owner_dropped_after_the_run_drops_the_runnable_itself() {
    let (owner, log) = owner(false);
    let data = owner.data();
    assert!(data.cell.lend());
    data.cell.run().unwrap().unwrap();
    drop(owner);
    log.check(1, 1);
    assert_eq!(data.cell.place.get(), DONE | ABANDONED);
    drop(data);
    log.check(1, 1);
}

#[test]
fn a_runnable_that_was_taken_is_gone() {
    for lent in [false, true] {
        let (mut owner, log) = owner(false);
        if lent {
            assert!(owner.data.cell.lend());
            owner.data.cell.run().unwrap().unwrap();
        }
        let runnable = owner.take().expect("the owner has it");
        assert_eq!(place(&owner), GONE);
        assert!(owner.take().is_none() && owner.get().is_none() && owner.get_mut().is_none());
        assert!(!owner.data.cell.lend());
        drop(owner);
        log.check(u32::from(lent), 0);
        drop(runnable);
        log.check(u32::from(lent), 1);
    }
}

#[test]
fn a_runnable_comes_back_from_a_panic() {
    let (owner, log) = owner(true);
    assert!(owner.data.cell.lend());
    owner.data.cell.run().unwrap_err();
    assert_eq!(place(&owner), DONE);
    assert!(owner.get().is_some());
    log.check(1, 0);
    drop(owner);
    log.check(1, 1);
}

#[test]
fn the_panic_of_an_abandoned_runnable_is_returned_and_the_runnable_dropped() {
    let (owner, log) = owner(true);
    let data = owner.data();
    assert!(data.cell.lend());
    drop(owner);
    let payload = data.cell.run().unwrap_err();
    assert_eq!(*payload.into_inner().downcast::<&str>().unwrap(), "on purpose");
    log.check(1, 1);
}

#[test]
fn an_owner_with_an_erased_type_still_owns_the_runnable() {
    let (owner, log) = owner(false);
    let owner = owner.erase();
    let data = Arc::clone(&owner.data);
    assert_eq!(Arc::strong_count(&data), 2);
    assert!(data.cell.lend());
    data.cell.run().unwrap().unwrap();
    log.check(1, 0);
    drop(owner);
    log.check(1, 1);
    assert_eq!(Arc::strong_count(&data), 1);
}

#[test]
#[should_panic(expected = "a runnable is lent to one thread, which runs it once")]
fn a_runnable_that_was_not_lent_is_not_run() {
    let (owner, _log) = owner(false);
    let _ = owner.data.cell.run();
}
