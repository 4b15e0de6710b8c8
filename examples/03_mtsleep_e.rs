//! A thread type of our own with its own `run` (`mtsleepE` of the chapter on Python's `threading`, its author's favorite).
//!
//! Two loops sleep for 4 and 2 seconds, or for as long as the arguments say.

use std::{env, error::Error, thread::sleep, time::Duration};

use threadwork::{Runnable, Thread, diagnostics::ctime};

/// Where Python subclasses `Thread`, Rust implements `Runnable` and overrides `run`.
struct MyThread {
    number: usize,
    seconds: f64,
}

impl Runnable for MyThread {
    fn run(&mut self) {
        println!("start loop {} at: {}", self.number, ctime());
        sleep(Duration::from_secs_f64(self.seconds));
        println!("loop {} done at: {}", self.number, ctime());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut loops = env::args().skip(1).map(|it| it.parse()).collect::<Result<Vec<f64>, _>>()?;
    if loops.is_empty() {
        loops = vec![4.0, 2.0];
    }

    println!("starting at: {}", ctime());
    let threads: Vec<_> = loops
        .into_iter()
        .enumerate()
        .map(|(number, seconds)| Thread::new(MyThread { number, seconds }))
        .collect();

    for thread in &threads {
        thread.start()?;
    }
    for thread in &threads {
        thread.join()?;
    }
    println!("all DONE at: {}", ctime());
    Ok(())
}
