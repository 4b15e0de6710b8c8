//! Which handler is called for a failure: the thread's own, or the nearest group's. That of the process is in `tests/failure_handler.rs`.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    Builder, Failure, JoinError, Outcome, Panic, Thread, ThreadGroup, ThreadHandle, ThreadState,
    current_thread, sleep,
};
use threadwork_sync::{Lock, WaitError};

use crate::support::{in_time, join, run};

/// The handlers that were called, with their arguments.
type Calls = Arc<Lock<Vec<(&'static str, ThreadHandle, String)>>>;

fn handler(
    calls: &Calls,
    who: &'static str,
) -> impl Fn(&ThreadHandle, &Failure) + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    move |thread, failure| {
        assert_eq!(*thread, current_thread());
        calls.acquire().push((who, thread.clone(), failure.message().to_owned()));
    }
}

/// A handler for the other kind of end.
fn not_called(_: &ThreadHandle, _: &Panic) {
    unreachable!("it has not panicked");
}

#[track_caller]
fn check(calls: &Calls, builder: Builder, who: &[&str]) {
    let thread = builder.build(|| Err::<(), _>("on purpose"));
    run(&thread).unwrap_err();
    let called = std::mem::take(&mut *calls.acquire());
    assert_eq!(called.iter().map(|it| it.0).collect::<Vec<_>>(), who);
    assert!(called.iter().all(|it| it.1 == *thread.handle() && it.2 == "on purpose"));
}

#[test]
fn the_handler_of_the_thread_goes_before_the_nearest_groups() {
    let calls = Calls::default();
    let server = ThreadGroup::new("server");
    let readers = server.child("readers");
    let fast = readers.child("fast");
    server.set_failure_handler(handler(&calls, "server"));
    check(&calls, fast.builder(), &["server"]);
    readers.set_failure_handler(handler(&calls, "readers"));
    check(&calls, fast.builder(), &["readers"]);
    check(&calls, server.builder(), &["server"]);
    fast.set_failure_handler(handler(&calls, "fast"));
    check(&calls, fast.builder(), &["fast"]);
    fast.set_failure_handler(handler(&calls, "fast again"));
    check(&calls, fast.builder(), &["fast again"]);
    check(&calls, fast.builder().on_failure(handler(&calls, "own")), &["own"]);
    check(&calls, Thread::builder().on_failure(handler(&calls, "own")), &["own"]);
}

#[test]
fn panics_and_failures_have_handlers_of_their_own() {
    let calls = Calls::default();
    let group = ThreadGroup::new("group");
    group.set_panic_handler(not_called);
    group.set_failure_handler(handler(&calls, "group"));
    check(&calls, group.builder(), &["group"]);
    let both = group.builder().on_failure(handler(&calls, "own")).on_panic(not_called);
    check(&calls, both, &["own"]);
    let only_panics = group.builder().on_panic(not_called);
    check(&calls, only_panics, &["group"]);

    group.set_panic_handler(|_, _| ());
    run(&group.builder().build(|| panic!("on purpose"))).unwrap_err();
    run(&group.builder().build(|| Ok::<(), Failure>(()))).unwrap();
    assert!(calls.acquire().is_empty());
}

#[test]
fn a_handler_gets_the_failure_that_joiners_get_while_the_thread_runs() {
    static SEEN: Lock<Option<(ThreadState, Failure)>> = Lock::new(None);
    let thread = Thread::builder()
        .name("loop")
        .on_failure(|thread, it| *SEEN.acquire() = Some((thread.state(), it.clone())))
        .build(|| Err::<(), _>("on purpose"));
    let Err(JoinError::Failed(failure)) = run(&thread) else { panic!("no failure") };
    assert_eq!(*SEEN.acquire(), Some((ThreadState::Running, failure.clone())));
    assert_eq!(failure.thread_name(), Some("loop"));
}

#[test]
fn a_handler_that_panics_does_no_harm() {
    let thread = Thread::builder()
        .on_failure(|_, _| panic!("the handler"))
        .build(|| Err::<(), _>("on purpose"));
    let Err(JoinError::Failed(failure)) = run(&thread) else { panic!("no failure") };
    assert_eq!(failure.message(), "on purpose");
    assert_eq!(thread.outcome(), Some(Outcome::Failed(failure)));
}

#[test]
fn a_handler_is_called_before_any_join_returns_and_may_call_the_library() {
    let group = ThreadGroup::new("looked at");
    let (inside, seen) = (group.clone(), Arc::new(Lock::new(None)));
    let tell = Arc::clone(&seen);
    group.set_failure_handler(move |thread, _| {
        inside.set_failure_handler(|_, _| ());
        *tell.acquire() = Some((inside.count(), inside.list() == [thread.clone()]));
    });
    let thread = group.builder().build(|| Err::<(), _>("on purpose"));
    in_time(move || run(&thread).unwrap_err());
    assert_eq!(*seen.acquire(), Some((1, true)));
}

/// An error whose message can be asked for until it is broken.
#[derive(Debug)]
struct Fragile(Arc<AtomicBool>);

impl fmt::Display for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(!self.0.load(Ordering::Relaxed), "it is broken");
        f.write_str("no paper")
    }
}

impl Error for Fragile {}

#[test]
fn an_error_is_asked_for_its_message_only_in_the_run_that_returns_it() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let mut error = Some(Fragile(Arc::clone(&is_broken)));
    let quiet = || Thread::builder().on_failure(|_, _| ());
    let inner = quiet().name("inner").build(move || error.take().map_or(Ok(()), Err));
    let Err(JoinError::Failed(failure)) = run(&inner) else { panic!("no failure") };

    is_broken.store(true, Ordering::Relaxed);
    let mut failure = Some(failure);
    let outer = quiet().name("outer").build(move || failure.take().map_or(Ok(()), Err));
    let Err(JoinError::Failed(failure)) = run(&outer) else { panic!("no failure") };
    assert_eq!(failure.to_string(), "thread 'outer' failed: thread 'inner' failed: no paper");
    let source = failure.error().source().unwrap();
    assert!(source.is::<Fragile>());
}

#[test]
fn an_error_whose_message_panics_makes_the_run_panic() {
    let mut error = Some(Fragile(Arc::new(AtomicBool::new(true))));
    let thread = Thread::builder().on_panic(|_, _| ());
    let thread = thread.build(move || error.take().map_or(Ok(()), Err));
    let Err(JoinError::Panicked(panic)) = run(&thread) else { panic!("no panic") };
    assert_eq!(panic.message(), "it is broken");
}

#[test]
fn errors_of_groups_are_equal_if_they_say_the_same_and_have_a_source() {
    let group = ThreadGroup::new("group");
    let sleeps = group.builder().build(|| _ = sleep(Duration::MAX));
    sleeps.start().unwrap();
    let error = group.join_all_timeout(Duration::ZERO).unwrap_err();
    assert_eq!(group.join_all_timeout(Duration::ZERO), Err(error.clone()));
    assert_eq!(error.source().unwrap().downcast_ref(), Some(&WaitError::TimedOut));
    group.request_stop();
    join(&sleeps).unwrap();
}
