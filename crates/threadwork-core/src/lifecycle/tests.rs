//! The start of a thread, step by step.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    WaitKind,
    internal::{adopt_ident, reserve_ident},
    waits,
};

use crate::{error::StartError, handle::ThreadHandle, life::ThreadState, registry, thread::Thread};

#[test]
fn a_thread_does_not_run_before_its_starter_has_the_lock_that_joiners_wait_for() {
    let thread = Arc::new(Thread::new(|| ()));
    let joining = thread.life().os_thread.acquire();
    let (ident, other) = (reserve_ident(), Arc::clone(&thread));
    let starter = thread::spawn(move || {
        adopt_ident(ident);
        other.start()
    });
    let give_up = Instant::now() + Duration::from_secs(60);
    while !waits().iter().any(|it| it.ident == ident && it.kind == WaitKind::Lock) {
        assert!(Instant::now() < give_up, "the starter does not wait: {:#?}", waits());
        thread::yield_now();
    }
    assert_eq!((thread.state(), thread.ident()), (ThreadState::New, None));
    assert!(registry::all(|it| it == thread.handle()).is_empty());
    assert!(matches!(thread.start(), Err(StartError::AlreadyStarted)), "it is on its way");
    drop(joining);
    starter.join().unwrap().unwrap();
    thread.join().unwrap();
    assert!(thread.life().os_thread.acquire().is_none(), "the join has had what there is to join");
}

#[test]
fn a_thread_that_has_ended_before_its_starter_lists_it_stays_unlisted() {
    let thread = Thread::new(|| ());
    let (handle, ident) = (thread.handle(), reserve_ident());
    let listed = || registry::find(ident).is_some();
    registry::insert(ident, handle);
    assert!(listed(), "by the thread itself");
    registry::insert(ident, handle);
    assert!(listed());
    registry::retire(ident);
    assert!(!listed());
    assert_eq!(registry::leaving(|it| it == handle).len(), 1);
    registry::left(handle);
    // Now comes the one that has started it.
    registry::insert(ident, handle);
    assert!(!listed());
    assert!(registry::leaving(|it| it == handle).is_empty());
}

#[test]
fn threads_are_listed_in_order_whoever_comes_first() {
    let threads: Vec<_> = (0..6).map(|_| (Thread::new(|| ()), reserve_ident())).collect();
    for place in [3, 0, 5, 1, 4, 2] {
        let (thread, ident) = &threads[place];
        thread.life().set_ident(Some(*ident));
        thread.life().runs();
        registry::insert(*ident, thread.handle());
    }
    let is_one = |it: &ThreadHandle| threads.iter().any(|(thread, _)| thread.handle() == it);
    let idents = |threads: Vec<ThreadHandle>| {
        threads.iter().map(|it| it.ident().unwrap()).collect::<Vec<_>>()
    };
    let all: Vec<_> = threads.iter().map(|it| it.1).collect();
    assert_eq!(idents(registry::all(is_one)), all);
    assert!(all.iter().all(|ident| registry::find(*ident).unwrap().ident() == Some(*ident)));
    registry::remove(all[2]);
    registry::remove(all[2]);
    registry::remove(all[0]);
    assert_eq!(idents(registry::all(is_one)), [all[1], all[3], all[4], all[5]]);
    assert!(registry::find(all[2]).is_none());
    all.iter().for_each(|ident| registry::remove(*ident));
    assert!(registry::all(is_one).is_empty());
}
