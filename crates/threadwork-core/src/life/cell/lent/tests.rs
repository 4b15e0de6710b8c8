//! Functions that are lent: whatever becomes of them, they are gone before what they borrow.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
};

use super::*;

/// Counts the drops of those that borrow it, while it is alive.
struct Borrowed<'a>(&'a AtomicU32);

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

type Function = Box<dyn FnOnce() + Send>;

/// A thread that lives longer than the scopes that send functions to it.
fn worker() -> (mpsc::Sender<Function>, thread::JoinHandle<()>) {
    let (sender, jobs) = mpsc::channel::<Function>();
    let run = move || jobs.iter().for_each(|job| _ = catch_unwind(AssertUnwindSafe(job)));
    (sender, thread::spawn(run))
}

#[test]
fn a_function_borrows_and_is_waited_for() {
    let (jobs, thread) = worker();
    for _ in 0..100 {
        let (drops, mut words) = (AtomicU32::new(0), vec![String::from("one")]);
        let returned = lending(|lender| {
            let (borrowed, words) = (Borrowed(&drops), &mut words);
            let lent = lender.lend(move || {
                words.push(String::from("two"));
                drop(borrowed);
            });
            jobs.send(Box::new(|| lent.call())).unwrap();
            7
        });
        assert_eq!((returned, drops.into_inner()), (7, 1));
        assert_eq!(words, ["one", "two"]);
    }
    drop(jobs);
    thread.join().unwrap();
}

#[test]
fn a_function_that_panics_is_gone_before_its_loan_ends() {
    let (jobs, thread) = worker();
    let drops = AtomicU32::new(0);
    lending(|lender| {
        let borrowed = Borrowed(&drops);
        let lent = lender.lend(move || {
            let _borrowed = borrowed;
            panic!("out of paper")
        });
        jobs.send(Box::new(|| lent.call())).unwrap();
    });
    assert_eq!(drops.into_inner(), 1);
    drop(jobs);
    thread.join().unwrap();
}

#[test]
fn a_function_that_is_not_called_is_waited_for_until_it_is_dropped() {
    let (jobs, thread) = worker();
    let drops = AtomicU32::new(0);
    lending(|lender| {
        let borrowed = Borrowed(&drops);
        let lent = lender.lend(move || drop(borrowed));
        jobs.send(Box::new(|| drop(lent))).unwrap();
    });
    assert_eq!(drops.into_inner(), 1);
    drop(jobs);
    thread.join().unwrap();
}

#[test]
fn a_panic_waits_for_the_functions_too() {
    let (jobs, thread) = worker();
    let drops = AtomicU32::new(0);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        lending(|lender| {
            let borrowed = Borrowed(&drops);
            let lent = lender.lend(move || {
                (0..100).for_each(|_| thread::yield_now());
                drop(borrowed);
            });
            jobs.send(Box::new(|| lent.call())).unwrap();
            panic!("out of paper")
        })
    }));
    assert!(unwound.is_err());
    assert_eq!(drops.into_inner(), 1);
    drop(jobs);
    thread.join().unwrap();
}

#[test]
fn a_function_may_lend_others_but_not_after_the_end() {
    let (jobs, thread) = worker();
    let count = AtomicU32::new(0);
    let late = lending(|lender| {
        let (inner, count, again) = (lender.clone(), &count, jobs.clone());
        let lent = lender.lend(move || {
            let lent = inner.lend(move || _ = count.fetch_add(1, Ordering::Relaxed));
            again.send(Box::new(|| lent.call())).unwrap();
        });
        jobs.send(Box::new(|| lent.call())).unwrap();
        lender.clone()
    });
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| late.lend(|| ()))).is_err());
    drop(jobs);
    thread.join().unwrap();
}
