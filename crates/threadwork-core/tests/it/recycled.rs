//! Threads in operating system threads that are used again.
//!
//! An operating system thread is used again for the same size of stack, so each test has a size of its own.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_core::{
    Builder, Executor, JoinError, Local, MyThread, Outcome, Thread, ThreadGroup, ThreadHandle,
    Timer, as_completed, current_thread, enumerate,
    internal::{Helper, helpers, in_helper},
    scope, stop_requested,
};
use threadwork_sync::{Event, get_ident, get_native_id, internal::os::thread_cpu_time, waits};

use crate::support::{PATIENCE, eventually, join};

const KIB: usize = 1024;

fn builder(kib: usize) -> Builder {
    Thread::builder().stack_size(kib * KIB).recycled(true)
}

/// Returns the idle operating system thread with this number, once it is idle.
#[track_caller]
pub(crate) fn idle(native_id: Option<u64>) -> Helper {
    let is_it = |it: &Helper| it.name == "threadwork-idle" && it.native_id == native_id;
    eventually("the operating system's thread does not become idle", || {
        helpers().into_iter().find(is_it)
    })
}

/// Runs a thread until its end, and returns its operating system thread once that is idle.
#[track_caller]
pub(crate) fn run(thread: &ThreadHandle) -> Helper {
    let _ = join(thread);
    idle(thread.native_id())
}

