//! Slots, read while they are written.

use std::{
    num::NonZeroU64,
    panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind},
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use super::{left_behind::take_out_of_queues, queues::Queues, reading, waiting::Waiting};
use crate::{
    RawLock,
    door::{
        Holder, Key, NextLock, Parked, Parking, Requeue, Subject, Token, WaitKind, park,
        record::{KINDS, SLOTS, Slot, erase, write},
        testing::{queue, start},
        unpark_requeue,
    },
    floor::Word,
    number::{self, MAIN_IDENT, adopt_ident, get_ident, reserve_ident},
};

#[test]
fn every_kind_is_at_the_index_of_its_number() {
    assert!(KINDS.iter().enumerate().all(|(number, kind)| *kind as usize == number));
}

fn try_read(slot: &Slot, ident: NonZeroU64) -> Option<Option<Waiting>> {
    Some(reading::try_read(slot, ident, &mut Queues::default())?.map(|it| it.waiting))
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
    assert_eq!(try_read(&slot, MAIN_IDENT), Some(None), "no thread has waited");
    slot.write(Key::from_number(12), &subject);
    assert!(try_read(&slot, MAIN_IDENT).is_some_and(|it| it.is_some()));
    slot.overwrite(|_| assert_eq!(try_read(&slot, MAIN_IDENT), None));
    assert!(try_read(&slot, MAIN_IDENT).is_some_and(|it| it.is_some()));
    slot.erase();
    assert_eq!(try_read(&slot, MAIN_IDENT), Some(None));
}

#[test]
fn a_slot_may_be_written_any_number_of_times() {
    let slot = Slot::default();
    slot.sequence.store(usize::MAX - 1, Ordering::Relaxed);
    let [lock, event] = subjects();
    for (subject, sequence) in [(&lock, 0), (&event, 2)] {
        slot.write(Key::from_number(12), subject);
        assert_eq!(slot.sequence.load(Ordering::Relaxed), sequence);
        let read = try_read(&slot, MAIN_IDENT).flatten().unwrap();
        assert_eq!((read.kind, read.name), (subject.kind, subject.name));
    }
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
                slot.write(Key::elsewhere(1000), &subjects[0]);
                slot.write(Key::elsewhere(1004), &subjects[1]);
            }
        });
        let checked = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..READS {
                let Some(Some(it)) = try_read(&slot, get_ident()) else { continue };
                let expected = &subjects[(it.address - 1000) / 4];
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
fn a_thread_that_has_left_the_queue_waits_for_no_holder_even_if_its_record_remains() {
    let event = Word::new(0);
    let slot = Slot::default();
    let subject = Subject::join(MAIN_IDENT, Location::caller());
    let holder = || try_read(&slot, get_ident()).flatten().and_then(|it| it.holder);
    slot.write(Key::of(&event), &subject);
    assert_eq!(holder(), None, "its wait timed out or was stopped");
    slot.write(Key::elsewhere(1000), &subject);
    assert_eq!(holder(), Some(MAIN_IDENT), "there is no queue to leave");
}

#[test]
fn a_slot_is_removed_when_its_thread_ends() {
    let blocked = thread::spawn(|| {
        let [subject, _] = subjects();
        assert!(write(Key::from_number(12), &subject));
        erase();
        assert!(SLOTS.lock().contains_key(&get_ident()), "it is used again");
        get_ident()
    });
    let ident = blocked.join().unwrap();
    assert!(!SLOTS.lock().contains_key(&ident));
}

#[test]
fn a_queue_is_read_once_for_all_threads_in_it() {
    let lock = Arc::new(RawLock::new());
    lock.acquire();
    let waiter = || {
        let lock = Arc::clone(&lock);
        start(move || {
            lock.acquire();
            lock.release()
        })
    };
    let first: Vec<_> = (0..5).map(|_| waiter()).collect();
    let mut queues = Queues::default();
    let before = Instant::now();
    for (thread, _) in &first {
        let word = queues.word(lock.key(), *thread, before);
        assert_eq!(word.and_then(number::from_word), Some(get_ident()));
    }
    assert_eq!(queues.word(lock.key(), number::current_word(), before), None, "it does not wait");
    let (late, last) = waiter();
    assert_eq!(queues.word(lock.key(), late, before), None, "the queue is not read again");
    assert!(queues.word(lock.key(), late, Instant::now()).is_some(), "it has arrived since");
    lock.release().unwrap();
    for (_, waiter) in first.into_iter().chain([(late, last)]) {
        assert_eq!(waiter.join().unwrap(), Ok(()));
    }
}

#[test]
fn a_thread_without_a_record_yet_is_taken_out_of_its_queue() {
    let (word, lock) = (Arc::new(Word::new(0)), RawLock::new());
    let next = NextLock { key: lock.key(), kind: WaitKind::Lock, name: None };
    for (holder, is_moved) in [(Holder::Nobody, false), (Holder::NobodyBefore(next), true)] {
        let (stands, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let reserved = reserve_ident();
        let ident = reserved.get();
        let thread = {
            let (word, barriers) = (Arc::clone(&word), [&stands, &go_on].map(Arc::clone));
            thread::spawn(move || {
                adopt_ident(reserved);
                let location = Location::caller();
                let subject = Subject { kind: WaitKind::Condition, name: None, holder, location };
                let parking = Parking { key: Key::of(&word), amount: 0, subject: &subject };
                let before_sleep = || barriers.iter().for_each(|it| _ = it.wait());
                park(&parking, None, || true, before_sleep, |_, _| ())
            })
        };
        stands.wait();
        let slot = Arc::clone(&SLOTS.lock()[&ident]);
        assert_eq!(try_read(&slot, ident), Some(None), "there is no record");
        if is_moved {
            unpark_requeue(Key::of(&word), next.key, || Requeue::MoveAll, |_| Token::RETRY);
        }
        take_out_of_queues(&slot, ident);
        assert_eq!([queue(Key::of(&word)), queue(next.key)], [[], []]);
        go_on.wait();
        assert_eq!(thread.join().unwrap(), Parked::Woken(Token::RETRY));
    }
}
