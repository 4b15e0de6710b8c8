//! Functions that run later: once, again and again, or not at all.

use std::{error::Error, time::Duration};

use threadwork::{Latch, Period, Thread, Timer, current_thread};

static TICKS: Latch = Latch::new(3);

fn hello(whom: &str) {
    println!("hello, {whom}, from {}", current_thread().name());
}

fn tick() {
    // The first three are counted.
    if TICKS.count_down(1).is_ok() {
        println!("tick");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let timer = Timer::with_args(Duration::from_secs(1), hello, ("Guido",));
    timer.start()?;
    println!("waiting: {}", timer.is_alive());
    timer.join()?;
    println!("waiting: {}", timer.is_alive());

    let never = Timer::new(Duration::from_secs(3600), || println!("an hour later"));
    never.start()?;
    println!("cancelled: {}", never.cancel());
    never.join()?;
    println!("cancelled again: {}", never.cancel());

    let beat =
        Thread::builder().name("beat").every(Period::FixedRate(Duration::from_millis(50)), tick);
    beat.start()?;
    TICKS.wait();
    beat.cancel();
    beat.join()?;

    // The end of the program waits for pending timers, unless they are daemons.
    Thread::builder().name("tea").timer(Duration::from_secs(1), || hello("tea")).start()?;
    Thread::builder().daemon(true).timer(Duration::from_secs(3600), || hello("nobody")).start()?;
    println!("end");
    Ok(())
}
