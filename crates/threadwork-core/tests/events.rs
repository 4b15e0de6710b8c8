//! Spans and events, as a subscriber sees them. These tests have their own process, because all threads share one subscriber.
//!
//! Each test looks only at its own threads, so several tests can share the process.

#[path = "events/capture.rs"]
mod capture;
#[path = "events/supervisors.rs"]
mod supervisors;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_core::{
    JoinError, MyThread, ResultError, Runnable, StartError, Thread, ThreadHandle, ThreadState,
    enumerate,
    events::{ENDED, STARTED, TARGET},
};
use threadwork_sync::{Event, Lock, WaitKind, get_ident, waits};
use threadwork_test_support::patience::{PATIENCE, until};
use tracing::{Level, info, info_span};

use crate::capture::{Fields, GATE, LATE, Seen, Uses, capture};

type Join = fn(&ThreadHandle) -> Result<(), JoinError>;

/// Starts and joins.
#[track_caller]
fn run<T: ?Sized>(thread: &Thread<T>) -> Result<(), JoinError> {
    capture();
    thread.start().unwrap();
    if let Err(JoinError::TimedOut) = thread.join_timeout(PATIENCE) {
        panic!("{thread:?} does not end; waiting now: {:#?}", waits());
    }
    thread.join()
}

/// Calls `is_so` until it returns `true`. Panics after a time limit.
#[track_caller]
fn eventually(is_so: impl FnMut() -> bool) {
    let complaint =
        fmt::from_fn(|it| write!(it, "time limit exceeded; waiting now: {:#?}", waits()));
    until(complaint, is_so);
}

