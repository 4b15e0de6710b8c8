//! `Runnable`: what a thread runs, and the runnable after the run.

use std::borrow::Cow;

use threadwork_core::{Failure, JoinError, Outcome, Runnable, Thread, ThreadState};

use crate::support::{blocked, join, run};

#[derive(Debug, Default, PartialEq)]
struct Sum {
    numbers: Vec<u64>,
    total: u64,
}

impl Runnable for Sum {
    fn run(&mut self) {
        self.total = self.numbers.iter().sum();
    }
}

fn sum() -> Thread<Sum> {
    Thread::new(Sum { numbers: vec![1, 2, 3], total: 0 })
}

#[test]
fn a_run_that_is_not_overridden_does_nothing() {
    struct Idle(u32);
    impl Runnable for Idle {}

    let thread = Thread::new(Idle(7));
    run(&thread).unwrap();
    assert_eq!(thread.runnable().unwrap().0, 7);
}

#[test]
fn what_run_has_written_can_be_read_by_reference() {
    let thread = sum();
    run(&thread).unwrap();
    assert_eq!(thread.runnable().unwrap().total, 6);
    assert_eq!(thread.runnable().unwrap().numbers, [1, 2, 3]);
}

#[test]
fn what_run_has_written_can_be_taken_by_value() {
    let thread = sum();
    run(&thread).unwrap();
    let sum = thread.into_runnable().expect("the thread has ended");
    assert_eq!(sum, Sum { numbers: vec![1, 2, 3], total: 6 });
}

#[test]
fn what_run_has_written_can_be_changed_afterwards() {
    let mut thread = sum();
    run(&thread).unwrap();
    thread.runnable_mut().unwrap().total += 1;
    assert_eq!(thread.runnable().unwrap().total, 7);
}

#[test]
fn a_runnable_can_be_changed_and_taken_back_before_the_start() {
    let mut thread = sum();
    assert!(thread.runnable().is_none(), "it cannot be read before the end");
    thread.runnable_mut().unwrap().numbers.push(4);
    let sum = thread.into_runnable().expect("the thread is not started");
    assert_eq!(sum, Sum { numbers: vec![1, 2, 3, 4], total: 0 });
}

#[test]
fn a_runnable_cannot_be_reached_while_its_thread_is_alive() {
    let gate = std::sync::Arc::new(threadwork_sync::Event::new());
    let waiting = std::sync::Arc::clone(&gate);
    let mut thread = Thread::new(move || waiting.wait());
    thread.start().unwrap();
    blocked(&thread);
    assert!(thread.runnable().is_none());
    assert!(thread.runnable_mut().is_none());
    let handle = thread.handle().clone();
    let thread = thread.into_runnable().err().expect("the thread is alive");
    assert_eq!(*thread.handle(), handle, "the thread is given back");
    gate.set();
    join(&thread).unwrap();
    assert!(thread.into_runnable().is_ok());
}

#[test]
fn a_runnable_is_left_as_it_was_when_it_panicked() {
    struct Fails(u32);
    impl Runnable for Fails {
        fn run(&mut self) {
            self.0 += 1;
            panic!("on purpose");
        }
    }

    let thread = Thread::new(Fails(6));
    run(&thread).unwrap_err();
    assert_eq!(thread.runnable().unwrap().0, 7);
    assert_eq!(thread.into_runnable().ok().unwrap().0, 7);
}

#[test]
fn a_closure_is_a_runnable_and_keeps_what_it_captures() {
    let mut count = 0;
    let thread = Thread::new(move || {
        count += 1;
        assert_eq!(count, 1);
    });
    run(&thread).unwrap();
    let mut again = thread.into_runnable().expect("the thread has ended");
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut again)).is_err();
    assert!(panics, "the count continues from one");
}

#[test]
fn a_plain_function_is_a_runnable() {
    fn work() {}
    let pointer: fn() = work;
    run(&Thread::new(work)).unwrap();
    run(&Thread::new(pointer)).unwrap();
}

#[test]
fn a_boxed_runnable_runs_what_is_in_the_box() {
    let runnables: Vec<Box<dyn Runnable>> = vec![
        Box::new(Sum { numbers: vec![1], total: 0 }),
        Box::new(|| ()),
        Box::new(Box::new(|| ()) as Box<dyn Runnable>),
    ];
    let names: Vec<_> = runnables.iter().map(|it| it.name().into_owned()).collect();
    assert_eq!(names, ["Sum", "<closure>", "<closure>"]);
    for runnable in runnables {
        run(&Thread::new(runnable)).unwrap();
    }

    let panics: Box<dyn Runnable> = Box::new(|| panic!("from inside the box"));
    let error = run(&Thread::new(panics)).unwrap_err();
    assert!(error.to_string().ends_with("panicked: from inside the box"));
}

