//! Scoped threads borrow local variables. If one of them panics, the others are asked to stop.

use std::{error::Error, time::Duration};

use threadwork::{Runnable, ScopeBuilder, ScopeError, Thread, sleep};

/// Counts the words of a line that it borrows.
struct Counter<'a> {
    line: &'a str,
    n_words: usize,
}

impl Runnable for Counter<'_> {
    fn run(&mut self) {
        self.n_words = self.line.split(' ').count();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = String::from("threads as objects\nfor Rust\nwith the guarantees of Rust");

    let n_words = threadwork::scope(|scope| {
        let counters: Result<Vec<_>, _> =
            text.lines().map(|line| scope.start(Counter { line, n_words: 0 })).collect();
        let counters = counters?.into_iter().map(|it| it.into_result());
        Ok::<usize, Box<dyn Error>>(counters.map(|it| it.map_or(0, |it| it.n_words)).sum())
    })?;
    println!("{n_words} words");

    let failed =
        ScopeBuilder::new().stop_on_panic().timeout(Duration::from_secs(60)).run(|scope| {
            let patient = Thread::builder().name("patient");
            let patient = scope.call_as(patient, || sleep(Duration::from_secs(3600)))?;
            scope.call(|| assert!(text.is_empty(), "there is text"))?;
            println!("the patient one was stopped: {}", patient.into_result()?.is_err());
            Ok::<(), Box<dyn Error>>(())
        });
    if let Err(ScopeError::Panicked(panic)) = failed {
        println!("the other one panicked: {}", panic.message());
    }
    Ok(())
}
