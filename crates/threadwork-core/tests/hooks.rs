//! Hooks that are called in every thread. These tests have their own process and take turns, because hooks apply to all threads.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_core::{
    JoinError, Moment, ProfileHook, Spent, StartError, Thread, ThreadHandle, ThreadState,
    TraceHook, add_spawn_hook, current_thread, enumerate, profile, scope, set_profile,
    set_profile_all_threads, set_trace, set_trace_all_threads, trace,
};
use threadwork_sync::{Event, Lock, LockGuard, get_native_id};

#[path = "hooks/elapsed.rs"]
mod elapsed;

const PATIENCE: Duration = Duration::from_secs(60);

static TURN: Lock<()> = Lock::new(());

/// While this exists, the hooks belong to the current test.
struct Turn(#[expect(dead_code, reason = "held")] LockGuard<'static, ()>);

impl Turn {
    fn take() -> Turn {
        Turn(TURN.acquire())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        set_trace_all_threads(None);
        set_profile_all_threads(None);
    }
}

/// The calls of hooks with their arguments, in order.
#[derive(Clone, Default)]
struct Calls(Arc<Lock<Vec<String>>>);

impl Calls {
    fn call(&self, who: &str, thread: &ThreadHandle, moment: &Moment<'_>) {
        assert_eq!(*thread, current_thread());
        assert!(enumerate().contains(thread), "it is listed, and no lock is held");
        let moment = match moment {
            Moment::Panicked(panic) => format!("panicked: {}", panic.message()),
            moment => format!("{moment:?}"),
        };
        self.0.acquire().push(format!("{who} {} {moment}", thread.name()));
    }

    fn trace(&self, who: &'static str) -> Option<TraceHook> {
        let calls = self.clone();
        Some(Arc::new(move |thread, moment| calls.call(who, thread, moment)))
    }

    fn profile(&self, who: &'static str) -> Option<ProfileHook> {
        let calls = self.clone();
        Some(Arc::new(move |thread, moment, _| calls.call(who, thread, moment)))
    }

    #[track_caller]
    fn check(&self, expected: &[&str]) {
        assert_eq!(std::mem::take(&mut *self.0.acquire()), expected);
    }
}

fn named(name: &str, f: impl FnMut() + Send + 'static) -> Thread {
    Thread::builder().name(name).build(f).into()
}

#[track_caller]
fn run(thread: &Thread) -> Result<(), JoinError> {
    thread.start().unwrap();
    join(thread)
}

#[track_caller]
fn join(thread: &Thread) -> Result<(), JoinError> {
    let ended = thread.join_timeout(PATIENCE);
    assert!(!matches!(ended, Err(JoinError::TimedOut)), "{thread:?} does not end");
    ended
}

/// Starts a thread that runs until its gate is open, and returns once it runs.
fn gated(name: &str) -> (Thread, Arc<Event>) {
    let (gate, runs) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (waits, tells) = (Arc::clone(&gate), Arc::clone(&runs));
    let thread = named(name, move || {
        tells.set();
        waits.wait();
    });
    thread.start().unwrap();
    assert!(runs.wait_timeout(PATIENCE).is_ok());
    (thread, gate)
}

/// After `ThreadTests.test_gettrace`.
#[test]
fn a_trace_can_be_set_and_read_and_is_called_around_each_run() {
    let (_turn, calls) = (Turn::take(), Calls::default());
    assert!(trace().is_none());
    let hook = calls.trace("trace");
    set_trace(hook.clone());
    assert!(Arc::ptr_eq(&trace().unwrap(), &hook.unwrap()));
    run(&named("a", || ())).unwrap();
    calls.check(&["trace a BeforeRun", "trace a AfterRun"]);
    run(&named("b", || panic!("on purpose"))).unwrap_err();
    calls.check(&["trace b BeforeRun", "trace b panicked: on purpose"]);
    let scoped = Thread::builder().name("c");
    scope(|scope| _ = scope.call_as(scoped, || ()).unwrap().into_result());
    calls.check(&["trace c BeforeRun", "trace c AfterRun"]);
    set_trace(None);
    assert!(trace().is_none());
    run(&named("d", || ())).unwrap();
    calls.check(&[]);
}

/// After `ThreadTests.test_getprofile`.
#[test]
fn a_profile_can_be_set_and_read_and_is_called_after_the_trace() {
    let (_turn, calls) = (Turn::take(), Calls::default());
    assert!(profile().is_none());
    let hook = calls.profile("profile");
    set_profile(hook.clone());
    set_trace(calls.trace("trace"));
    assert!(Arc::ptr_eq(&profile().unwrap(), &hook.unwrap()));
    run(&named("a", || ())).unwrap();
    calls.check(&[
        "trace a BeforeRun",
        "profile a BeforeRun",
        "trace a AfterRun",
        "profile a AfterRun",
    ]);
    set_profile(None);
    set_trace(None);
    assert!(profile().is_none());
}

#[test]
fn a_hook_for_future_threads_is_not_called_in_running_ones() {
    let (_turn, calls) = (Turn::take(), Calls::default());
    let (before, gate) = gated("before");
    set_trace(calls.trace("trace"));
    set_profile(calls.profile("profile"));
    gate.set();
    join(&before).unwrap();
    calls.check(&[]);

    let (with, gate) = gated("with");
    calls.check(&["trace with BeforeRun", "profile with BeforeRun"]);
    set_trace(None);
    set_profile(None);
    gate.set();
    join(&with).unwrap();
    calls.check(&["trace with AfterRun", "profile with AfterRun"]);
}

#[test]
fn a_hook_for_all_threads_is_called_in_running_ones_too() {
    let (_turn, calls) = (Turn::take(), Calls::default());
    let (runs, gate) = gated("runs");
    set_trace_all_threads(calls.trace("trace"));
    set_profile_all_threads(calls.profile("profile"));
    assert!(trace().is_some() && profile().is_some());
    gate.set();
    join(&runs).unwrap();
    calls.check(&["trace runs AfterRun", "profile runs AfterRun"]);
    run(&named("later", || ())).unwrap();
    assert_eq!(calls.0.acquire().len(), 4);
    calls.0.acquire().clear();

    // The last one set for all threads counts; one for future threads does not.
    let (runs, gate) = gated("runs");
    set_trace_all_threads(calls.trace("second"));
    set_trace_all_threads(calls.trace("third"));
    set_trace(calls.trace("to come"));
    set_profile_all_threads(None);
    gate.set();
    join(&runs).unwrap();
    calls.check(&["trace runs BeforeRun", "profile runs BeforeRun", "third runs AfterRun"]);
    run(&named("new", || ())).unwrap();
    calls.check(&["to come new BeforeRun", "to come new AfterRun"]);
}

#[test]
fn a_hook_that_panics_does_no_harm() {
    let (_turn, calls) = (Turn::take(), Calls::default());
    set_trace(Some(Arc::new(|_, _| panic!("the trace"))));
    let profile = calls.clone();
    set_profile(Some(Arc::new(move |thread, moment, _| {
        profile.call("profile", thread, moment);
        panic!("the profile");
    })));
    let thread = named("a", || ());
    run(&thread).unwrap();
    assert_eq!(thread.state(), ThreadState::Finished);
    calls.check(&["profile a BeforeRun", "profile a AfterRun"]);
    let panics = Thread::builder().on_panic(|_, _| ()).name("b").build(|| panic!("its own"));
    let Err(JoinError::Panicked(panic)) = run(&panics.erase()) else { panic!("no panic") };
    assert_eq!(panic.message(), "its own");
}

#[test]
fn a_hook_that_panics_in_its_drop_does_no_harm() {
    struct PanicsInItsDrop;
    impl Drop for PanicsInItsDrop {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }

    let _turn = Turn::take();
    let owned = PanicsInItsDrop;
    set_trace(Some(Arc::new(move |_, _| _ = &owned)));
    let (thread, gate) = gated("has it last");
    set_trace(None);
    gate.set();
    join(&thread).unwrap();
    assert_eq!(thread.state(), ThreadState::Finished);
}

#[test]
fn a_hook_may_change_the_hooks() {
    let _turn = Turn::take();
    set_trace(Some(Arc::new(|_, _| {
        set_trace(None);
        set_profile_all_threads(None);
        assert!(trace().is_none() && profile().is_none());
    })));
    run(&named("a", || ())).unwrap();
    assert!(trace().is_none());
}

#[test]
fn a_profile_gets_the_time_that_the_run_took() {
    static SPENT: Lock<Vec<Spent>> = Lock::new(Vec::new());
    let _turn = Turn::take();
    set_profile(Some(Arc::new(|_, _, spent| SPENT.acquire().push(*spent))));
    const LATE: Duration = Duration::from_millis(50);
    add_spawn_hook(|thread| {
        let late = if thread.name() == "busy" { LATE } else { Duration::ZERO };
        move || std::thread::sleep(late)
    });
    let inside = Arc::new(Lock::new(Duration::ZERO));
    let measured = Arc::clone(&inside);
    let began = Instant::now();
    let busy = named("busy", move || {
        let since = Instant::now();
        while since.elapsed() < Duration::from_millis(20) {}
        *measured.acquire() = since.elapsed();
    });
    run(&busy).unwrap();
    let outside = began.elapsed() - LATE;
    let spent = std::mem::take(&mut *SPENT.acquire());
    let [before, after] = spent[..] else { panic!("{spent:?}") };
    assert!(before.wall < after.wall);
    assert!((*inside.acquire()..=outside).contains(&after.wall), "{after:?}");
    // Where the operating system has it: a thread's CPU time is at most its elapsed time.
    assert_eq!(after.cpu.is_some(), get_native_id().is_some());
    if let (Some(before), Some(after)) = (before.cpu, after.cpu) {
        let most = outside + Duration::from_millis(20);
        assert!(before < after && after <= most, "{after:?} of {outside:?}");
    }

    run(&named("idle", || std::thread::sleep(Duration::from_millis(20)))).unwrap();
    let idle = SPENT.acquire()[1];
    assert!(idle.wall >= Duration::from_millis(20));
    assert!(idle.cpu.is_none_or(|it| it < idle.wall), "{idle:?}");
}

thread_local! {
    /// The values that spawn hooks hand over.
    static HANDED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static USER: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn spawn_hooks_are_called_by_the_starter_in_order_and_what_they_return_by_the_new_thread_first() {
    static CALLED: Lock<Vec<String>> = Lock::new(Vec::new());
    static TRACED: Lock<Vec<String>> = Lock::new(Vec::new());

    let _turn = Turn::take();
    for which in ["first", "second"] {
        add_spawn_hook(move |thread| {
            let is_mine = thread.name().starts_with("heir");
            if is_mine {
                let state = thread.state();
                CALLED.acquire().push(format!("{which} {} {state:?}", thread.name()));
            }
            let user = USER.get();
            move || {
                if is_mine {
                    assert!(current_thread().is_alive());
                    HANDED.with_borrow_mut(|it| it.push(format!("{which} {user}")));
                }
            }
        });
    }
    set_trace(Some(Arc::new(|_, moment| {
        if matches!(moment, Moment::BeforeRun) {
            TRACED.acquire().extend(HANDED.with_borrow(Clone::clone));
        }
    })));
    USER.set(7);
    static INSIDE: Lock<Vec<String>> = Lock::new(Vec::new());
    let heir = named("heir", || INSIDE.acquire().extend(HANDED.with_borrow(Clone::clone)));
    assert!(CALLED.acquire().is_empty(), "no call when the thread is built");
    run(&heir).unwrap();
    assert_eq!(*CALLED.acquire(), ["first heir New", "second heir New"]);
    assert_eq!(*INSIDE.acquire(), ["first 7", "second 7"]);
    assert_eq!(*TRACED.acquire(), ["first 7", "second 7"], "before the trace");
    assert!(HANDED.with_borrow(Vec::is_empty), "the starter keeps nothing");
}

#[test]
fn a_panic_in_what_a_spawn_hook_returned_does_not_stop_the_thread() {
    static RAN: AtomicBool = AtomicBool::new(false);
    let _turn = Turn::take();
    add_spawn_hook(|thread| {
        let panics = thread.name() == "unlucky heir of another";
        move || assert!(!panics, "what was handed over")
    });
    let thread = named("unlucky heir of another", || RAN.store(true, Ordering::Relaxed));
    run(&thread).unwrap();
    assert!(RAN.load(Ordering::Relaxed));
    assert_eq!(thread.state(), ThreadState::Finished);
}

#[test]
fn a_spawn_hook_that_panics_stops_the_start_and_nothing_else() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let _turn = Turn::take();
    add_spawn_hook(|thread| {
        let is_first =
            thread.name() == "refused once" && CALLS.fetch_add(1, Ordering::Relaxed) == 0;
        assert!(!is_first, "the spawn hook");
        || ()
    });
    let group = threadwork_core::ThreadGroup::new("counted");
    let thread = group.builder().name("refused once").build(|| ());
    catch_unwind(AssertUnwindSafe(|| thread.start())).unwrap_err();
    assert_eq!((thread.state(), group.count()), (ThreadState::New, 0));
    run(&thread.erase()).unwrap();
}

#[test]
fn what_spawn_hooks_return_for_a_thread_that_is_refused_may_panic_when_it_is_dropped() {
    struct PanicsInItsDrop(bool);
    impl Drop for PanicsInItsDrop {
        fn drop(&mut self) {
            assert!(!self.0, "in the drop");
        }
    }
    let _turn = Turn::take();
    for _ in 0..2 {
        add_spawn_hook(|thread| {
            let handed = PanicsInItsDrop(thread.name() == "refused with a legacy");
            move || drop(handed)
        });
    }
    let refused = Thread::builder().name("refused with a legacy").stack_size(usize::MAX >> 4);
    assert!(matches!(refused.build(|| ()).start(), Err(StartError::Os(_))));
}
