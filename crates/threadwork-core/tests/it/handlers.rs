//! Which handler is called for a panic: the thread's own, or the nearest group's. The hook of the process is in `tests/excepthook.rs`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind},
    sync::Arc,
};

use threadwork_core::{
    Builder, JoinError, Outcome, Panic, Thread, ThreadGroup, ThreadHandle, ThreadState,
    current_thread,
};
use threadwork_sync::Lock;

use crate::support::{in_time, join, run};

/// The handlers that were called, with their arguments.
type Calls = Arc<Lock<Vec<(&'static str, ThreadHandle, String)>>>;

fn handler(
    calls: &Calls,
    who: &'static str,
) -> impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    move |thread, panic| {
        assert_eq!(*thread, current_thread());
        calls.acquire().push((who, thread.clone(), panic.message().to_owned()));
    }
}

#[track_caller]
fn check(calls: &Calls, builder: Builder, who: &[&str]) {
    let thread = builder.build(|| panic!("on purpose"));
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
    server.set_panic_handler(handler(&calls, "server"));
    check(&calls, fast.builder(), &["server"]);
    readers.set_panic_handler(handler(&calls, "readers"));
    check(&calls, fast.builder(), &["readers"]);
    check(&calls, server.builder(), &["server"]);
    fast.set_panic_handler(handler(&calls, "fast"));
    check(&calls, fast.builder(), &["fast"]);
    fast.set_panic_handler(handler(&calls, "fast again"));
    check(&calls, fast.builder(), &["fast again"]);
    check(&calls, fast.builder().on_panic(handler(&calls, "own")), &["own"]);
    check(&calls, Thread::builder().on_panic(handler(&calls, "own")), &["own"]);
}

#[test]
fn a_thread_that_does_not_panic_calls_no_handler() {
    let calls = Calls::default();
    run(&Thread::builder().on_panic(handler(&calls, "own")).build(|| ())).unwrap();
    assert!(calls.acquire().is_empty());
}

#[test]
fn a_handler_gets_thread_message_place_and_payload() {
    #[derive(Debug, PartialEq)]
    struct Code(u32);

    type Seen = (ThreadState, String, u32, Option<Code>);

    static SEEN: Lock<Vec<Seen>> = Lock::new(Vec::new());
    let line = line!() + 7;
    let thread = Thread::builder()
        .on_panic(|thread, panic| {
            let payload = panic.take_payload().and_then(|it| it.downcast().ok()).map(|it| *it);
            let place = panic.place().unwrap();
            SEEN.acquire().push((thread.state(), place.file.clone(), place.line, payload));
        })
        .build(|| panic_any(Code(7)));
    let Err(JoinError::Panicked(panic)) = run(&thread) else { panic!("no panic") };
    let seen = (ThreadState::Running, file!().to_owned(), line, Some(Code(7)));
    assert_eq!(*SEEN.acquire(), [seen]);
    assert!(panic.take_payload().is_none(), "the payload can be taken once");
}

#[test]
fn a_handler_that_panics_does_no_harm() {
    let thread = Thread::builder().on_panic(|_, _| panic!("the handler")).build(|| panic!("first"));
    let Err(JoinError::Panicked(panic)) = run(&thread) else { panic!("no panic") };
    assert_eq!(panic.message(), "first");
}

#[test]
fn a_handler_is_called_before_any_join_returns_and_may_call_the_library() {
    let group = ThreadGroup::new("looked at");
    let (inside, seen) = (group.clone(), Arc::new(Lock::new(None)));
    let tell = Arc::clone(&seen);
    group.set_panic_handler(move |thread, _| {
        inside.set_panic_handler(|_, _| ());
        *tell.acquire() = Some((inside.count(), inside.list() == [thread.clone()]));
    });
    let thread = group.builder().build(|| panic!("on purpose"));
    in_time(move || run(&thread).unwrap_err());
    assert_eq!(*seen.acquire(), Some((1, true)));
}

#[track_caller]
fn panic_of(f: impl FnMut() + Send + 'static) -> Panic {
    let thread = Thread::builder().on_panic(|_, _| ()).build(f);
    thread.start().unwrap();
    join(&thread).unwrap_err();
    let Some(Outcome::Panicked(panic)) = thread.outcome() else { unreachable!() };
    panic
}

#[test]
fn the_place_is_where_the_code_has_panicked() {
    let line = line!() + 1;
    let panic = panic_of(|| panic!("number {}", 7));
    let place = panic.place().unwrap();
    assert_eq!((place.file.as_str(), place.line), (file!(), line));
    assert_eq!(place.to_string(), format!("{}:{line}:{}", file!(), place.column));
}

#[test]
fn a_panic_that_was_caught_and_resumed_keeps_its_place() {
    let line = line!() + 2;
    let panic = panic_of(|| {
        let payload = catch_unwind(|| panic!("goes on")).unwrap_err();
        resume_unwind(payload);
    });
    assert_eq!(panic.place().map(|it| it.line), Some(line));
}

#[test]
fn a_panic_resumed_from_another_thread_has_no_place() {
    assert_eq!(panic_of(|| resume_unwind(Box::new("from elsewhere"))).place(), None);
    let after_another = panic_of(|| {
        catch_unwind(|| panic!("caught")).unwrap_err();
        resume_unwind(Box::new("from elsewhere"));
    });
    assert_eq!((after_another.message(), after_another.place()), ("from elsewhere", None));
    let of_a_scope = panic_of(|| {
        catch_unwind(|| panic!("caught")).unwrap_err();
        let quiet = || Thread::builder().on_panic(|_, _| ());
        threadwork_core::scope(|scope| _ = scope.call_as(quiet(), || panic!("of the scope")));
    });
    assert_eq!((of_a_scope.message(), of_a_scope.place()), ("of the scope", None));
}

#[test]
fn a_panic_in_a_drop_does_not_lend_its_place_to_another() {
    struct PanicsInItsDrop;
    impl threadwork_core::Runnable for PanicsInItsDrop {
        fn run(&mut self) {
            panic!("in the run");
        }
    }
    impl Drop for PanicsInItsDrop {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }

    let line = line!() - 9;
    let thread = Thread::builder().on_panic(|_, _| ()).build(PanicsInItsDrop);
    let handle = thread.handle().clone();
    thread.start().unwrap();
    // The last of owner and thread drops the runnable.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(thread)));
    let Err(JoinError::Panicked(panic)) = join(&handle) else { panic!("no panic") };
    assert_eq!(panic.message(), "in the run");
    assert!(panic.place().is_none_or(|it| it.line == line), "{:?}", panic.place());
}
