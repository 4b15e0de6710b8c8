//! Each thread has a value of its own: one counter is updated without a lock and summed up at the end, another value is inherited.

use std::{
    cell::Cell,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use threadwork::{Local, MyThread, Thread, ThreadGroup};

/// The customer that the current thread works for. A new thread inherits it from the thread that starts it.
static USER: Local<Cell<&str>> =
    Local::inheritable(|| Cell::new("nobody"), |it| Cell::new(it.get()));

fn main() -> Result<(), Box<dyn Error>> {
    let count = Arc::new(Local::new(|| AtomicU64::new(0)));
    let counters = ThreadGroup::new("counters");
    let total = Arc::new(AtomicU64::new(0));
    for _ in 0..3 {
        let (count, total) = (Arc::clone(&count), Arc::clone(&total));
        let work = move || {
            // No other thread writes here.
            (0..1000).for_each(|_| count.with(|it| _ = it.fetch_add(1, Ordering::Relaxed)));
            // The value is dropped when its thread ends.
            total.fetch_add(count.with(|it| it.load(Ordering::Relaxed)), Ordering::Relaxed);
        };
        counters.builder().build(work).start()?;
    }
    counters.join_all()?;
    println!("counted: {}", total.load(Ordering::Relaxed));
    println!("values that are left: {}", count.len());

    USER.set("Guido");
    let heir = MyThread::new(|| USER.get());
    heir.start()?;
    println!("the heir works for {}", heir.wait_result()?);
    USER.set("Ada");
    let thread = Thread::new(|| println!("another one works for {}", USER.get()));
    thread.start()?;
    thread.join()?;
    Ok(())
}
