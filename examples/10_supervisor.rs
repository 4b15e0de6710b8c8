//! A supervisor restarts its children when they fail, and gives up when they fail too often.

use std::{
    error::Error,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use threadwork::{
    ChildSpec, Failure, JoinError, Restart, Runnable, Supervisor, Thread, notify_ready, sleep,
};

/// Connects on the third attempt, then serves until it is stopped.
#[derive(Clone)]
struct Client;

static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

impl Runnable for Client {
    fn try_run(&mut self) -> Result<(), Failure> {
        let attempt = ATTEMPTS.fetch_add(1, Ordering::Relaxed) + 1;
        println!("attempt {attempt}");
        if attempt < 3 {
            return Err("no answer".into());
        }
        notify_ready();
        while sleep(Duration::from_millis(1)).is_ok() {}
        println!("the client ends");
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let patient = Supervisor::new()
        .backoff(Duration::from_millis(1), Duration::from_millis(100))
        .add_child(ChildSpec::new("client", Client).tells_when_ready())
        .child("set-up", Restart::Never, || println!("set up once"));
    let handle = patient.handle();
    let thread = Thread::builder().name("patient").build(patient);
    thread.start()?;
    handle.wait_ready()?;
    for child in handle.children() {
        println!("{}: restarted {} times", child.name(), child.restarts());
    }

    handle.add_child(ChildSpec::new("guest", || _ = sleep(Duration::MAX)))?;
    handle.wait_ready()?;
    let guest = handle.child("guest").and_then(|it| it.thread().cloned()).expect("it runs");
    println!("the guest is in the group {:?}", guest.group().map(|it| it.name().to_owned()));
    handle.remove_child("guest")?;
    handle.wait_for(|children| children.len() == 2)?;

    thread.request_stop();
    thread.join()?;
    println!("{} has ended: {:?}", thread.name(), thread.state());

    let impatient = Supervisor::new()
        .at_most(1, Duration::from_secs(60))
        .backoff(Duration::ZERO, Duration::ZERO)
        .child("hopeless", Restart::Always, || panic!("out of paper"));
    let thread = Thread::builder().name("impatient").build(impatient);
    thread.start()?;
    if let Err(JoinError::Failed(failure)) = thread.join() {
        println!("{}", failure.message());
    }
    Ok(())
}
