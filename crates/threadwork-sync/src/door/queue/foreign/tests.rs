//! Threads of `parking_lot` at the address of a former object of this crate, and the other way round.
#![expect(unsafe_code, reason = "the table of parking_lot_core is read as its other users see it")]

use std::{
    mem,
    panic::Location,
    ptr,
    sync::Arc,
    thread::{self, JoinHandle},
};

use lock_api::GuardNoSend;
use parking_lot_core::{FilterOp, UnparkToken};

use super::{key, number};
use crate::{
    door::{
        EXACT, Filter, Found, Holder, Key, Parked, Parking, Requeue, Subject, Token, WaitKind,
        park, record,
        testing::{eventually, queue, start, subject},
        unpark_all, unpark_filter, unpark_one, unpark_requeue, unpark_thread, waits,
    },
    floor::Word,
    number::get_ident,
};

/// As many foreign locks as fit into a word of ours, which is gone.
#[repr(align(16))]
struct Place([parking_lot::Mutex<()>; size_of::<Word>()]);

impl Place {
    /// Creates a place where all locks are locked, and a thread waits for each.
    #[track_caller]
    fn with_waiters() -> (Arc<Place>, Vec<JoinHandle<()>>) {
        let place = Arc::new(Place([const { parking_lot::Mutex::new(()) }; size_of::<Word>()]));
        let waiters = (0..place.0.len()).map(|at| {
            mem::forget(place.0[at].lock());
            let inside = Arc::clone(&place);
            let waiter = thread::spawn(move || drop(inside.0[at].lock()));
            let address = ptr::from_ref(&place.0[at]).addr();
            eventually("the thread does not wait", || stand_at(address) == 1);
            waiter
        });
        let waiters = waiters.collect();
        (place, waiters)
    }

    /// Returns the keys of the object that was here before.
    fn keys(&self) -> [Key; 2] {
        let address = ptr::from_ref(self).expose_provenance();
        [address, address | EXACT].map(Key::from_number)
    }

    fn let_go(&self, waiters: Vec<JoinHandle<()>>) {
        assert!(waiters.iter().all(|it| !it.is_finished()));
        for (lock, waiter) in self.0.iter().zip(waiters) {
            // SAFETY: the test locked it and has forgotten the guard.
            unsafe { lock.force_unlock(GuardNoSend::new()) };
            waiter.join().unwrap();
        }
    }
}

/// Returns the number of threads that stand in the table under this number.
fn stand_at(number: usize) -> usize {
    let mut count = 0;
    let look = |_| {
        count += 1;
        FilterOp::Skip
    };
    // SAFETY: the callbacks only count.
    unsafe { parking_lot_core::unpark_filter(number, look, |_| UnparkToken(0)) };
    count
}

#[test]
fn foreign_threads_are_not_found_at_the_address_of_a_former_object_of_ours() {
    let (place, waiters) = Place::with_waiters();
    for key in place.keys() {
        let never = |_| -> Filter { unreachable!("none of our threads stands there") };
        assert_eq!(unpark_filter(key, never, Token::retry), Found::default());
        assert_eq!(unpark_all(key, Token::HANDED_OVER), 0);
        assert_eq!(unpark_one(key, Token::retry), Found::default());
        assert!(!unpark_thread(key, 0, Token::STOPPED));
        let to = Key::of(&Word::new(0));
        let moved = unpark_requeue(key, to, || Requeue::MoveAll, Token::retry);
        assert_eq!(moved, Found::default());
    }
    place.let_go(waiters);
}

#[test]
fn a_reader_of_an_outdated_record_does_not_read_foreign_locks() {
    let (place, waiters) = Place::with_waiters();
    for key in place.keys() {
        let number = std::num::NonZeroU32::new(1);
        let thread = Holder::Thread(get_ident());
        for holder in [Holder::InWord, Holder::Claim(number), Holder::Readers(number), thread] {
            let location = Location::caller();
            let subject = Subject { kind: WaitKind::Lock, name: None, holder, location };
            // Like the record of a thread whose wait has ended, and that has not erased it yet.
            assert!(record::write(key, &subject));
            let waiting = waits().into_iter().find(|it| it.thread.ident == get_ident()).unwrap();
            record::erase();
            assert_eq!((waiting.address, waiting.holder), (key.address(), None));
            assert_eq!(waiting.readers, []);
        }
    }
    place.let_go(waiters);
}

#[test]
fn our_threads_are_not_found_by_late_wake_ups_of_foreign_locks() {
    let word = Arc::new(Word::new(0));
    for key in [Key::of(&word), Key::exact(&word)] {
        let (thread, waiter) = start(move || {
            let subject = subject();
            let parking = Parking { key, amount: 0, subject: &subject };
            park(&parking, None, || true, || (), |_, _| ())
        });
        let addresses = key.address()..key.address() + size_of::<Word>();
        assert_eq!(addresses.map(stand_at).sum::<usize>(), 0);
        assert_eq!(queue(key), [thread]);
        unpark_all(key, Token::RETRY);
        assert_eq!(waiter.join().unwrap(), Parked::Woken(Token::RETRY));
    }
}

#[test]
fn each_queue_has_its_own_number() {
    let word = Word::new(0);
    let keys = [Key::of(&word), Key::exact(&word)];
    let numbers = keys.map(number);
    assert_eq!(numbers.map(key), keys);
    assert_ne!(numbers[0], numbers[1]);
}
