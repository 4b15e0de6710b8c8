//! User types that contain a thread and dereference to it.

use std::ops::Deref;

use threadwork_core::{
    Call, MyThread, Runnable, StartError, Thread, ThreadHandle, ThreadState, enumerate,
};

use crate::support::{join, run};

/// Counts up to a limit. In Python this would be a subclass of `Thread`.
struct Counter {
    thread: Thread<Count>,
}

struct Count {
    limit: u32,
    reached: u32,
}

impl Runnable for Count {
    fn run(&mut self) {
        while self.reached < self.limit {
            self.reached += 1;
        }
    }
}

impl Counter {
    fn new(limit: u32) -> Counter {
        let thread = Thread::builder().name("counter").build(Count { limit, reached: 0 });
        Counter { thread }
    }

    fn reached(&self) -> Option<u32> {
        self.runnable().map(|it| it.reached)
    }
}

impl Deref for Counter {
    type Target = Thread<Count>;

    fn deref(&self) -> &Thread<Count> {
        &self.thread
    }
}

#[test]
fn a_type_that_contains_a_thread_has_the_methods_of_a_thread() {
    let counter = Counter::new(3);
    assert_eq!(counter.name(), "counter");
    counter.set_name("renamed").unwrap();
    counter.set_daemon(false).unwrap();
    assert!(!counter.is_daemon());
    assert_eq!(counter.state(), ThreadState::New);
    assert_eq!(counter.reached(), None);
    counter.start().unwrap();
    join(&counter).unwrap();
    assert_eq!(counter.reached(), Some(3));
    assert!(!counter.is_alive() && counter.outcome().is_some());
    assert!(counter.ident().is_some());
    assert!(!counter.stop_requested());
    assert!(!enumerate().contains(&counter));
    assert!(matches!(counter.start(), Err(StartError::AlreadyStarted)));
    assert_eq!(format!("{:?}", *counter), format!("{:?}", counter.handle()));
}

#[test]
fn every_kind_of_thread_can_be_passed_as_a_handle() {
    fn describe(thread: &ThreadHandle) -> (String, bool) {
        (thread.name(), thread.is_alive())
    }

    let thread = Thread::builder().name("thread").build(|| ());
    let my_thread = Thread::builder().name("my_thread").my_thread(|| 7, ());
    let erased: Thread = Thread::builder().name("erased").build(|| ()).into();
    let counter = Counter::new(1);
    assert_eq!(describe(&thread), ("thread".into(), false));
    assert_eq!(describe(&my_thread), ("my_thread".into(), false));
    assert_eq!(describe(&erased), ("erased".into(), false));
    assert_eq!(describe(&counter), ("counter".into(), false));
    assert_eq!(describe(thread.handle()), ("thread".into(), false));
}

#[test]
fn a_handle_outlives_the_thread_object() {
    let handle = {
        let counter = Counter::new(3);
        run(&counter).unwrap();
        counter.handle().clone()
    };
    assert_eq!(handle.name(), "counter");
    assert_eq!(handle.state(), ThreadState::Finished);
    handle.join().unwrap();
}

/// The type of the field can be written, because the function is a plain one.
struct Download {
    thread: MyThread<fn() -> usize, usize>,
}

impl Deref for Download {
    type Target = MyThread<fn() -> usize, usize>;

    fn deref(&self) -> &Self::Target {
        &self.thread
    }
}

#[test]
fn a_type_that_contains_a_my_thread_has_its_result() {
    let download = Download { thread: MyThread::new(|| 7) };
    run(&download).unwrap();
    assert_eq!(download.get_result().unwrap(), &7);
    assert_eq!(download.wait_result().unwrap(), &7);
    assert_eq!(download.runnable().and_then(Call::result), Some(&7));
}

#[test]
fn user_types_that_contain_threads_fit_in_one_list() {
    let threads: Vec<Box<dyn Deref<Target = Thread<Count>>>> =
        vec![Box::new(Counter::new(1)), Box::new(Counter::new(2))];
    threads.iter().for_each(|it| it.start().unwrap());
    threads.iter().for_each(|it| join(it).unwrap());
    let reached: Vec<_> = threads.iter().map(|it| it.runnable().unwrap().reached).collect();
    assert_eq!(reached, [1, 2]);
}
