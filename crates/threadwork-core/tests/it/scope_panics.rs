//! Panics in a scope: of its threads, of its closure, and of what they own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    Builder, ResultError, Runnable, ScopeBuilder, ScopeError, Thread, ThreadState, scope, sleep,
};
use threadwork_sync::{Event, StopCallback};

use crate::support::{in_time, join};

#[derive(Clone, Copy, Debug, PartialEq)]
struct Code(u32);

/// A builder of threads whose panics are not reported.
fn quiet() -> Builder {
    Thread::builder().on_panic(|_, _| ())
}

/// Returns the code that the scope in `f` panicked with.
#[track_caller]
fn code_of(f: impl FnOnce() + Send + 'static) -> Code {
    in_time(|| {
        let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("the scope does not panic");
        *payload.downcast::<Code>().expect("the payload is a code")
    })
}

#[test]
fn a_panic_of_a_thread_is_resumed_with_its_own_payload() {
    let code = code_of(|| {
        scope(|scope| {
            scope.call_as(quiet(), || panic_any(Code(7))).unwrap();
        });
    });
    assert_eq!(code, Code(7));
}

#[test]
fn of_several_panics_the_earliest_is_resumed_in_any_order_of_starts() {
    let code = code_of(|| {
        let first = Event::new();
        scope(|scope| {
            let late = scope.call_as(quiet(), || {
                first.wait();
                panic_any(Code(2));
            });
            let early = scope.call_as(quiet(), || panic_any(Code(1))).unwrap();
            join(&early).unwrap_err();
            first.set();
            join(&late.unwrap()).unwrap_err();
        });
    });
    assert_eq!(code, Code(1));
}

#[test]
fn a_panic_is_resumed_once_all_threads_have_ended() {
    static ENDED: AtomicBool = AtomicBool::new(false);
    code_of(|| {
        let gate = Event::new();
        scope(|scope| {
            scope
                .call(|| {
                    gate.wait();
                    (0..10).for_each(|_| std::thread::yield_now());
                    ENDED.store(true, Ordering::SeqCst);
                })
                .unwrap();
            join(&scope.call_as(quiet(), || panic_any(Code(1))).unwrap()).unwrap_err();
            gate.set();
        });
    });
    assert!(ENDED.load(Ordering::SeqCst));
}

#[test]
fn a_panic_that_a_result_returned_is_not_resumed() {
    let returned = in_time(|| {
        scope(|scope| {
            let thread = scope.call_as(quiet(), || panic_any(Code(7))).unwrap();
            let Err(ResultError::Panicked(panic)) = thread.into_result() else { unreachable!() };
            *panic.take_payload().unwrap().downcast::<Code>().unwrap()
        })
    });
    assert_eq!(returned, Code(7));

    let code = code_of(|| {
        scope(|scope| {
            let told = scope.call_as(quiet(), || panic_any(Code(1))).unwrap();
            told.into_result().unwrap_err();
            scope.call_as(quiet(), || panic_any(Code(2))).unwrap();
        });
    });
    assert_eq!(code, Code(2), "the first that no result returned");
}

#[test]
fn a_panic_whose_payload_was_taken_is_resumed_with_its_message() {
    in_time(|| {
        let took = Thread::builder().on_panic(|_, panic| drop(panic.take_payload()));
        let caught = catch_unwind(|| {
            scope(|scope| _ = scope.call_as(took.name("parser"), || panic!("no input")));
        });
        let message = caught.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(*message, "thread 'parser' panicked: no input");
    });
}

#[test]
fn a_panic_of_the_closure_stops_the_threads_and_waits_for_them() {
    static ENDED: AtomicU32 = AtomicU32::new(0);
    let code = code_of(|| {
        scope(|scope| {
            for _ in 0..3 {
                scope
                    .call(|| {
                        sleep(Duration::MAX).unwrap_err();
                        ENDED.fetch_add(1, Ordering::SeqCst);
                    })
                    .unwrap();
            }
            scope.call_as(quiet(), || panic_any(Code(2))).unwrap();
            panic_any(Code(1));
        });
    });
    assert_eq!(code, Code(1), "the closure's panic, not a thread's");
    assert_eq!(ENDED.load(Ordering::SeqCst), 3);
}

