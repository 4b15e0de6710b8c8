//! What is known of a thread, and the ways of joining it, step by step.

use std::{
    num::NonZeroU64,
    panic::Location,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    WaitKind,
    internal::{Subject, adopt_ident, reserve_ident},
    waits,
};

use super::{Life, Origin, OsThread, ThreadState};

fn life() -> Life {
    Life::new("a thread".into(), false)
}

#[test]
fn a_state_is_stored_and_read_as_it_is() {
    let life = life();
    assert_eq!(life.state(), ThreadState::New);
    for state in ThreadState::ALL {
        life.set_state(state);
        assert_eq!(life.state(), state);
    }
}

#[test]
fn a_start_that_is_reported_late_does_not_turn_time_back() {
    for state in ThreadState::ALL {
        let life = life();
        life.set_state(state);
        life.set_started();
        assert_eq!(life.state(), state.max(ThreadState::Started));
    }
}

#[test]
fn numbers_of_the_operating_system_may_be_zero_but_not_too_large() {
    let life = life();
    for (id, kept) in [
        (None, None),
        (Some(0), Some(0)),
        (Some(7), Some(7)),
        (Some(usize::MAX as u64 - 1), Some(usize::MAX as u64 - 1)),
        (Some(usize::MAX as u64), None),
    ] {
        life.set_native_id(id);
        assert_eq!(life.native_id(), kept);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_operating_system_learns_the_name_at_the_arrival_if_std_has_given_another() {
    let shown = |name: &'static str, changed: &'static str| {
        let life = Life::new(name.into(), false);
        let arrive = move || {
            let id = threadwork_sync::get_native_id();
            life.set_native_id(id);
            let (text, started_as) = life.name_to_start_with();
            if text != changed {
                life.set_name(changed.to_owned());
            }
            life.arrived(started_as);
            std::fs::read_to_string(format!("/proc/self/task/{}/comm", id.unwrap())).unwrap()
        };
        thread::Builder::new().name("by std".into()).spawn(arrive).unwrap().join().unwrap()
    };
    assert_eq!(shown("same", "same"), "by std\n", "it would have been the right one");
    assert_eq!(shown("before", "after"), "after\n");
    assert_eq!(shown("fourteen bytesä", "fourteen bytesä"), "fourteen bytes\n", "std cuts the ä");
}

#[test]
fn a_number_can_be_given_and_taken_back() {
    let life = life();
    assert_eq!(life.ident(), None);
    life.set_ident(NonZeroU64::new(7));
    assert_eq!(life.ident(), NonZeroU64::new(7));
    life.set_ident(None);
    assert_eq!(life.ident(), None);
}

#[test]
fn a_thread_of_others_runs_and_is_a_daemon_unless_it_is_the_main_one() {
    for (origin, daemon) in [(Origin::Foreign, true), (Origin::Main, false)] {
        let life = Life::of_running(origin, "it".into(), NonZeroU64::MIN);
        assert_eq!(life.state(), ThreadState::Running);
        assert_eq!((life.origin, life.is_daemon()), (origin, daemon));
        assert_eq!(life.ident(), Some(NonZeroU64::MIN));
    }
}

/// Calls `join_os_thread` in a thread that is blocked for this reason when this returns.
#[track_caller]
fn joiner(life: &Arc<Life>) -> (NonZeroU64, thread::JoinHandle<()>) {
    let subject = Subject::join(NonZeroU64::MAX, Location::caller());
    let (reserved, life) = (reserve_ident(), Arc::clone(life));
    let ident = reserved.get();
    let joiner = thread::spawn(move || {
        adopt_ident(reserved);
        life.join_os_thread(&subject);
    });
    blocked_for(ident, WaitKind::Join);
    (ident, joiner)
}

#[track_caller]
fn blocked_for(ident: NonZeroU64, kind: WaitKind) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !waits().iter().any(|it| it.ident == ident && it.kind == kind) {
        assert!(Instant::now() < give_up, "the thread does not wait: {:#?}", waits());
        thread::yield_now();
    }
}

#[test]
fn the_first_joiner_joins_the_operating_systems_thread_and_the_second_waits_for_it() {
    let life = Arc::new(life());
    let (send, receive) = std::sync::mpsc::channel::<()>();
    *life.os_thread.acquire() = Some(OsThread::new(thread::spawn(move || _ = receive.recv())));
    let (_, first) = joiner(&life);
    assert!(life.os_thread.is_locked(), "held while it joins");
    let (second_ident, second) = joiner(&life);

    life.ended.set();
    blocked_for(second_ident, WaitKind::Lock);
    assert!(!first.is_finished() && !second.is_finished(), "the thread itself is not gone");
    drop(send);
    first.join().unwrap();
    second.join().unwrap();
    assert!(life.os_thread.acquire().is_none());
}

#[test]
fn who_joins_while_the_thread_is_being_started_waits_until_that_is_complete() {
    let life = Arc::new(life());
    let mut starting = life.os_thread.acquire();
    let (ident, joiner) = joiner(&life);
    life.ended.set();
    blocked_for(ident, WaitKind::Lock);
    *starting = Some(OsThread::new(thread::spawn(|| ())));
    drop(starting);
    joiner.join().unwrap();
    assert!(life.os_thread.acquire().is_none(), "the late one has joined it");
}

#[test]
fn where_there_is_nothing_to_join_the_end_is_enough() {
    let life = Arc::new(life());
    let (_, joiner) = joiner(&life);
    assert!(!joiner.is_finished());
    life.ended.set();
    joiner.join().unwrap();
}
