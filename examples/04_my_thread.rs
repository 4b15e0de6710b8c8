//! Threads that keep their results and print when they start and end (`myThread` of the chapter on Python's `threading`).
//!
//! Runs three functions one after the other, then each in a thread of its own.

use std::{error::Error, thread::sleep, time::Duration};

use threadwork::{Thread, diagnostics};

/// Slows the functions down, so that the threads overlap.
const A_LITTLE: Duration = Duration::from_millis(5);

fn fibonacci(n: u64) -> u64 {
    sleep(A_LITTLE / 5);
    if n < 2 { 1 } else { fibonacci(n - 2) + fibonacci(n - 1) }
}

fn factorial(n: u64) -> u64 {
    sleep(A_LITTLE);
    if n < 2 { 1 } else { n * factorial(n - 1) }
}

fn sum(n: u64) -> u64 {
    sleep(A_LITTLE);
    if n < 2 { 1 } else { n + sum(n - 1) }
}

fn main() -> Result<(), Box<dyn Error>> {
    type Function = fn(u64) -> u64;
    let functions: [(&str, Function); 3] =
        [("fibonacci", fibonacci), ("factorial", factorial), ("sum", sum)];
    let n = 12;

    println!("*** SINGLE THREAD");
    for (name, function) in functions {
        println!("starting {name} at: {}", diagnostics::ctime());
        println!("{}", function(n));
        println!("{name} finished at: {}", diagnostics::ctime());
    }

    println!("*** MULTIPLE THREADS");
    diagnostics::init()?;
    let threads =
        functions.map(|(name, function)| Thread::builder().name(name).my_thread(function, (n,)));
    for thread in &threads {
        thread.start()?;
    }
    for thread in &threads {
        thread.join()?;
        println!("{}", thread.get_result()?);
    }
    println!("all DONE");
    Ok(())
}