fn fields<const N: usize>(fields: [(&'static str, String); N]) -> Fields {
    fields.into()
}

/// Returns the events of the start and the end of a thread.
#[track_caller]
fn start_and_end(thread: &ThreadHandle) -> [Seen; 2] {
    let [started, ended] = capture().events_of(thread).try_into().expect("two events");
    assert_eq!([started.name, ended.name], [STARTED, ENDED]);
    assert_eq!([started.target, ended.target], [TARGET; 2]);
    [started, ended]
}

#[test]
fn the_names_are_the_documented_ones() {
    assert_eq!([TARGET, STARTED, ENDED], ["threadwork::thread", "thread.started", "thread.ended"]);
}

#[test]
fn a_thread_is_a_span_with_name_ident_and_daemon() {
    for daemon in [true, false] {
        let name = format!("span of daemon {daemon}");
        let thread = Thread::builder().name(&name).daemon(daemon).build(|| ());
        assert!(capture().spans_of(&name).is_empty(), "there is no span before the start");
        run(&thread).unwrap();
        let [(_, span, uses)] = capture().spans_of(&name).try_into().expect("one span");
        assert_eq!((span.name, span.target, span.level), ("thread", TARGET, Level::INFO));
        let ident = thread.ident().unwrap().to_string();
        let expected = [("thread", name), ("ident", ident), ("daemon", daemon.to_string())];
        assert_eq!(span.fields, fields(expected));
        assert_eq!(span.ident, get_ident(), "the starter makes the span");
        assert_eq!(uses, Uses { entered: 1, exited: 1, closed: 1 }, "when the join returns");
    }
}

#[test]
fn the_parent_of_a_thread_is_the_span_in_which_it_was_started() {
    capture();
    let outside = Thread::builder().name("outside").build(|| ());
    run(&outside).unwrap();
    assert_eq!(capture().spans_of("outside")[0].1.within, None);

    let built_outside = Thread::builder().name("inside").build(|| {
        run(&Thread::builder().name("innermost").build(|| ())).unwrap();
    });
    let span = info_span!("request");
    span.in_scope(|| run(&built_outside).unwrap());
    let (inside, seen, _) = capture().spans_of("inside")[0].clone();
    assert_eq!(seen.within, span.id().map(|it| it.into_u64()));
    assert_eq!(capture().spans_of("innermost")[0].1.within, Some(inside));
}

#[test]
fn what_happens_in_a_thread_happens_in_its_span() {
    let thread = Thread::builder().name("speaks").build(|| info!(target: "test", "inside"));
    run(&thread).unwrap();
    let (span, ..) = capture().spans_of("speaks")[0].clone();
    let events = capture().events_of(&thread);
    assert_eq!(events.len(), 3);
    assert_eq!(events[1].fields["message"], "inside");
    assert!(events.iter().all(|it| it.within == Some(span)));
}

#[test]
fn a_thread_says_when_it_starts_and_when_it_ends() {
    let inside = Arc::new(Lock::new(Duration::ZERO));
    let measured = Arc::clone(&inside);
    let thread = Thread::builder().name("loop").daemon(false).build(move || {
        let since = Instant::now();
        (0..1000).for_each(|_| std::thread::yield_now());
        *measured.acquire() = since.elapsed();
    });
    let since = Instant::now();
    run(&thread).unwrap();
    let outside = since.elapsed();

    let [started, mut ended] = start_and_end(&thread);
    let ident = thread.ident().unwrap().to_string();
    let common = || {
        let [name, ident] = ["loop".to_owned(), ident.clone()];
        [("name", name), ("ident", ident), ("daemon", "false".into()), ("verbose", "true".into())]
    };
    assert_eq!(started.level, Level::INFO);
    let [name, number, daemon, verbose] = common();
    let message = ("message", "thread started".to_owned());
    assert_eq!(started.fields, fields([name, number, daemon, verbose, message]));

    assert_eq!(ended.level, Level::INFO);
    let elapsed: f64 = ended.fields.remove("elapsed").unwrap().parse().unwrap();
    let (inside, outside) = (inside.acquire().as_secs_f64(), outside.as_secs_f64());
    assert!((inside..=outside).contains(&elapsed), "{inside} {elapsed} {outside}");
    let cpu = ended.fields.remove("cpu").map(|it| it.parse::<f64>().unwrap());
    assert_eq!(
        cpu.is_some(),
        cfg!(all(unix, not(threadwork_portable))),
        "where the operating system has it"
    );
    assert!(cpu.is_none_or(|it| (0.0..=outside).contains(&it)), "{cpu:?} {outside}");
    let [name, number, daemon, verbose] = common();
    let message = ("message", "thread finished".to_owned());
    let outcome = ("outcome", "finished".to_owned());
    assert_eq!(ended.fields, fields([name, number, daemon, verbose, message, outcome]));
}

#[test]
fn the_run_time_does_not_include_the_time_before_the_run() {
    let thread = Thread::builder().name("late").build(|| ());
    let since = Instant::now();
    run(&thread).unwrap();
    let [_, ended] = start_and_end(&thread);
    let elapsed = Duration::from_secs_f64(ended.fields["elapsed"].parse().unwrap());
    assert!(elapsed <= since.elapsed().saturating_sub(LATE), "{elapsed:?}");
}

#[test]
fn the_end_of_a_thread_that_panicked_is_an_error_with_the_message() {
    let thread = Thread::builder().name("fails").daemon(true).build(|| panic!("line {}", 7));
    run(&thread).unwrap_err();
    let [started, ended] = start_and_end(&thread);
    assert_eq!([started.level, ended.level], [Level::INFO, Level::ERROR]);
    assert_eq!(ended.fields["outcome"], "panicked");
    assert_eq!(ended.fields["panic"], "line 7");
    assert_eq!(ended.fields["message"], "thread panicked");
    assert_eq!(ended.fields["daemon"], "true");
    assert_eq!(ended.fields["name"], "fails");
    assert_eq!(ended.fields["verbose"], "true");
    assert!(ended.fields["elapsed"].parse::<f64>().unwrap() >= 0.0);
    assert!(!started.fields.contains_key("outcome"));
}

#[test]
fn the_end_of_a_thread_that_failed_is_an_error_with_the_message() {
    let thread = Thread::builder().name("fails").build(|| Err::<(), _>("no paper"));
    run(&thread).unwrap_err();
    let [started, ended] = start_and_end(&thread);
    assert_eq!([started.level, ended.level], [Level::INFO, Level::ERROR]);
    assert_eq!(ended.fields["outcome"], "failed");
    assert_eq!(ended.fields["failure"], "no paper");
    assert_eq!(ended.fields["message"], "thread failed");
    assert!(!ended.fields.contains_key("panic"));
    assert!(ended.fields["elapsed"].parse::<f64>().unwrap() >= 0.0);
}

#[test]
fn a_panic_in_the_drop_of_a_runnable_is_part_of_the_end() {
    struct Fragile(Arc<Event>);
    impl Runnable for Fragile {
        fn run(&mut self) {
            self.0.wait();
        }
    }
    impl Drop for Fragile {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }

    capture();
    let gate = Arc::new(Event::new());
    let thread = Thread::new(Fragile(Arc::clone(&gate)));
    let handle = thread.handle().clone();
    thread.start().unwrap();
    drop(thread);
    gate.set();
    handle.join().unwrap_err();
    assert_eq!(start_and_end(&handle)[1].fields["panic"], "in the drop");
}

#[test]
fn events_say_whether_the_thread_is_verbose() {
    for verbose in [true, false] {
        let thread = Thread::builder().verbose(verbose).build(|| ());
        run(&thread).unwrap();
        for event in start_and_end(&thread) {
            assert_eq!(event.fields["verbose"], verbose.to_string());
        }
    }
}

#[test]
fn each_event_has_the_name_of_its_time() {
    let thread = Thread::builder().name("before").build(|| {
        threadwork_core::current_thread().set_name("after").unwrap();
    });
    run(&thread).unwrap();
    let names = start_and_end(&thread).map(|it| it.fields["name"].clone());
    assert_eq!(names, ["before", "after"]);
}

#[test]
fn the_event_of_the_end_comes_before_any_join_returns() {
    capture();
    let mut thread = Thread::builder().name("held up").my_thread(|| 7, ());
    thread.start().unwrap();
    let joins: [Join; 2] = [|it| it.join(), |it| it.join_timeout(Duration::from_secs(1000))];
    let joiners = joins.map(|join| {
        let handle = thread.handle().clone();
        MyThread::new(move || join(&handle).map(|()| capture().events_of(&handle).len()))
    });
    joiners.iter().for_each(|it| it.start().unwrap());
    // The subscriber blocks the ending thread, and the joiners wait for that thread.
    let expected = [
        (thread.ident(), WaitKind::Event),
        (joiners[0].ident(), WaitKind::Join),
        (joiners[1].ident(), WaitKind::Join),
    ];
    let give_up = Instant::now() + PATIENCE;
    while !expected.iter().all(|&(ident, kind)| {
        waits().iter().any(|it| Some(it.thread.ident) == ident && it.kind == kind)
    }) {
        assert!(Instant::now() < give_up, "not all wait: {:#?}", waits());
        std::thread::yield_now();
    }
    assert!(thread.is_alive() && enumerate().contains(&thread));
    assert!(thread.runnable().is_none(), "the run is over, but the thread has not ended");
    assert!(matches!(thread.get_result(), Err(ResultError::StillRunning)));
    assert!(matches!(thread.take_result(), Err(ResultError::StillRunning)));
    GATE.set();
    for joiner in joiners {
        joiner.join().unwrap();
        assert_eq!(joiner.get_result().unwrap().clone().unwrap(), 2);
    }
}

#[test]
fn a_subscriber_may_call_the_library() {
    let thread = Thread::builder().name("looks around").build(|| ());
    run(&thread).unwrap();
    start_and_end(&thread);
}

#[test]
fn a_refused_thread_emits_no_events_and_its_span_is_closed() {
    capture();
    let thread = Thread::builder().name("refused").stack_size(usize::MAX >> 4).build(|| ());
    for _ in 0..2 {
        assert!(matches!(thread.start(), Err(StartError::Os(_))));
    }
    assert!(matches!(thread.join(), Err(JoinError::NotStarted)));
    let spans = capture().spans_of("refused");
    assert_eq!(spans.len(), 2);
    for (_, span, uses) in spans {
        assert_eq!(uses, Uses { entered: 0, exited: 0, closed: 1 });
        let ident = span.fields["ident"].clone();
        assert!(!enumerate().iter().any(|it| it.ident().is_some_and(|it| it.to_string() == ident)));
    }
}

#[test]
fn a_start_that_is_a_mistake_makes_no_span() {
    capture();
    let thread = Thread::builder().name("too small").stack_size(1).build(|| ());
    thread.start().unwrap_err();
    assert!(capture().spans_of("too small").is_empty());
    let thread = Thread::builder().name("once").build(|| ());
    run(&thread).unwrap();
    thread.start().unwrap_err();
    assert_eq!(capture().spans_of("once").len(), 1);
}

#[track_caller]
fn check_unharmed(name: &str) {
    let finishes = Thread::builder().name(name).my_thread(|| 7, ());
    run(&finishes).unwrap();
    assert_eq!(finishes.get_result().unwrap(), &7);
    assert_eq!(finishes.state(), ThreadState::Finished);
    assert!(!enumerate().contains(&finishes));

    let panics = Thread::builder().name(name).build(|| panic!("its own"));
    let Err(JoinError::Panicked(panic)) = run(&panics) else { panic!("no panic") };
    assert_eq!(panic.message(), "its own");
    assert_eq!(panics.state(), ThreadState::Panicked);
    assert!(!enumerate().contains(&panics));
    for thread in [finishes.handle(), panics.handle()] {
        assert_eq!(capture().events_of(thread).len(), 2, "both events are emitted");
    }
}

#[test]
fn a_subscriber_that_panics_harms_neither_a_thread_nor_its_joiners() {
    for on in ["enter", "event", "exit", "close"] {
        check_unharmed(&format!("panics on {on}"));
    }
}

#[test]
fn a_subscriber_that_panics_in_every_call_does_no_harm() {
    check_unharmed("panics on enter and event and exit and close");
}

#[test]
fn a_subscriber_that_panics_when_a_span_is_made_leaves_the_thread_without_one() {
    let thread = Thread::builder().name("panics on new").build(|| ());
    run(&thread).unwrap();
    assert!(capture().spans_of("panics on new").is_empty());
    assert!(start_and_end(&thread).iter().all(|it| it.within.is_none()));
    check_unharmed("panics on new and enter and event and exit and close");
}

#[test]
fn a_subscriber_that_panics_when_a_thread_is_refused_leaves_it_as_it_was() {
    capture();
    let thread = Thread::builder().name("panics on close").stack_size(usize::MAX >> 4).build(|| ());
    for _ in 0..2 {
        assert!(matches!(thread.start(), Err(StartError::Os(_))));
        assert_eq!((thread.state(), thread.ident()), (ThreadState::New, None));
        assert!(enumerate().iter().all(|it| it != thread.handle()));
    }
    assert!(thread.into_runnable().is_ok());
}
