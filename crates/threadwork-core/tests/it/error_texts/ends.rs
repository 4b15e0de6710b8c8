//! Errors of those who wait for a thread.

use std::{sync::Arc, time::Duration};

use threadwork_core::{
    JoinAllError, JoinError, MyThread, Panic, ResultError, ScopeBuilder, ScopeError, StopRequested,
    Thread, ThreadGroup, checkpoint, current_thread, sleep,
};
use threadwork_sync::{Lock, StopSource, Wait};
use threadwork_test_support::{quotes, says};

use crate::support::{Gated, foreign, run};

/// A wait whose stop has been requested.
pub(super) fn stopped() -> Wait {
    let source = StopSource::new();
    source.request_stop();
    Wait::forever().or_stop(&source.token())
}

fn panics() -> u32 {
    panic!("on purpose")
}

#[test]
fn of_joins() {
    says!(
        Thread::new(|| ()).join(),
        JoinError::NotStarted,
        "cannot join a thread before it is started; call start first"
    );
    says!(
        foreign(|| current_thread().join()),
        JoinError::CurrentThread,
        "cannot join the current thread, which would wait for itself for ever; join it from another thread"
    );
    says!(
        foreign(current_thread).join(),
        JoinError::ForeignThread,
        "cannot join a thread that was not started by this library; join it through whatever started it"
    );
    let gated = Gated::started();
    says!(
        gated.join_timeout(Duration::ZERO),
        JoinError::TimedOut,
        "timed out while joining; the thread is still alive, and can be joined again"
    );
    says!(
        gated.join_with(&stopped()),
        JoinError::WaitStopped,
        "the wait was stopped while joining; the thread is still alive, and can be joined again"
    );
}

#[test]
fn of_faults() {
    let thread = Thread::builder().name("parser").build(|| _ = panics());
    let text = "thread 'parser' panicked: on purpose";
    quotes!(run(&thread), JoinError::Panicked(_), text);
    let Err(JoinError::Panicked(panic)) = thread.join() else { panic!("the thread panicked") };
    quotes!(Err::<(), _>(panic), Panic { .. }, text);

    let thread = Thread::builder().name("parser").build(|| "7x".parse::<u32>().map(drop));
    let text = "thread 'parser' failed: invalid digit found in string";
    quotes!(run(&thread), JoinError::Failed(_), text);
}

#[test]
fn of_results() {
    let mut thread = MyThread::new(|| 7);
    says!(
        thread.get_result(),
        ResultError::NotStarted,
        "there is no result, because the thread is not started; call start first"
    );
    run(&thread).unwrap();
    thread.take_result().unwrap();
    says!(
        thread.get_result(),
        ResultError::Taken,
        "the result has been taken already; keep it where it was taken, or borrow it with `get_result`"
    );
    let endless = MyThread::new(|| sleep(Duration::MAX).is_ok());
    endless.start().unwrap();
    says!(
        endless.get_result(),
        ResultError::StillRunning,
        "there is no result yet, because the thread is still running; join it first"
    );
    says!(
        endless.wait_result_with(&stopped()),
        ResultError::WaitStopped,
        "the wait for a result was stopped; the thread is still running, and can be waited for again"
    );
    endless.request_stop();
}

#[test]
fn of_a_wait_for_the_own_result() {
    type Own = MyThread<fn(), ()>;
    static THREAD: Lock<Option<Arc<Own>>> = Lock::new(None);
    let thread: Arc<Own> = Arc::new(MyThread::new(|| {
        let thread = THREAD.acquire().clone().expect("it is set before the start");
        says!(
            thread.wait_result(),
            ResultError::CurrentThread,
            "a thread cannot wait for its own result; wait for it in another thread"
        );
    }));
    *THREAD.acquire() = Some(Arc::clone(&thread));
    run(&thread).unwrap();
}

#[test]
fn of_results_of_faults() {
    let thread = Thread::builder().name("parser").my_thread(panics, ());
    let text = "there is no result: thread 'parser' panicked: on purpose";
    run(&thread).unwrap_err();
    quotes!(thread.get_result(), ResultError::Panicked(_), text);

    let parse = || Ok("7x".parse::<u32>()?);
    let thread = MyThread::fallible(parse);
    thread.set_name("parser").unwrap();
    let text = "there is no result: thread 'parser' failed: invalid digit found in string";
    run(&thread).unwrap_err();
    quotes!(thread.get_result(), ResultError::Failed(_), text);
}

#[test]
fn of_groups() {
    let group = ThreadGroup::new("pool");
    let thread = group.builder().build(|| _ = sleep(Duration::MAX));
    thread.start().unwrap();
    says!(
        group.join_all_timeout(Duration::ZERO),
        JoinAllError { .. },
        "timed out while joining; join again, or stop those that are still alive: 'pool/worker-1'"
    );
    says!(
        group.join_all_with(&stopped()),
        JoinAllError { .. },
        "stopped while joining; join again, or stop those that are still alive: 'pool/worker-1'"
    );
    group.request_stop();
}

#[test]
fn of_scopes() {
    let named = || Thread::builder().name("parser").on_panic(|_, _| ());
    quotes!(
        ScopeBuilder::new().run(|scope| {
            scope.start_as(named(), || _ = panics()).map(drop).unwrap();
        }),
        ScopeError::Panicked(_),
        "thread 'parser' panicked: on purpose"
    );
    quotes!(
        ScopeBuilder::new().run(|scope| {
            scope.start_as(named(), || "7x".parse::<u32>().map(drop)).map(drop).unwrap();
        }),
        ScopeError::Failed(_),
        "thread 'parser' failed: invalid digit found in string"
    );
    says!(
        ScopeBuilder::new().timeout(Duration::ZERO).run(|scope| {
            scope.call(|| sleep(Duration::MAX)).map(drop).unwrap();
        }),
        ScopeError::TimedOut,
        "the scope timed out, and its threads were asked to stop; \
         allow it more time, or give its threads less to do"
    );
}

#[test]
fn of_stops() {
    let thread = MyThread::new(checkpoint);
    thread.request_stop();
    run(&thread).unwrap();
    says!(
        *thread.get_result().unwrap(),
        StopRequested { .. },
        "the thread was asked to stop; return from it"
    );
}
