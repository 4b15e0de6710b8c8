//! Runnables that are started several times, each thread with its own copy.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use threadwork_core::{Prototype, Runnable, Thread};

use crate::support::{join, run};

#[derive(Clone)]
struct Job {
    own: u32,
    shared: Arc<AtomicU32>,
}

impl Job {
    fn new() -> Job {
        Job { own: 0, shared: Arc::default() }
    }
}

impl Runnable for Job {
    fn run(&mut self) {
        self.own += 1;
        self.shared.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_boxed_prototype_is_started_again_from_a_clone() {
    let job = Job::new();
    let shared = Arc::clone(&job.shared);
    let prototype: Box<dyn Prototype> = Box::new(job);
    for round in 1..=3 {
        run(&Thread::new(prototype.clone())).unwrap();
        assert_eq!(shared.load(Ordering::Relaxed), round);
    }
}

#[test]
fn each_thread_changes_a_copy_and_not_the_prototype() {
    let job = Job::new();
    let threads = Thread::replicate(&job, 3);
    assert_eq!(threads.len(), 3);
    threads.iter().for_each(|it| it.start().unwrap());
    for thread in &threads {
        join(thread).unwrap();
        assert_eq!(thread.runnable().unwrap().own, 1);
    }
    assert_eq!(job.own, 0);
    assert_eq!(job.shared.load(Ordering::Relaxed), 3);
}

#[test]
fn a_boxed_prototype_is_replicated() {
    let job = Job::new();
    let shared = Arc::clone(&job.shared);
    let prototype: Box<dyn Prototype> = Box::new(job);
    let threads: Vec<Thread> =
        Thread::replicate(&prototype, 4).into_iter().map(Thread::from).collect();
    threads.iter().for_each(|it| it.start().unwrap());
    threads.iter().for_each(|it| join(it).unwrap());
    assert_eq!(shared.load(Ordering::Relaxed), 4);
    assert!(threads.iter().all(|it| it.name().ends_with(" (Job)")));
    assert!(Thread::replicate(&prototype, 0).is_empty());
}

#[test]
fn a_runnable_that_has_run_can_be_cloned_and_run_again() {
    let thread = Thread::new(Job::new());
    run(&thread).unwrap();
    let again = Thread::new(thread.runnable().unwrap().clone());
    run(&again).unwrap();
    assert_eq!(again.runnable().unwrap().own, 2);
    assert_eq!(thread.runnable().unwrap().own, 1);
}

#[test]
fn a_closure_that_can_be_cloned_is_a_prototype() {
    let count = Arc::new(AtomicU32::new(0));
    let inside = Arc::clone(&count);
    let prototype: Box<dyn Prototype> =
        Box::new(move || _ = inside.fetch_add(1, Ordering::Relaxed));
    assert_eq!(prototype.name(), "<closure>");
    for thread in Thread::replicate(&prototype, 2) {
        run(&thread).unwrap();
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_copy_is_made_and_dropped_for_each_thread() {
    let shared = Arc::new(AtomicU32::new(0));
    let job = Job { own: 0, shared: Arc::clone(&shared) };
    let threads = Thread::replicate(&job, 5);
    assert_eq!(Arc::strong_count(&shared), 7);
    drop(threads);
    assert_eq!(Arc::strong_count(&shared), 2);
}
