//! The start of a thread, step by step.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    WaitKind,
    internal::number::{adopt_ident, reserve_ident},
    waits,
};

use super::start;
use crate::{
    error::StartError,
    life::{ThreadHandle, ThreadState},
    outcome::Outcome,
    registry::{self, current::live_as, current_thread},
    thread::Thread,
};

#[test]
fn a_thread_is_not_started_before_its_starter_has_the_lock_of_the_join_handle() {
    let thread = Arc::new(Thread::new(|| ()));
    let joining = thread.life().os_thread.acquire();
    let (reserved, other) = (reserve_ident(), Arc::clone(&thread));
    let ident = reserved.get();
    let starter = thread::spawn(move || {
        adopt_ident(reserved);
        other.start()
    });
    let give_up = Instant::now() + Duration::from_secs(60);
    while !waits().iter().any(|it| it.thread.ident == ident && it.kind == WaitKind::Lock) {
        assert!(Instant::now() < give_up, "the starter does not wait: {:#?}", waits());
        thread::yield_now();
    }
    assert_eq!((thread.state(), thread.ident()), (ThreadState::New, None));
    assert!(registry::all(|it| it == thread.handle()).is_empty());
    assert!(matches!(thread.start(), Err(StartError::AlreadyStarted)), "a start is under way");
    drop(joining);
    starter.join().unwrap().unwrap();
    thread.join().unwrap();
    assert!(thread.life().os_thread.acquire().is_none(), "the join has taken the join handle");
}

#[test]
fn a_thread_that_asks_for_the_current_thread_too_early_is_removed_from_the_registry() {
    let thread = Thread::new(|| ());
    let (handle, ident) = (thread.handle().clone(), reserve_ident().get());
    handle.life().set_ident(Some(ident));
    registry::insert(ident, handle.clone());
    let foreign = thread::spawn(move || {
        let before = current_thread();
        live_as(handle, |it| assert_ne!(*it, before));
        before
    });
    let before = foreign.join().unwrap();
    for ident in [Some(ident), before.ident()] {
        assert!(registry::find(ident.unwrap()).is_none());
    }
    assert!(thread.life().end.leaving.is_over());
}

#[test]
fn a_thread_is_alive_or_leaving_while_it_is_listed() {
    let thread = Thread::new(|| ());
    let (handle, ident) = (thread.handle(), reserve_ident().get());
    let is_it = |it: &ThreadHandle| it == handle;
    let listed = || [registry::all(is_it), registry::leaving(is_it)].map(|it| it.len());
    handle.life().begins();
    registry::insert(ident, handle.clone());
    assert_eq!(listed(), [0, 0], "the operating system has not taken it yet");
    handle.life().set_started();
    assert_eq!(listed(), [1, 0]);
    assert_eq!(handle.running_since(), None, "it does not run yet");
    handle.life().set_state(ThreadState::Running);
    assert_eq!(listed(), [1, 0]);
    assert!(handle.running_since().is_some());
    handle.life().ends(Outcome::Finished);
    assert_eq!(listed(), [0, 1]);
    registry::remove(ident);
    assert_eq!(listed(), [0, 0]);
    assert!(registry::find(ident).is_none());
}

#[test]
fn a_thread_is_listed_before_it_is_spawned_and_removed_if_that_fails() {
    let thread = Thread::new(|| ());
    let mut seen = None;
    let refused = start(thread.handle(), None, |_| {
        let ident = thread.ident().unwrap();
        seen = Some((ident, registry::find(ident).is_some(), thread.is_alive()));
        Err(StartError::Os(io::ErrorKind::OutOfMemory.into()))
    });
    assert!(matches!(refused, Err(StartError::Os(_))));
    let (ident, was_listed, was_alive) = seen.unwrap();
    assert!(was_listed && !was_alive);
    assert!(registry::find(ident).is_none());
    assert_eq!((thread.state(), thread.ident()), (ThreadState::New, None));
}

#[test]
fn threads_are_listed_in_order_of_their_numbers() {
    let threads: Vec<_> = (0..6).map(|_| (Thread::new(|| ()), reserve_ident().get())).collect();
    for place in [3, 0, 5, 1, 4, 2] {
        let (thread, ident) = &threads[place];
        thread.life().set_ident(Some(*ident));
        thread.life().set_state(ThreadState::Running);
        registry::insert(*ident, thread.handle().clone());
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
