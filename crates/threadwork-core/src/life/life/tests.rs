//! The data about a thread, and the ways of joining it, step by step.

use std::{
    num::NonZeroU64,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use threadwork_sync::{
    WaitKind,
    internal::{
        door::Subject,
        fork::objects_locked,
        number::{adopt_ident, reserve_ident},
    },
    waits,
};

use super::{Life, Origin, OsThread, Settings, ThreadState};

fn life() -> Life {
    Life::new("a thread".into(), Settings::default())
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
fn set_started_does_not_move_a_later_state_back() {
    for state in ThreadState::ALL {
        let life = life();
        life.set_state(state);
        life.set_started();
        assert_eq!(life.state(), state.max(ThreadState::Started));
    }
}

#[test]
fn a_native_id_may_be_zero_but_not_the_greatest_number() {
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
#[cfg(all(target_os = "linux", not(threadwork_portable)))]
fn a_thread_sets_its_name_on_arrival_if_std_has_set_another() {
    let shown = |name: &'static str, changed: &'static str| {
        let life = Life::new(name.into(), Settings::default());
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
    assert_eq!(shown("same", "same"), "by std\n", "the thread keeps the name that std gave it");
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
fn a_foreign_thread_runs_and_is_a_daemon_but_the_main_thread_is_not() {
    for (origin, daemon) in [(Origin::Foreign, true), (Origin::Main, false)] {
        let life = Life::of_running(origin, "it".into(), NonZeroU64::MIN);
        assert_eq!(life.state(), ThreadState::Running);
        assert_eq!((life.given.origin, life.is_daemon()), (origin, daemon));
        assert_eq!(life.ident(), Some(NonZeroU64::MIN));
    }
}

/// Calls `join_os_thread` in another thread, and returns once that thread is blocked in the join.
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
    while !waits().iter().any(|it| it.thread.ident == ident && it.kind == kind) {
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
    assert!(life.os_thread.is_locked(), "locked while it joins");
    let (second_ident, second) = joiner(&life);

    life.end.ended.set();
    blocked_for(second_ident, WaitKind::Lock);
    assert!(
        !first.is_finished() && !second.is_finished(),
        "the operating system's thread still runs"
    );
    drop(send);
    first.join().unwrap();
    second.join().unwrap();
    assert!(life.os_thread.acquire().is_none());
}

#[test]
fn a_joiner_waits_until_the_start_of_the_thread_is_complete() {
    let life = Arc::new(life());
    let mut starting = life.os_thread.acquire();
    let (ident, joiner) = joiner(&life);
    life.end.ended.set();
    blocked_for(ident, WaitKind::Lock);
    *starting = Some(OsThread::new(thread::spawn(|| ())));
    drop(starting);
    joiner.join().unwrap();
    assert!(life.os_thread.acquire().is_none(), "the late joiner has joined it");
}

#[test]
fn without_a_join_handle_a_join_returns_at_the_end_of_the_thread() {
    let life = Arc::new(life());
    let (_, joiner) = joiner(&life);
    assert!(!joiner.is_finished());
    life.end.ended.set();
    joiner.join().unwrap();
}

/// A life that was started in another process, as the child of a fork finds it.
fn life_of_another_process(state: ThreadState) -> Life {
    let life = life();
    life.set_state(state);
    life.set_process(7);
    life
}

#[test]
fn a_thread_of_another_process_has_ended_if_and_only_if_it_was_started() {
    for state in ThreadState::ALL {
        let life = life_of_another_process(state);
        let expected = if state.is_alive() { ThreadState::Finished } else { state };
        assert_eq!(life.state(), expected);
        assert_eq!(life.is_left_behind(), state != ThreadState::New);
    }
    let about_to_start = life_of_another_process(ThreadState::New);
    about_to_start.begins();
    about_to_start.set_process(7);
    assert_eq!(about_to_start.state(), ThreadState::Finished);
}

#[test]
fn the_forking_thread_survives_unless_it_had_ended() {
    for state in ThreadState::ALL {
        let life = life_of_another_process(state);
        assert_eq!(life.survive_fork(), state.is_alive());
        assert_eq!(life.state(), state);
        assert_eq!(life.name(), "a thread");
    }
    let dummy = Life::of_running(Origin::Foreign, "Dummy-1".into(), NonZeroU64::MAX);
    dummy.set_process(7);
    assert!(dummy.survive_fork());
    assert_eq!((dummy.name(), dummy.is_daemon()), ("MainThread".into(), false));
}

#[test]
fn a_thread_of_another_process_has_no_name_while_it_is_locked() {
    let life = life_of_another_process(ThreadState::Running);
    assert_eq!(life.name(), "a thread");
    let locked = life.name.acquire();
    assert_eq!(life.name(), "");
    life.set_name("another".into());
    drop(locked);
    assert_eq!(life.name(), "a thread");
    life.set_name("another".into());
    assert_eq!(life.name(), "another");
}

#[test]
fn a_stop_source_is_not_created_while_the_process_forks() {
    static IS_OPEN: AtomicBool = AtomicBool::new(false);
    let life = Arc::new(life());
    let its_life = Arc::clone(&life);
    let closed = objects_locked();
    let asking = thread::spawn(move || {
        its_life.stop();
        assert!(
            IS_OPEN.load(Ordering::Relaxed),
            "the stop source was created while the process forks"
        );
    });
    (0..1000).for_each(|_| thread::yield_now());
    assert!(life.stop.own.get().is_none());
    IS_OPEN.store(true, Ordering::Relaxed);
    drop(closed);
    asking.join().unwrap();
    assert!(life.stop.own.get().is_some());
}

#[test]
fn who_waits_before_the_arrival_is_told_of_it() {
    let life = life();
    let (_, started_as) = life.name_to_start_with();
    let running = life.to_arrive().expect("it does not run");
    life.set_started();
    assert!(life.to_arrive().is_some() && !running.is_set());
    life.set_state(ThreadState::Running);
    life.arrived(started_as);
    assert!(running.is_set() && life.to_arrive().is_none());
}

#[test]
fn who_comes_while_the_thread_arrives_is_told_or_sees_that_it_runs() {
    // The thread arrives after the waiter has made the event, and finds it. The waiter looks after that.
    let life = life();
    let (_, started_as) = life.name_to_start_with();
    let running = life.state.running();
    life.set_state(ThreadState::Running);
    life.arrived(started_as);
    assert!(running.is_set() && life.still_to_arrive(running).is_none());
}

#[test]
fn who_makes_the_event_after_the_arrival_does_not_wait_for_it() {
    let life = life();
    let (_, started_as) = life.name_to_start_with();
    life.set_state(ThreadState::Running);
    life.arrived(started_as);
    let running = life.state.running();
    assert!(!running.is_set() && life.still_to_arrive(running).is_none());
}

#[test]
fn who_waits_for_a_life_that_ends_without_running_is_told() {
    let life = life();
    let running = life.to_arrive().expect("it does not run");
    life.ends(crate::outcome::Outcome::Stopped);
    assert!(!running.is_set(), "the end alone does not tell");
    life.will_not_arrive();
    assert!(running.is_set() && life.to_arrive().is_none());
}
