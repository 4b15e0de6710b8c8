//! `Send`, `Sync`, `UnwindSafe` and other traits of the public types, checked at compile time.

use std::{
    cell::{Cell, RefCell},
    fmt::{Debug, Display},
    hash::Hash,
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
    sync::MutexGuard,
};

use threadwork_core::{
    AccessError, Builder, Call, ChildInfo, ChildSpec, DaemonError, Executor, ExecutorBuilder,
    Failure, FailureHandler, Fallible, GaveUpError, JobBuilder, JoinAllError, JoinError, Local,
    LocalRef, MyThread, NameError, Outcome, Panic, PanicHandler, ProfileHook, Prototype, Refusal,
    ResultError, Runnable, Scope, ScopeBuilder, ScopeError, ScopedThread, StartError,
    StopRequested, SubmitError, Supervisor, SupervisorError, SupervisorHandle, Task, TaskFuture,
    TaskWait, Thread, ThreadGroup, ThreadHandle, ThreadState, TraceHook, WhenFull,
};
use threadwork_test_support::assert_lacks;

const fn assert_send<T: ?Sized + Send>() {}
const fn assert_unwind_safe<T: ?Sized + UnwindSafe + RefUnwindSafe>() {}
const fn assert_all<T: Send + Sync + Unpin + 'static>() {}
const fn assert_error<T: std::error::Error + Debug + Display + Send + Sync + 'static>() {}
const fn assert_key<T: Clone + Eq + Hash + Debug>() {}

