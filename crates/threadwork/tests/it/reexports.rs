//! The facade re-exports everything that core and sync publish.

use std::num::NonZeroU64;

use crate::source::{Source, read, workspace};

/// Does not compile unless both paths lead to the same type.
macro_rules! assert_same_types {
    ($($here:ty = $there:ty;)*) => {
        $(const _: fn($here) -> $there = |it| it;)*
    };
}

assert_same_types! {
    threadwork::AccessError = threadwork_core::AccessError;
    threadwork::Builder = threadwork_core::Builder;
    threadwork::Call<u8, i8> = threadwork_core::Call<u8, i8>;
    threadwork::DaemonError = threadwork_core::DaemonError;
    threadwork::JoinError = threadwork_core::JoinError;
    threadwork::Local<u8> = threadwork_core::Local<u8>;
    threadwork::LocalRef<'static, u8> = threadwork_core::LocalRef<'static, u8>;
    threadwork::MyThread<u8, i8> = threadwork_core::MyThread<u8, i8>;
    threadwork::NameError = threadwork_core::NameError;
    threadwork::Outcome = threadwork_core::Outcome;
    threadwork::Panic = threadwork_core::Panic;
    threadwork::Period = threadwork_core::Period;
    threadwork::ResultError = threadwork_core::ResultError;
    threadwork::StartError = threadwork_core::StartError;
    threadwork::Task<u8> = threadwork_core::Task<u8>;
    threadwork::Thread = threadwork_core::Thread;
    threadwork::Thread<fn()> = threadwork_core::Thread<fn()>;
    threadwork::ThreadHandle = threadwork_core::ThreadHandle;
    threadwork::ThreadState = threadwork_core::ThreadState;
    threadwork::Timer = threadwork_core::Timer;

    threadwork::ArriveError = threadwork_sync::ArriveError;
    threadwork::Barrier = threadwork_sync::Barrier;
    threadwork::BarrierWaitResult = threadwork_sync::BarrierWaitResult;
    threadwork::BoundedSemaphore = threadwork_sync::BoundedSemaphore;
    threadwork::BrokenBarrierError = threadwork_sync::BrokenBarrierError;
    threadwork::BrokenReason = threadwork_sync::BrokenReason;
    threadwork::Condition = threadwork_sync::Condition;
    threadwork::ConditionWaitError = threadwork_sync::ConditionWaitError;
    threadwork::CurrentIdent = threadwork_sync::CurrentIdent;
    threadwork::Latch = threadwork_sync::Latch;
    threadwork::NotHolderError = threadwork_sync::NotHolderError;
    threadwork::RawCondition = threadwork_sync::RawCondition;
    threadwork::Semaphore = threadwork_sync::Semaphore;
    threadwork::RwLock<u8> = threadwork_sync::RwLock<u8>;
    threadwork::MappedLockGuard<'static, u8> = threadwork_sync::MappedLockGuard<'static, u8>;
    threadwork::RwLockReadGuard<'static, u8> = threadwork_sync::RwLockReadGuard<'static, u8>;
    threadwork::RwLockUpgradableGuard<'static, u8> = threadwork_sync::RwLockUpgradableGuard<'static, u8>;
    threadwork::RwLockWriteGuard<'static, u8> = threadwork_sync::RwLockWriteGuard<'static, u8>;
    threadwork::SemaphorePermit<'static> = threadwork_sync::SemaphorePermit<'static>;
    threadwork::Deadline = threadwork_sync::Deadline;
    threadwork::Event = threadwork_sync::Event;
    threadwork::Lock<u8> = threadwork_sync::Lock<u8>;
    threadwork::LockGuard<'static, u8> = threadwork_sync::LockGuard<'static, u8>;
    threadwork::RLock<u8> = threadwork_sync::RLock<u8>;
    threadwork::RLockGuard<'static, u8> = threadwork_sync::RLockGuard<'static, u8>;
    threadwork::RawLock = threadwork_sync::RawLock;
    threadwork::RawRLock = threadwork_sync::RawRLock;
    threadwork::ReleaseError = threadwork_sync::ReleaseError;
    threadwork::StopCallback = threadwork_sync::StopCallback;
    threadwork::StopSource = threadwork_sync::StopSource;
    threadwork::StopToken = threadwork_sync::StopToken;
    threadwork::Wait = threadwork_sync::Wait;
    threadwork::WaitError = threadwork_sync::WaitError;
    threadwork::WaitKind = threadwork_sync::WaitKind;
    threadwork::Waiting = threadwork_sync::Waiting;
    threadwork::WaitingThread = threadwork_sync::WaitingThread;

    threadwork::prelude::MyThread<u8, i8> = threadwork::MyThread<u8, i8>;
    threadwork::prelude::Thread = threadwork::Thread;
}