/// Starts a thread in the only operating system thread with this size of stack.
#[track_caller]
fn spawn<R: Send + 'static>(
    builder: Builder,
    f: impl FnOnce() -> R + Send + 'static,
) -> (R, ThreadHandle) {
    let thread = builder.spawn_my_thread(f).unwrap();
    let handle = thread.handle().clone();
    run(&handle);
    (thread.into_result().unwrap(), handle)
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn the_next_thread_has_the_operating_systems_thread_and_nothing_else_of_the_last_one() {
    thread_local! {
        static KEPT: Cell<u32> = const { Cell::new(0) };
    }
    static LOCAL: Local<Cell<u32>> = Local::new(|| Cell::new(0));
    let what = || {
        assert!(!in_helper());
        let name = std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default();
        let before = (LOCAL.get(), KEPT.replace(1));
        LOCAL.set(1);
        (current_thread(), get_ident(), get_native_id(), name.trim_end().to_owned(), before)
    };
    let ((one, ident_of_one, native_id, name, before), handle) =
        spawn(builder(301).name("one"), what);
    assert_eq!((&one, one.ident(), one.native_id()), (&handle, Some(ident_of_one), native_id));
    assert_eq!((one.name(), before), ("one".to_owned(), (0, 0)));
    one.request_stop();
    let what_two = move || (what(), stop_requested());
    let (((two, ident, native_id_of_two, name_of_two, before), stopped), _) =
        spawn(builder(301).name("two"), what_two);
    assert_eq!(native_id_of_two, native_id);
    assert_ne!((&two, ident), (&one, ident_of_one));
    assert_eq!((two.ident(), two.name()), (Some(ident), "two".to_owned()));
    assert_eq!(before, (0, 1), "the value of the `Local` is new, and that of std is the old one");
    assert!(!stopped && !two.stop_requested());
    if cfg!(target_os = "linux") {
        assert_eq!((&*name, &*name_of_two), ("one", "two"));
    }
    assert_eq!(one.outcome(), Some(Outcome::Finished));
    assert_eq!(two.outcome(), Some(Outcome::Finished));
}

#[test]
fn a_local_value_is_dropped_before_a_join_returns() {
    struct Told(Arc<AtomicBool>);
    impl Drop for Told {
        fn drop(&mut self) {
            assert_eq!(current_thread().name(), "tells");
            self.0.store(true, Ordering::Relaxed);
        }
    }
    for _ in 0..200 {
        let told = Arc::new(AtomicBool::new(false));
        let values = Arc::new(Local::new({
            let told = Arc::clone(&told);
            move || Told(Arc::clone(&told))
        }));
        let its_values = Arc::clone(&values);
        let thread = builder(302).name("tells").spawn(move || its_values.with(|_| ())).unwrap();
        thread.join_timeout(PATIENCE).unwrap();
        assert!(told.load(Ordering::Relaxed));
        assert_eq!(values.iter().count(), 0);
    }
}

#[test]
fn values_are_inherited_from_the_starter_each_time() {
    static PATH: Local<u32> = Local::inheritable(|| 1, |it| it + 1);
    PATH.with(|_| ());
    for _ in 0..3 {
        assert_eq!(spawn(builder(303), || PATH.with(|it| *it)).0, 2);
    }
    assert!(PATH.remove());
    assert_eq!(spawn(builder(303), || PATH.with(|it| *it)).0, 1);
}

#[test]
fn a_panic_or_a_failure_ends_the_thread_and_not_the_operating_systems_thread() {
    let native_id = spawn(builder(304), get_native_id).0;
    for message in ["out of paper", "out of ink"] {
        let thread = builder(304).spawn(move || assert!(message.is_empty(), "{message}")).unwrap();
        run(&thread);
        let Err(JoinError::Panicked(panic)) = thread.join() else { panic!("it has panicked") };
        assert_eq!(panic.message(), message);
        assert!(panic.place().is_some());
    }
    let resumes = builder(304).spawn(|| std::panic::resume_unwind(Box::new("out of ink"))).unwrap();
    run(&resumes);
    let Err(JoinError::Panicked(panic)) = resumes.join() else { panic!("it has panicked") };
    assert!(panic.place().is_none(), "the place of the panic before is not that of this one");
    let fails = builder(304).spawn(|| Err::<(), _>("no such file")).unwrap();
    run(&fails);
    assert!(matches!(fails.join(), Err(JoinError::Failed(_))));
    assert_eq!(spawn(builder(304), get_native_id).0, native_id);
}

#[test]
fn the_processor_time_of_a_thread_is_its_own() {
    let uses = |time: Duration| {
        let Some(since) = thread_cpu_time() else { return };
        while thread_cpu_time().unwrap() - since < time {}
    };
    let ((), first) = spawn(builder(305), move || uses(Duration::from_millis(50)));
    let own = move || (current_thread().cpu_time(), thread_cpu_time());
    let ((own, all), second) = spawn(builder(305), own);
    assert_eq!((first.native_id(), second.cpu_time()), (second.native_id(), None));
    if let (Some(own), Some(all)) = (own, all) {
        assert!(all - own >= Duration::from_millis(50), "{own:?} of {all:?}");
    }
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn a_group_recycles_unless_the_thread_says_no() {
    let group = ThreadGroup::new("pool");
    let below = group.child("below");
    group.set_recycled(true);
    for group in [&group, &below] {
        let builder = || group.builder().stack_size(306 * KIB);
        let native_ids = [0; 3].map(|_| spawn(builder(), get_native_id).0);
        assert_eq!(native_ids, [native_ids[0]; 3]);
        let own = builder().recycled(false).spawn_my_thread(get_native_id).unwrap();
        assert_ne!(own.into_result().unwrap(), native_ids[0]);
        assert_eq!(group.count(), 0);
    }
    group.set_recycled(false);
    let thread = group.builder().stack_size(306 * KIB).spawn_my_thread(get_native_id).unwrap();
    let native_id = thread.into_result().unwrap();
    let is_it = |it: &Helper| it.native_id == native_id;
    assert!(cfg!(not(target_os = "linux")) || !helpers().iter().any(is_it));
}

#[test]
fn the_threads_of_a_timer_can_be_recycled() {
    let group = ThreadGroup::new("ticks");
    group.set_recycled(true);
    let ticks = Arc::new(AtomicU32::new(0));
    let in_group = group.builder().stack_size(307 * KIB).build_my_thread({
        let ticks = Arc::clone(&ticks);
        move || {
            let tick = Timer::every(Duration::from_millis(1), move || {
                ticks.fetch_add(1, Ordering::Relaxed);
            });
            tick.start().unwrap();
            tick
        }
    });
    in_group.start().unwrap();
    let tick = in_group.into_result().unwrap();
    eventually("the timer does not tick", || (ticks.load(Ordering::Relaxed) >= 5).then_some(()));
    tick.cancel();
    tick.join_timeout(PATIENCE).unwrap();
}

#[test]
fn a_scope_starts_operating_system_threads_of_its_own() {
    let builder = builder(308);
    let sum: u32 = scope(|scope| {
        let threads = [1, 2, 3].map(|it| scope.call_as(builder.clone(), move || it).unwrap());
        threads.into_iter().map(|it| it.into_result().unwrap()).sum()
    });
    assert_eq!(sum, 6);
}

#[test]
fn an_executor_leaves_the_operating_system_threads_of_its_workers_to_the_next() {
    let of_worker = || {
        let executor = Executor::builder().workers(1).stack_size(313 * KIB).recycled(true);
        let executor = executor.name("short").build();
        let task = executor.submit(|| (get_native_id(), current_thread().name()));
        let (native_id, name) = task.into_result().unwrap();
        executor.shutdown().unwrap();
        idle(native_id);
        assert_eq!(name, "short-0");
        native_id
    };
    assert_eq!(of_worker(), of_worker());
}

#[test]
fn an_idle_thread_is_the_librarys_own_and_waits_in_a_record() {
    let ((), thread) = spawn(builder(309), || ());
    let idle = idle(thread.native_id());
    assert_ne!(Some(idle.ident), thread.ident());
    let record = eventually("an idle thread does not wait", || {
        waits().into_iter().find(|it| it.thread.ident == idle.ident)
    });
    assert_eq!(
        (record.name, record.thread.helper),
        (Some("the next thread"), Some("threadwork-idle"))
    );
    assert!(!enumerate().iter().any(|it| it.ident() == Some(idle.ident) || *it == thread));
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn a_thread_that_waits_is_the_programs_own() {
    spawn(builder(310), || ());
    let go = Arc::new(Event::new());
    let its_go = Arc::clone(&go);
    let thread = builder(310).spawn(move || its_go.wait()).unwrap();
    let record = crate::support::blocked(&thread);
    assert_eq!((record.thread.helper, record.thread.native_id), (None, thread.native_id()));
    assert!(!helpers().iter().any(|it| it.native_id == thread.native_id()));
    go.set();
    run(&thread);
}

#[test]
fn every_form_of_join_returns_when_the_runnable_has_returned() {
    let go = Arc::new(Event::new());
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let go = Arc::clone(&go);
            builder(311)
                .spawn_my_thread(move || {
                    go.wait();
                    number
                })
                .unwrap()
        })
        .collect();
    let late = threads[0].join_timeout(Duration::from_millis(1));
    assert!(matches!(late, Err(JoinError::TimedOut)));
    let joiners: Vec<_> = (0..2)
        .map(|_| {
            let handles: Vec<_> = threads.iter().map(|it| it.handle().clone()).collect();
            MyThread::spawn(move || handles.iter().for_each(|it| it.join().unwrap())).unwrap()
        })
        .collect();
    go.set();
    let ended = as_completed(&threads).unwrap();
    assert_eq!(ended.count(), 4);
    joiners.into_iter().for_each(|it| it.into_result().unwrap());
    let results = threads.into_iter().map(|it| it.into_result().unwrap());
    assert_eq!(results.collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn a_thread_that_was_refused_can_be_started() {
    let group = ThreadGroup::new("full");
    group.set_limit(0);
    group.set_recycled(true);
    let thread = group.builder().stack_size(312 * KIB).build(|| ());
    thread.start().unwrap_err();
    group.set_limit(1);
    thread.start().unwrap();
    join(&thread).unwrap();
    let absurd = Thread::builder().recycled(true).stack_size(crate::support::ABSURD_STACK_SIZE);
    let absurd = absurd.build(|| ());
    absurd.start().unwrap_err();
    assert!(!absurd.is_alive());
}
