//! Functions that are called for every thread: when it panics, before and after it runs, and in the thread that starts it.

use std::{cell::RefCell, error::Error, sync::Arc, time::Duration};

use threadwork::{Moment, MyThread, Thread};

thread_local! {
    /// The customer that the current thread works for.
    static USER: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> Result<(), Box<dyn Error>> {
    threadwork::set_excepthook(|thread, panic| {
        println!("{} failed: {}", thread.name(), panic.message());
    });
    threadwork::set_trace(Some(Arc::new(|thread, moment| {
        let what = match moment {
            Moment::BeforeRun => "runs",
            Moment::Panicked(_) => "has panicked",
            Moment::Failed(_) => "has failed",
            _ => "has returned",
        };
        println!("{} {what}", thread.name());
    })));
    threadwork::set_profile(Some(Arc::new(|thread, moment, spent| {
        if matches!(moment, Moment::AfterRun) {
            let slept = spent.wall >= Duration::from_millis(20);
            println!("{} has taken its time: {slept}", thread.name());
        }
    })));
    threadwork::add_spawn_hook(|_| {
        let user = USER.with_borrow(String::clone);
        move || USER.set(user)
    });

    USER.set("Guido".to_owned());
    let sleeper = Thread::builder().name("sleeper").build(|| {
        std::thread::sleep(Duration::from_millis(20));
    });
    sleeper.start()?;
    sleeper.join()?;

    let failing = Thread::builder().name("failing").build(|| panic!("out of paper"));
    failing.start()?;
    failing.join().unwrap_err();

    threadwork::set_trace(None);
    threadwork::set_profile(None);
    let asked = MyThread::new(|| USER.with_borrow(String::clone));
    asked.start()?;
    println!("the new thread works for {}", asked.wait_result()?);
    Ok(())
}
