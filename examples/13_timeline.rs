//! A chart of which thread waits for which: writes a page for the browser and a trace for `ui.perfetto.dev`.
//!
//! Takes the folder for the two files as its argument; the default is the system's temporary folder.

use std::{
    env,
    error::Error,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork::{
    Condition, Event, Lock, Restart, Semaphore, Supervisor, Thread,
    diagnostics::{Timeline, TimelineLayer},
};
use tracing_subscriber::layer::SubscriberExt;

const DISHES: usize = 6;

/// The number of dishes that are ready, and a condition that announces changes.
static READY: Lock<usize> = Lock::named("dishes", 0);
static COOKED: Condition = Condition::new().named("cooked");
static OPEN: Event = Event::new().named("open");
static GLASSES: AtomicU32 = AtomicU32::new(0);

fn cook(stoves: &Semaphore) {
    OPEN.wait();
    for dish in 0..DISHES / 2 {
        let stove = stoves.acquire();
        let cooking = tracing::info_span!("cook", dish);
        cooking
            .in_scope(|| threadwork::sleep(Duration::from_millis(20)))
            .expect("nobody says stop");
        drop(stove);
        let mut ready = READY.acquire();
        *ready += 1;
        COOKED.notify(&ready, 1);
    }
}

fn serve() {
    OPEN.wait();
    for dish in 0..DISHES {
        let mut ready = READY.acquire();
        COOKED.wait_for(&mut ready, |it| it.checked_sub(1).map(|rest| **it = rest));
        drop(ready);
        tracing::info_span!("serve", dish)
            .in_scope(|| std::thread::sleep(Duration::from_millis(3)));
    }
    panic!("the last guest has left without paying");
}

/// Breaks a glass twice, and is started again. The page shows the three threads in one row.
fn wash() {
    OPEN.wait();
    threadwork::sleep(Duration::from_millis(15)).expect("nobody says stop");
    assert!(GLASSES.fetch_add(1, Ordering::Relaxed) >= 2, "a glass is broken");
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map_or_else(env::temp_dir, PathBuf::from);
    let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
    tracing::subscriber::set_global_default(subscriber)?;
    let timeline = Timeline::start()?;

    let stove = Arc::new(Semaphore::new(1).named("stove"));
    let mut threads: Vec<Thread> = vec![Thread::builder().name("waiter").build(serve).into()];
    for name in ["cook 1", "cook 2"] {
        let stove = stove.clone();
        threads.push(Thread::builder().name(name).build(move || cook(&stove)).into());
    }
    let chief = Supervisor::new().child("dishwasher", Restart::OnPanic, wash);
    threads.push(Thread::builder().name("chief").build(chief).into());
    for thread in &threads {
        thread.start()?;
    }
    threadwork::sleep(Duration::from_millis(10))?;
    OPEN.set();
    for thread in &threads {
        if let Err(error) = thread.join() {
            println!("{error}");
        }
    }

    let recording = timeline.stop();
    let (page, trace) = (folder.join("timeline.html"), folder.join("timeline.json"));
    recording.save_html(&page)?;
    recording.save_chrome(&trace)?;
    println!("for the browser: {}", page.display());
    println!("for ui.perfetto.dev: {}", trace.display());
    Ok(())
}
