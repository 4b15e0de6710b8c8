//! Threads that run a function with its arguments (`mtsleepC` of the chapter on Python's `threading`).
//!
//! Two loops sleep for 4 and 2 seconds, or for as long as the arguments say.

use std::{env, error::Error, thread::sleep, time::Duration};

use threadwork::{Thread, diagnostics::ctime};

fn looper(number: usize, seconds: f64) {
    println!("start loop {number} at: {}", ctime());
    sleep(Duration::from_secs_f64(seconds));
    println!("loop {number} done at: {}", ctime());
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
        .map(|(i, seconds)| Thread::with_args(looper, (i, seconds)))
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