#[test]
fn stop_on_panic_stops_the_others() {
    let stopped = in_time(|| {
        let state = threadwork_sync::Lock::new(None);
        let error = ScopeBuilder::new().stop_on_panic().run(|scope| {
            let patient = scope.call(|| sleep(Duration::MAX)).unwrap();
            scope.call_as(quiet(), || panic_any(Code(7))).unwrap();
            let handle = patient.handle().clone();
            assert!(patient.into_result().unwrap().is_err());
            *state.acquire() = Some(handle.state());
        });
        let Err(ScopeError::Panicked(panic)) = error else { unreachable!() };
        let payload = panic.take_payload().unwrap();
        (*payload.downcast::<Code>().unwrap(), state.into_inner())
    });
    assert_eq!(stopped, (Code(7), Some(ThreadState::Stopped)));
}

#[test]
fn without_stop_on_panic_the_others_continue() {
    code_of(|| {
        scope(|scope| {
            join(&scope.call_as(quiet(), || panic_any(Code(1))).unwrap()).unwrap_err();
            assert!(!scope.stop_token().stop_requested());
        });
    });
}

#[test]
fn the_error_of_a_scope_has_the_message_of_the_thread() {
    let error = in_time(|| {
        ScopeBuilder::new()
            .run(|scope| _ = scope.call_as(quiet().name("parser"), || panic!("no input")))
            .unwrap_err()
    });
    assert_eq!(error.to_string(), "thread 'parser' panicked: no input");
}

/// Panics when dropped.
struct PanicsInItsDrop;

impl Drop for PanicsInItsDrop {
    fn drop(&mut self) {
        panic_any(Code(9));
    }
}

#[test]
fn a_panic_in_the_drop_of_a_result_without_an_owner_is_the_threads() {
    let code = code_of(|| {
        let gate = Arc::new(Event::new());
        scope(|scope| {
            let waits = Arc::clone(&gate);
            let thread = scope.call_as(quiet(), move || {
                waits.wait();
                PanicsInItsDrop
            });
            let handle = thread.unwrap().handle().clone();
            gate.set();
            join(&handle).unwrap_err();
            assert_eq!(handle.state(), ThreadState::Panicked);
        });
    });
    assert_eq!(code, Code(9));
}

#[test]
fn a_panic_in_the_drop_of_a_result_with_an_owner_is_the_owners() {
    let code = code_of(|| {
        scope(|scope| {
            let thread = scope.call(|| PanicsInItsDrop).unwrap();
            join(&thread).unwrap();
            drop(thread);
        });
    });
    assert_eq!(code, Code(9));
}

#[test]
fn of_a_panic_in_the_run_and_one_in_the_drop_of_a_runnable_the_first_is_kept() {
    struct Unlucky(PanicsInItsDrop);
    impl Runnable for Unlucky {
        fn run(&mut self) {
            panic_any(Code(1));
        }
    }

    let code = code_of(|| {
        scope(|scope| _ = scope.start_as(quiet(), Unlucky(PanicsInItsDrop)).unwrap());
    });
    assert_eq!(code, Code(1));
}

#[test]
fn a_stop_callback_that_panics_harms_neither_the_scope_nor_its_threads() {
    let of_a_thread = code_of(|| {
        let error = ScopeBuilder::new().stop_on_panic().run(|scope| {
            let callback = StopCallback::new(&scope.stop_token(), || panic!("the callback"));
            std::mem::forget(callback);
            scope.call(|| sleep(Duration::MAX)).unwrap();
            scope.call_as(quiet(), || panic_any(Code(1))).unwrap();
        });
        let Err(ScopeError::Panicked(panic)) = error else { unreachable!() };
        panic_any(*panic.take_payload().unwrap().downcast::<Code>().unwrap());
    });
    assert_eq!(of_a_thread, Code(1));

    let of_the_closure = code_of(|| {
        scope(|scope| {
            let callback = StopCallback::new(&scope.stop_token(), || panic!("the callback"));
            std::mem::forget(callback);
            panic_any(Code(2));
        });
    });
    assert_eq!(of_the_closure, Code(2));

    in_time(|| {
        let timed_out = ScopeBuilder::new().timeout(Duration::ZERO).run(|scope| {
            let callback = StopCallback::new(&scope.stop_token(), || panic!("the callback"));
            std::mem::forget(callback);
            scope.call(|| sleep(Duration::MAX)).unwrap();
        });
        assert!(matches!(timed_out, Err(ScopeError::TimedOut)));
    });
}
