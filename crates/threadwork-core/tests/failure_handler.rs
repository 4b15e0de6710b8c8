//! The handler of the process for failures. These tests have their own process and take turns, and they run themselves as programs to see
//! what is printed.

use std::sync::Arc;

use threadwork_core::{
    Failure, Thread, ThreadGroup, ThreadHandle, default_failure_handler, failure_handler,
    set_failure_handler,
};
use threadwork_sync::Lock;
use threadwork_test_support::program::Program;

static TURN: Lock<()> = Lock::new(());

fn run_failing(thread: &Thread) {
    thread.start().unwrap();
    thread.join().unwrap_err();
}

fn parser() -> Thread {
    Thread::builder().name("parser").build(|| Err::<(), _>("no input")).into()
}

/// Returns what the program says on standard error.
#[track_caller]
fn said(program: Program) -> String {
    let ended = program.run();
    assert!(ended.status.success(), "{ended:#?}");
    ended.stderr
}

#[test]
fn without_a_handler_one_line_has_thread_and_message() {
    assert_eq!(said(Program::new(|| run_failing(&parser()))), "thread 'parser' failed: no input\n");
}

#[test]
fn the_line_has_the_present_name_and_the_sources_of_the_error() {
    let program = Program::new(|| {
        let thread = Thread::builder().name("old").build(|| -> Result<(), Failure> {
            threadwork_core::current_thread().set_name("new")?;
            let inner = parser();
            inner.start()?;
            inner.join()?;
            Ok(())
        });
        run_failing(&thread.into());
    });
    let lines =
        "thread 'parser' failed: no input\nthread 'new' failed: thread 'parser' failed: no input\n";
    assert_eq!(said(program), lines);
}

#[test]
fn a_handler_that_panics_is_reported_itself() {
    let line = line!() + 2;
    let program = Program::new(|| {
        set_failure_handler(|_, _| panic!("the handler"));
        run_failing(&parser());
    });
    let said = said(program);
    let report =
        format!("Exception in threadwork failure handler: the handler ({}:{line}:", file!());
    assert_eq!(said.matches(&report).count(), 1, "{said}");
}

type Calls = Arc<Lock<Vec<(ThreadHandle, String)>>>;

fn keep(calls: &Calls) -> impl Fn(&ThreadHandle, &Failure) + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    move |thread, failure| calls.acquire().push((thread.clone(), failure.message().to_owned()))
}

#[test]
fn the_handler_of_the_process_is_called_if_there_is_no_other() {
    let _turn = TURN.acquire();
    let calls = Calls::default();
    set_failure_handler(keep(&calls));
    let parser = parser();
    run_failing(&parser);
    assert_eq!(*calls.acquire(), [(parser.handle().clone(), "no input".to_owned())]);

    let group = ThreadGroup::new("without a handler");
    run_failing(&group.builder().build(|| Err::<(), _>("of a group")).into());
    assert_eq!(calls.acquire().len(), 2);
    group.set_failure_handler(|_, _| ());
    run_failing(&group.builder().build(|| Err::<(), _>("of a group")).into());
    run_failing(&Thread::builder().on_failure(|_, _| ()).build(|| Err::<(), _>("own")).into());
    run_failing(&Thread::builder().on_panic(|_, _| ()).build(|| panic!("a panic")).into());
    assert_eq!(calls.acquire().len(), 2);

    let finished = Thread::new(|| Ok::<(), Failure>(()));
    finished.start().unwrap();
    finished.join().unwrap();
    assert_eq!(calls.acquire().len(), 2);
}

#[test]
fn a_handler_can_call_the_one_before_it_and_the_default_can_be_set_again() {
    let _turn = TURN.acquire();
    let (first, second) = (Calls::default(), Calls::default());
    set_failure_handler(keep(&first));
    let before = failure_handler();
    let after = keep(&second);
    set_failure_handler(move |thread, failure| {
        before(thread, failure);
        after(thread, failure);
    });
    run_failing(&parser());
    assert_eq!([first.acquire().len(), second.acquire().len()], [1, 1]);
    set_failure_handler(default_failure_handler);
    run_failing(&parser());
    assert_eq!([first.acquire().len(), second.acquire().len()], [1, 1]);
}
