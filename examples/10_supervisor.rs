//! A supervisor restarts its children when they fail, and gives up when they fail too often.

use std::{
    error::Error,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use threadwork::{JoinError, Restart, Runnable, Supervisor, Thread, sleep};

/// Connects on the third attempt, then serves until it is stopped.
#[derive(Clone)]
struct Client;

static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
static SERVES: threadwork::Event = threadwork::Event::new();

impl Runnable for Client {
    fn run(&mut self) {
        let attempt = ATTEMPTS.fetch_add(1, Ordering::Relaxed) + 1;
        println!("attempt {attempt}");
        assert!(attempt >= 3, "no answer");
        SERVES.set();
        while sleep(Duration::from_millis(1)).is_ok() {}
        println!("the client ends");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let patient = Supervisor::new()
        .backoff(Duration::from_millis(1), Duration::from_millis(100))
        .child("client", Restart::OnPanic, Client)
        .child("set-up", Restart::Never, || println!("set up once"));
    let thread = Thread::builder().name("patient supervisor").build(patient);
    thread.start()?;
    SERVES.wait();
    thread.request_stop();
    thread.join()?;
    println!("{} has ended: {:?}", thread.name(), thread.state());

    let impatient = Supervisor::new()
        .at_most(1, Duration::from_secs(60))
        .backoff(Duration::ZERO, Duration::ZERO)
        .child("hopeless", Restart::Always, || panic!("out of paper"));
    let thread = Thread::builder().name("impatient supervisor").build(impatient);
    thread.start()?;
    if let Err(JoinError::Panicked(panic)) = thread.join() {
        println!("{}", panic.message());
    }
    Ok(())
}
