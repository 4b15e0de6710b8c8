//! The numbers of threads.

use std::{collections::BTreeSet, panic::catch_unwind, thread};

use threadwork_sync::{
    RLock, get_ident, get_native_id,
    internal::{
        number::{MAIN_IDENT, adopt_ident, reserve_ident},
        os::is_main_thread,
    },
};

use crate::support::Helper;

#[test]
fn a_thread_keeps_its_number() {
    assert_eq!(get_ident(), get_ident());
}

#[test]
fn no_two_threads_have_the_same_number_even_one_after_the_other() {
    let one_by_one = (0..100).map(|_| thread::spawn(get_ident).join().unwrap());
    let mut idents: BTreeSet<_> = one_by_one.collect();
    let at_once: Vec<_> = (0..100).map(|_| thread::spawn(get_ident)).collect();
    idents.extend(at_once.into_iter().map(|it| it.join().unwrap()));
    idents.insert(get_ident());
    assert_eq!(idents.len(), 201);
}

#[test]
fn a_reserved_number_is_given_to_no_other_thread() {
    let reserved = reserve_ident();
    let idents = [reserved.get(), reserve_ident().get()];
    assert_ne!(idents[0], idents[1]);
    let adopted = thread::spawn(move || {
        adopt_ident(reserved);
        get_ident()
    });
    assert_eq!(adopted.join().unwrap(), idents[0]);
    assert!(!idents.contains(&thread::spawn(get_ident).join().unwrap()));
}

#[test]
fn the_number_of_the_main_thread_is_given_to_no_other() {
    assert_eq!(MAIN_IDENT.get(), 1);
    let (main, ident) = thread::spawn(|| (is_main_thread(), get_ident())).join().unwrap();
    assert!(!main);
    assert_ne!(ident, MAIN_IDENT);
    // The harness may run tests in the main thread.
    assert_eq!(is_main_thread(), get_ident() == MAIN_IDENT);
    assert_ne!(reserve_ident().get(), MAIN_IDENT);
}

#[test]
fn a_thread_that_has_a_number_cannot_adopt_another() {
    static LOCK: RLock<()> = RLock::new(());
    let thread = thread::spawn(|| {
        let guard = LOCK.acquire();
        let ident = get_ident();
        let adopted = catch_unwind(|| adopt_ident(reserve_ident()));
        let message = *adopted.unwrap_err().downcast::<&str>().unwrap();
        assert!(message.contains("adopt before"), "{message}");
        assert_eq!((get_ident(), LOCK.holder()), (ident, Some(ident)));
        drop(guard);
    });
    thread.join().unwrap();
    assert!(!LOCK.is_locked());
}

#[test]
fn the_native_id_is_known_where_the_system_has_one() {
    let here = get_native_id();
    let there = Helper::start(get_native_id).join();
    assert_eq!(here, get_native_id());
    if cfg!(all(
        any(target_os = "linux", target_os = "android", target_vendor = "apple"),
        not(threadwork_portable)
    )) {
        assert!(here.is_some() && there.is_some());
        assert_ne!(here, there);
    } else {
        assert_eq!((here, there), (None, None));
    }
}
