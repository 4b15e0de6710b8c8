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

use crate::{error::StartError, life::ThreadState, registry, thread::Thread};

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
