//! Different runnables side by side, and one runnable in several threads.

use std::error::Error;

use threadwork::{Prototype, Runnable, Thread, current_thread};

struct Greeter {
    whom: String,
}

impl Runnable for Greeter {
    fn run(&mut self) {
        println!("hello, {}", self.whom);
    }
}

struct Squares(Vec<u32>);

impl Runnable for Squares {
    fn run(&mut self) {
        self.0.iter_mut().for_each(|it| *it *= *it);
        println!("squares: {:?}", self.0);
    }
}

/// Uses the default `run`, which does nothing.
struct Idle;

impl Runnable for Idle {}

/// `Clone` makes it a prototype, which can be started more than once.
#[derive(Clone)]
struct Tick {
    count: u32,
}

impl Runnable for Tick {
    fn run(&mut self) {
        self.count += 1;
        println!("{}: {}", current_thread().name(), self.count);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let threads: Vec<Thread> = vec![
        Greeter { whom: "Guido".to_owned() }.into(),
        Squares(vec![1, 2, 3]).into(),
        Thread::builder().name("idle").build(Idle).into(),
    ];
    for thread in &threads {
        thread.start()?;
        thread.join()?;
        println!("{} has ended: {:?}", thread.name(), thread.state());
    }

    // Each thread runs a copy, so the prototype's count does not change.
    let prototype: Box<dyn Prototype> = Box::new(Tick { count: 0 });
    for (i, thread) in Thread::replicate(&prototype, 3).iter().enumerate() {
        thread.set_name(format!("tick {i}"))?;
        thread.start()?;
        thread.join()?;
    }
    Ok(())
}