#[cfg(feature = "diagnostics")]
assert_same_types! {
    threadwork::diagnostics::InitError = threadwork_diagnostics::InitError;
    threadwork::diagnostics::Lines = threadwork_diagnostics::Lines;
    threadwork::diagnostics::Recording = threadwork_diagnostics::Recording;
    threadwork::diagnostics::Timeline = threadwork_diagnostics::Timeline;
    threadwork::diagnostics::TimelineLayer = threadwork_diagnostics::TimelineLayer;
}

/// Does not compile unless both are the same function: each function has its own type.
const fn assert_same<F: Copy>(_: F, _: F) {}

const _: () = {
    assert_same(threadwork::active_count, threadwork_core::active_count);
    assert_same(threadwork::current_thread, threadwork_core::current_thread);
    assert_same(threadwork::enumerate, threadwork_core::enumerate);
    assert_same(threadwork::main_thread, threadwork_core::main_thread);
    assert_same(threadwork::get_ident, threadwork_sync::get_ident);
    assert_same(threadwork::get_native_id, threadwork_sync::get_native_id);
    assert_same(threadwork::waits, threadwork_sync::waits);
    #[cfg(feature = "diagnostics")]
    assert_same(threadwork::diagnostics::ctime, threadwork_diagnostics::ctime);
    #[cfg(feature = "diagnostics")]
    assert_same(threadwork::diagnostics::init, threadwork_diagnostics::init);
};

#[test]
fn the_functions_have_the_types_that_python_users_expect() {
    let _: fn() -> usize = threadwork::active_count;
    let _: fn() -> threadwork::ThreadHandle = threadwork::current_thread;
    let _: fn() -> threadwork::ThreadHandle = threadwork::main_thread;
    let _: fn() -> Vec<threadwork::ThreadHandle> = threadwork::enumerate;
    let _: fn() -> NonZeroU64 = threadwork::get_ident;
    let _: fn() -> Option<u64> = threadwork::get_native_id;
    let _: fn() -> Vec<threadwork::Waiting> = threadwork::waits;
    let _: fn(fn() -> u8) -> u8 = threadwork::main;
}

/// Implements the traits by their names in core; the checks below demand them by their names in the facade.
#[derive(Clone)]
struct Job;

impl threadwork::Runnable for Job {}

#[test]
fn the_traits_are_cores() {
    fn check_runnable(_: &impl threadwork_core::Runnable) {}
    fn check_prototype(_: &impl threadwork_core::Prototype) {}
    fn check_callable<Args>(_: impl threadwork_core::Callable<Args, Output = u32>) {}
    fn check<T>(job: &T, pow: impl threadwork::Callable<(u32, u32), Output = u32>)
    where
        T: threadwork::Prototype + threadwork::prelude::Runnable + threadwork::prelude::Prototype,
    {
        check_runnable(job);
        check_prototype(job);
        check_callable(pow);
    }
    check(&Job, u32::pow);
}

#[test]
fn what_a_thread_inherits_and_what_is_left_after_a_fork_is_said_in_core_too() {
    let Some(root) = workspace() else { return };
    let sections = |name: &str| -> Vec<String> {
        let front = read(&root, &format!("crates/{name}/src/lib.rs"));
        let lines = front.lines().map_while(|it| it.strip_prefix("//!"));
        let lines = lines.skip_while(|it| *it != " # What a thread inherits");
        lines.take_while(|it| *it != " # Panics and errors").map(str::to_owned).collect()
    };
    let there = sections("threadwork-core");
    assert!(there.iter().any(|it| it == " # After a fork"), "{there:#?}");
    assert_eq!(sections("threadwork"), there);
}

#[test]
fn every_name_that_core_and_sync_publish_is_here() {
    let Some(root) = workspace() else { return };
    let read = |name: &str| Source::read(&root, &format!("crates/{name}/src/lib.rs"));
    let here = read("threadwork");
    for (name, least) in [("threadwork-core", 20), ("threadwork-sync", 15)] {
        let there = read(name).published("crate");
        assert!(there.len() >= least, "not all names of {name} are found: {there:?}");
        let mut here = here.published(&name.replace('-', "_"));
        // Names that models do not have are published through a macro.
        here.remove("CurrentIdent");
        let differing: Vec<_> = there.symmetric_difference(&here).collect();
        assert!(differing.is_empty(), "names of {name} that are not in the facade: {differing:?}");
    }
}