#[test]
fn different_runnables_are_read_through_one_type() {
    trait Report: Runnable {
        fn report(&self) -> String;
    }
    impl Report for Sum {
        fn report(&self) -> String {
            self.total.to_string()
        }
    }
    struct Reporting(Box<dyn Report>);
    impl Runnable for Reporting {
        fn run(&mut self) {
            self.0.run();
        }
    }

    let mut thread = Thread::new(Reporting(Box::new(Sum { numbers: vec![3, 4], total: 0 })));
    run(&thread).unwrap();
    assert_eq!(thread.runnable_mut().unwrap().0.report(), "7");
}

#[test]
fn the_default_name_of_a_runnable_is_its_type() {
    struct Generic<T>(T);
    impl<T: Send> Runnable for Generic<T> {}
    struct Named(String);
    impl Runnable for Named {
        fn name(&self) -> Cow<'_, str> {
            Cow::Borrowed(&self.0)
        }
    }

    assert_eq!(Sum::default().name(), "Sum");
    assert_eq!(Generic(Some(1_u8)).name(), "Generic<Option<u8>>");
    assert_eq!(Runnable::name(&|| ()), "<closure>");
    assert_eq!(Named("download".into()).name(), "download");
    assert!(Thread::new(Generic(String::new())).name().ends_with(" (Generic<String>)"));
    assert!(Thread::new(Named("download".into())).name().ends_with(" (download)"));
    assert!(sum().name().starts_with("Thread-"));
}

#[test]
fn a_runnable_can_be_run_without_a_thread() {
    let mut thread = sum();
    thread.runnable_mut().unwrap().run();
    assert_eq!(thread.runnable_mut().unwrap().total, 6);
    assert_eq!(thread.ident(), None);
    run(&thread).unwrap();
    assert_eq!(thread.runnable().unwrap().total, 6);
}

/// Work that fails as it was told.
struct Fails(&'static str);

impl Runnable for Fails {
    fn try_run(&mut self) -> Result<(), Failure> {
        Err(self.0.into())
    }
}

fn failure_of(thread: impl Into<Thread>) -> Failure {
    let thread = thread.into();
    thread.start().unwrap();
    let Err(JoinError::Failed(failure)) = thread.join() else { panic!("it has not failed") };
    assert_eq!(thread.state(), ThreadState::Failed);
    assert_eq!(thread.outcome(), Some(Outcome::Failed(failure.clone())));
    failure
}

#[test]
fn an_error_is_the_failure_of_the_thread() {
    let thread = Thread::builder().name("loop").build(Fails("no paper"));
    let failure = failure_of(thread);
    assert_eq!((failure.message(), failure.thread_name()), ("no paper", Some("loop")));
    assert_eq!(failure.to_string(), "thread 'loop' failed: no paper");
    let boxed: Box<dyn Runnable> = Box::new(Fails("no ink"));
    assert_eq!(failure_of(boxed).message(), "no ink");
}

#[test]
fn closures_may_return_nothing_or_a_result() {
    fn job() {}
    fn never() -> ! {
        std::panic::resume_unwind(Box::new("it never returns"))
    }
    let threads: Vec<Thread> = vec![
        Thread::new(|| ()).into(),
        Thread::new(job).into(),
        Thread::new(|| -> std::io::Result<()> { Ok(()) }).into(),
        Thread::new(|| Ok::<(), String>(())).into(),
        Thread::new(|| Ok::<(), Failure>(())).into(),
    ];
    for thread in &threads {
        thread.start().unwrap();
        thread.join().unwrap();
    }
    let panics = Thread::new(never);
    panics.start().unwrap();
    assert!(matches!(panics.join(), Err(JoinError::Panicked(_))));
    let denied = || -> std::io::Result<()> { Err(std::io::ErrorKind::PermissionDenied.into()) };
    let failure = failure_of(Thread::new(denied));
    let error: &std::io::Error = failure.error().downcast_ref().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn a_failure_that_is_handed_on_names_both_threads() {
    let inner = failure_of(Thread::builder().name("inner").build(Fails("no paper")));
    let mut hand_on = Some(inner);
    let outer = Thread::builder().name("outer").build(move || hand_on.take().map_or(Ok(()), Err));
    let failure = failure_of(outer);
    assert_eq!(failure.to_string(), "thread 'outer' failed: thread 'inner' failed: no paper");
}
