//! A subscriber that panics whenever it is called, with a payload that panics when it is dropped. This is one test in its own process,
//! because it ends with setting the subscriber for all threads.
//!
//! Scenario "the subscriber that panics" in docs/architecture.md.

use std::{
    any::TypeId,
    panic::{self, panic_any},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    JoinError, MyThread, Program, Restart, StartError, Supervisor, Thread, ThreadGroup,
    ThreadHandle, Timer, scope, sleep,
};
use threadwork_sync::Latch;
use tracing::{
    Dispatch, Metadata, Subscriber, dispatcher,
    span::{Attributes, Id, Record},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// Whether it panics: not while the test registers it with `tracing`.
static IS_ARMED: AtomicBool = AtomicBool::new(false);

/// The number of its panics.
static PANICS: AtomicU32 = AtomicU32::new(0);

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the payload");
    }
}

fn explode() {
    if IS_ARMED.load(Ordering::SeqCst) {
        PANICS.fetch_add(1, Ordering::SeqCst);
        panic_any(Bomb);
    }
}

/// A subscriber that panics in the calls for which the function returns `true`.
struct Bad {
    in_questions: bool,
    in_spans: bool,
}

impl Subscriber for Bad {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        if self.in_questions {
            explode();
        }
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        if self.in_spans {
            explode();
        }
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        explode();
    }

    fn enter(&self, _: &Id) {
        explode();
    }

    fn exit(&self, _: &Id) {
        explode();
    }

    fn clone_span(&self, id: &Id) -> Id {
        explode();
        id.clone()
    }

    fn try_close(&self, _: Id) -> bool {
        explode();
        true
    }

    // SAFETY: there is no pointer.
    unsafe fn downcast_raw(&self, _: TypeId) -> Option<*const ()> {
        if self.in_questions {
            explode();
        }
        None
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        explode();
    }
}

#[track_caller]
fn join(thread: &ThreadHandle) -> Result<(), JoinError> {
    let joined = thread.join_timeout(PATIENCE);
    assert!(!matches!(joined, Err(JoinError::TimedOut)), "{thread:?} does not end");
    joined
}

fn check_threads() {
    let finishes = MyThread::new(|| 7);
    finishes.start().unwrap();
    join(&finishes).unwrap();
    assert_eq!(finishes.get_result().unwrap(), &7);

    let panics = Thread::new(|| panic!("its own"));
    panics.start().unwrap();
    let Err(JoinError::Panicked(panic)) = join(&panics) else { panic!("no panic") };
    assert_eq!(panic.message(), "its own");

    let refused = Thread::builder().stack_size(usize::MAX >> 4).build(|| ());
    assert!(matches!(refused.start(), Err(StartError::Os(_))));

    assert_eq!(scope(|scope| scope.call(|| 7).unwrap().into_result().unwrap()), 7);
}

fn check_groups() {
    let group = ThreadGroup::new("group");
    assert_eq!(group.replicate(&|| _ = sleep(Duration::MAX), 3).unwrap().len(), 3);
    group.request_stop();
    group.join_all_timeout(PATIENCE).unwrap();
    assert_eq!(group.count(), 0);
}

fn check_timers() {
    let once = Timer::new(Duration::ZERO, || ());
    once.start().unwrap();
    once.join_timeout(PATIENCE).unwrap();

    let ticks = Arc::new(Latch::new(3));
    let ticked = Arc::clone(&ticks);
    let every = Timer::every(Duration::from_millis(1), move || _ = ticked.count_down(1));
    every.start().unwrap();
    assert!(ticks.wait_timeout(PATIENCE).is_ok());
    every.cancel();
    every.join_timeout(PATIENCE).unwrap();

    let never = Timer::new(Duration::MAX, || ());
    never.start().unwrap();
    assert!(never.cancel());
}

fn check_supervisors() {
    let supervisor = Supervisor::new()
        .at_most(2, PATIENCE)
        .backoff(Duration::ZERO, Duration::ZERO)
        .slow_after(Duration::ZERO)
        .child("steady", Restart::Always, || _ = sleep(Duration::MAX))
        .child("fails", Restart::OnPanic, || panic!("on purpose"));
    let thread = Thread::new(supervisor);
    thread.start().unwrap();
    let Err(JoinError::Failed(failure)) = join(&thread) else {
        panic!("the supervisor does not give up")
    };
    assert!(failure.message().starts_with("supervisor gives up after 2 restarts"), "{failure}");
}

fn check_all() {
    check_threads();
    check_groups();
    check_timers();
    check_supervisors();
}

/// Calls `f` with this subscriber as the current one. The threads that `f` starts hold the last references to it.
fn with_bad(bad: Bad, f: impl FnOnce()) {
    let dispatch = Dispatch::new(bad);
    IS_ARMED.store(true, Ordering::SeqCst);
    let before = PANICS.load(Ordering::SeqCst);
    dispatcher::with_default(&dispatch, f);
    assert!(PANICS.load(Ordering::SeqCst) > before, "the subscriber was called");
    IS_ARMED.store(false, Ordering::SeqCst);
}

#[test]
fn a_subscriber_that_panics_in_every_call_does_no_harm() {
    panic::set_hook(Box::new(|_| ()));
    let kinds = [(true, true), (false, true), (false, false)];
    for (in_questions, in_spans) in kinds {
        with_bad(Bad { in_questions, in_spans }, check_all);
    }

    // The threads hold the last references to it.
    let last = Dispatch::new(Bad { in_questions: false, in_spans: false });
    let gate = Arc::new(threadwork_sync::Event::new());
    let waiting = Arc::clone(&gate);
    let thread = Thread::new(move || waiting.wait());
    dispatcher::with_default(&last, || thread.start()).unwrap();
    drop(last);
    IS_ARMED.store(true, Ordering::SeqCst);
    gate.set();
    join(&thread).unwrap();
    IS_ARMED.store(false, Ordering::SeqCst);

    dispatcher::set_global_default(Dispatch::new(Bad { in_questions: true, in_spans: true }))
        .unwrap();
    IS_ARMED.store(true, Ordering::SeqCst);
    let code = Program::new().stop_at_end().run(|| {
        check_all();
        Thread::builder().daemon(false).build(|| _ = sleep(Duration::MAX)).start().unwrap();
        7
    });
    assert_eq!(code, 7);
}
