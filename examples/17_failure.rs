//! Work that can fail: its error ends the thread, is told once, and reaches everybody who asks.

use std::{error::Error, num::ParseIntError, time::Duration};

use threadwork::{
    Failure, JoinError, Runnable, ScopeBuilder, ScopeError, Thread, ThreadGroup, Timer,
};

/// Adds up the numbers in a text.
struct Sum {
    text: &'static str,
    total: u32,
}

impl Runnable for Sum {
    fn try_run(&mut self) -> Result<(), Failure> {
        if self.text.is_empty() {
            return Err("there is nothing to add up".into());
        }
        for number in self.text.split(' ') {
            self.total += number.parse::<u32>()?;
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // By default one line on standard error tells of a failure. Joiners get it, with the error inside.
    let sum = Thread::builder().name("sum").build(Sum { text: "1 2 three", total: 0 });
    sum.start()?;
    if let Err(JoinError::Failed(failure)) = sum.join() {
        println!("{failure}");
        println!("not a number: {}", failure.error().is::<ParseIntError>());
    }
    println!("added up so far: {}", sum.runnable().map_or(0, |it| it.total));

    // A handler of the thread, of its group or of the process can tell of it instead.
    let group = ThreadGroup::new("sums");
    group.set_failure_handler(|thread, it| println!("{} says: {}", thread.name(), it.message()));
    let empty = group.builder().build(Sum { text: "", total: 0 });
    empty.start()?;
    println!("joined: {}", empty.join().unwrap_err());

    // Closures may return a result, too: those of threads, of timers and of scopes.
    let tick = group.builder().timer_fallible(Duration::ZERO, || {
        "tick".parse::<u32>()?;
        Ok(())
    });
    tick.start()?;
    let _ = tick.join();
    let beat = Timer::every(Duration::from_secs(3600), || "beat".parse::<u32>().map(drop));
    beat.start()?;
    beat.cancel();

    let text = String::from("four");
    let failed = ScopeBuilder::new().stop_on_failure().run(|scope| {
        let patient = scope.call(|| threadwork::sleep(Duration::from_secs(3600)))?;
        let quiet = Thread::builder().on_failure(|_, _| ());
        scope.start_as(quiet, || text.parse::<u32>().map(drop))?;
        println!("the patient one was stopped: {}", patient.into_result()?.is_err());
        Ok::<(), Box<dyn Error>>(())
    });
    if let Err(ScopeError::Failed(failure)) = failed {
        println!("the other one failed: {}", failure.message());
    }
    Ok(())
}
