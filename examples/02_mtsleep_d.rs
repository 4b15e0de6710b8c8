//! Threads that run a callable object (`mtsleepD` of the chapter on Python's `threading`).
//!
//! Two loops sleep for 4 and 2 seconds, or for as long as the arguments say.

use std::{borrow::Cow, env, error::Error, thread::sleep, time::Duration};

use threadwork::{Runnable, Thread, diagnostics::ctime};

/// A function, its arguments and its name in one object.
struct ThreadFunc<F, A> {
    func: F,
    args: A,
    name: &'static str,
}

impl<F, A> Runnable for ThreadFunc<F, A>
where
    F: Fn(A) + Send,
    A: Copy + Send,
{
    fn run(&mut self) {
        (self.func)(self.args);
    }

    fn name(&self) -> Cow<'_, str> {
        self.name.into()
    }
}

fn looper((number, seconds): (usize, f64)) {
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
        .map(|args| Thread::new(ThreadFunc { func: looper, args, name: "looper" }))
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
