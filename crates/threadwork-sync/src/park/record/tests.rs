//! Slots, read while they are written.

use std::{
    panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::{KINDS, SLOTS, Slot};
use crate::{
    get_ident,
    ident::MAIN_IDENT,
    park::Key,
    waiting::{Holder, Subject, WaitKind},
};

#[test]
fn every_kind_is_at_the_place_of_its_number() {
    assert!(KINDS.iter().enumerate().all(|(number, kind)| *kind as usize == number));
}

/// Two waits that have nothing in common.
fn subjects() -> [Subject; 2] {
    let (name, holder) = (Some("a lock, with a long name"), Holder::Thread(MAIN_IDENT));
    let lock = Subject { kind: WaitKind::Lock, name, holder, location: Location::caller() };
    let (name, holder) = (Some("event"), Holder::Nobody);
    let event = Subject { kind: WaitKind::Event, name, holder, location: Location::caller() };
    [lock, event]
}

#[test]
fn a_slot_is_not_read_while_it_is_written() {
    let slot = Slot::default();
    let [subject, _] = subjects();
    assert_eq!(slot.try_read(MAIN_IDENT), Some(None), "nobody has waited");
    slot.write(12, &subject);
    assert!(slot.try_read(MAIN_IDENT).is_some_and(|it| it.is_some()));
    slot.overwrite(|| assert_eq!(slot.try_read(MAIN_IDENT), None));
    assert!(slot.try_read(MAIN_IDENT).is_some_and(|it| it.is_some()));
    slot.erase();
    assert_eq!(slot.try_read(MAIN_IDENT), Some(None));
}

#[test]
fn a_slot_is_never_read_as_a_mixture_of_two_waits() {
    const READS: u32 = if cfg!(miri) { 100 } else { 300_000 };
    let slot = Slot::default();
    let enough = AtomicBool::new(false);
    let subjects = subjects();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !enough.load(Ordering::Relaxed) {
                slot.write(1000, &subjects[0]);
                slot.write(1002, &subjects[1]);
            }
        });
        let checked = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..READS {
                let Some(Some(it)) = slot.try_read(get_ident()) else { continue };
                let expected = &subjects[(it.address - 1000) / 2];
                assert_eq!((it.kind, it.name), (expected.kind, expected.name));
                assert_eq!(it.location, expected.location);
                assert_eq!(it.holder.is_some(), it.kind == WaitKind::Lock);
            }
        }));
        enough.store(true, Ordering::Relaxed);
        checked.unwrap_or_else(|payload| resume_unwind(payload));
    });
}

#[test]
fn a_slot_goes_with_its_thread() {
    let blocked = thread::spawn(|| {
        let [subject, _] = subjects();
        assert!(super::write(Key::from_number(12), &subject));
        super::erase();
        assert!(SLOTS.lock().contains_key(&get_ident()), "it is used again");
        get_ident()
    });
    let ident = blocked.join().unwrap();
    assert!(!SLOTS.lock().contains_key(&ident));
}