/// A runnable that is `Send` and not `Sync`.
struct Unshared(#[expect(dead_code, reason = "only the type matters")] Cell<u8>);
impl Runnable for Unshared {}

/// A runnable that is `Send` and `Sync`.
#[derive(Clone)]
struct Shared;
impl Runnable for Shared {}

#[test]
fn types_without_a_runnable_are_send_and_sync() {
    const {
        assert_all::<ThreadHandle>();
        assert_all::<ThreadState>();
        assert_all::<Builder>();
        assert_all::<Outcome>();
        assert_all::<Panic>();
        assert_all::<Failure>();
        assert_key::<ThreadHandle>();
        assert_key::<ThreadState>();
    }
}

#[test]
fn errors_are_send_and_sync_and_can_be_boxed() {
    const {
        assert_error::<StartError>();
        assert_error::<JoinError>();
        assert_error::<ResultError>();
        assert_error::<NameError>();
        assert_error::<DaemonError>();
        assert_error::<AccessError>();
        assert_error::<Refusal>();
        assert_error::<SubmitError<fn()>>();
    }
}

#[test]
fn a_thread_is_send_and_sync_although_its_runnable_is_not_sync() {
    const {
        assert_all::<Thread<Shared>>();
        assert_all::<Thread<Unshared>>();
    }
}

#[test]
fn a_thread_with_an_erased_runnable_is_send_and_sync() {
    const {
        assert_all::<Thread>();
        assert_all::<Vec<Thread>>();
        assert_send::<Box<dyn Runnable>>();
        assert_send::<Box<dyn Prototype>>();
        assert_send::<Thread<Box<dyn Prototype>>>();
    }
}

#[test]
fn a_my_thread_is_sync_and_a_call_is_if_its_result_is() {
    const {
        assert_all::<MyThread<fn() -> u8, u8>>();
        assert_all::<MyThread<fn() -> Cell<u8>, Cell<u8>>>();
        assert_all::<MyThread<Fallible<fn() -> Result<u8, Failure>>, u8>>();
        // The function may own something that is not `Sync`.
        assert_all::<MyThread<Box<dyn FnOnce() -> u8 + Send>, u8>>();
        assert_all::<Call<Box<dyn FnOnce() -> u8 + Send>, u8>>();
        assert_send::<Call<fn() -> Cell<u8>, Cell<u8>>>();
    }
}
assert_lacks!(Call<fn() -> Cell<u8>, Cell<u8>>: Sync);

#[test]
fn a_task_is_sync_although_its_result_is_not() {
    const {
        assert_all::<Task<u8>>();
        assert_all::<Task<Cell<u8>>>();
        assert_send::<TaskWait<'_, u8>>();
        assert_send::<TaskFuture<Cell<u8>>>();
    }
}
assert_lacks!(Task<u8>: Clone);

#[test]
fn a_local_is_sync_even_if_its_values_are_not() {
    const {
        assert_all::<Local<u8>>();
        assert_all::<Local<Cell<u8>>>();
        assert_all::<Local<RefCell<Vec<u8>>>>();
        assert_all::<Local<u8, Box<dyn Fn() -> u8 + Send + Sync>>>();
        assert_send::<Local<u8, Box<dyn Fn() -> u8 + Send>>>();
        assert_send::<LocalRef<'static, u8>>();
    }
}
// The thread that drops the object drops the values of all threads.
assert_lacks!(Local<Rc<u8>>: Send);
assert_lacks!(Local<Rc<u8>>: Sync);
assert_lacks!(Local<MutexGuard<'static, u8>>: Sync);
assert_lacks!(LocalRef<'static, Rc<u8>>: Send);
// All threads call the function.
assert_lacks!(Local<u8, Box<dyn Fn() -> u8 + Send>>: Sync);
assert_lacks!(Local<u8, Box<dyn Fn() -> u8>>: Send);
// A closure over a value that a panic may leave in an inconsistent state.
assert_lacks!(Local<u8, &'static Cell<u8>>: UnwindSafe);
assert_lacks!(Local<u8, Cell<u8>>: RefUnwindSafe);

// Such a thread cannot be started, but its type can be named.
assert_lacks!(Thread<Rc<u8>>: Send);
assert_lacks!(Thread<Rc<u8>>: Sync);
assert_lacks!(Call<fn() -> Rc<u8>, Rc<u8>>: Send);
// `Sync` alone is not enough: running it in another thread sends it.
assert_lacks!(Thread<MutexGuard<'static, u8>>: Send);
assert_lacks!(Thread<MutexGuard<'static, u8>>: Sync);

// A runnable has one owner; only the handle can be cloned.
assert_lacks!(Thread<Shared>: Clone);
assert_lacks!(MyThread<fn() -> u8, u8>: Clone);

#[test]
fn types_that_a_panic_cannot_leave_inconsistent_are_unwind_safe() {
    const {
        assert_unwind_safe::<ThreadHandle>();
        assert_unwind_safe::<ThreadState>();
        assert_unwind_safe::<Builder>();
        assert_unwind_safe::<Outcome>();
        assert_unwind_safe::<Panic>();
        assert_unwind_safe::<Failure>();
        assert_unwind_safe::<JoinError>();
        assert_unwind_safe::<ResultError>();
        assert_unwind_safe::<NameError>();
        assert_unwind_safe::<DaemonError>();
        assert_unwind_safe::<AccessError>();
        // As `std`'s `LocalKey`.
        assert_unwind_safe::<Local<Cell<u8>>>();
        assert_unwind_safe::<Local<RefCell<Box<dyn FnMut() + Send>>>>();
    }
}

#[test]
fn a_runnable_can_be_a_trait_object() {
    fn accept(_: &dyn Runnable, _: &dyn Prototype) {}
    accept(&Shared, &Shared);
    let unshared: Box<dyn Runnable> = Box::new(Unshared(Cell::new(0)));
    assert_eq!(unshared.name(), "Unshared");
}

#[test]
fn groups_hooks_and_settings_are_send_and_sync() {
    const {
        assert_all::<Executor>();
        assert_all::<ExecutorBuilder>();
        assert_all::<JobBuilder<'static>>();
        assert_all::<WhenFull>();
        assert_unwind_safe::<Executor>();
        assert_all::<ThreadGroup>();
        assert_all::<ScopeBuilder>();
        assert_all::<PanicHandler>();
        assert_all::<FailureHandler>();
        assert_all::<TraceHook>();
        assert_all::<ProfileHook>();
        assert_all::<Supervisor>();
        assert_all::<SupervisorHandle>();
        assert_all::<ChildSpec>();
        assert_all::<ChildInfo>();
        assert_error::<SupervisorError>();
        assert_error::<GaveUpError>();
        assert_error::<JoinAllError>();
        assert_error::<ScopeError>();
        assert_unwind_safe::<ScopeError>();
        assert_error::<StopRequested>();
        assert_unwind_safe::<ThreadGroup>();
    }
}

#[test]
fn scopes_and_their_threads_are_sync() {
    const fn assert_shared<T: Send + Sync>() {}
    const {
        assert_shared::<Scope<'_, '_>>();
        assert_shared::<ScopedThread<'_, u32>>();
        // Another thread may take a result that is not `Sync`.
        assert_send::<ScopedThread<'_, Cell<u32>>>();
    }
}
// All threads that share it can read the result.
assert_lacks!(ScopedThread<'static, Cell<u32>>: Sync);
