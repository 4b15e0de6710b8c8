//! Two threads acquire two locks in opposite order. The dump shows the deadlock, the watchdog reports it, and a stop request resolves it.
//!
//! While it runs, `kill -QUIT` also prints a dump.

use std::{error::Error, time::Duration};

use threadwork::{
    Barrier, Event, Lock, StartError, Thread, ThreadGroup, ThreadHandle, Wait, current_stop_token,
    diagnostics::{self, Sighting, Watchdog},
};

static ORDERS: Lock<u32> = Lock::named("orders", 0);
static STOCK: Lock<u32> = Lock::named("stock", 0);
static SEEN: Event = Event::new();

/// Holds one lock and waits for the other, until it is asked to stop.
fn both(first: &Lock<u32>, second: &Lock<u32>, ready: &Barrier) {
    let wait = Wait::forever().or_stop(&current_stop_token());
    let _first = first.acquire();
    if ready.wait().is_ok() && second.acquire_with(&wait).is_err() {
        println!("a thread gives up");
    }
}

fn clerks(shop: &ThreadGroup) -> Result<Vec<ThreadHandle>, StartError> {
    static READY: Barrier = Barrier::new(2);
    let clerks = shop.child("clerks");
    let forth = clerks.builder().build(|| both(&ORDERS, &STOCK, &READY));
    let back = clerks.builder().build(|| both(&STOCK, &ORDERS, &READY));
    let threads: Vec<Thread> = vec![forth.into(), back.into()];
    threads.iter().map(|it| it.start().map(|()| it.handle().clone())).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Err(error) = diagnostics::dump_on_quit() {
        println!("{error}");
    }
    let shop = ThreadGroup::new("shop");
    let guard = Watchdog::new()
        .interval(Duration::from_millis(5))
        .deadlocks()
        .on_sighting(|sighting| {
            if let Sighting::Deadlock(deadlock) = sighting {
                println!("the watchdog sees a deadlock of {} threads", deadlock.edges.len());
                SEEN.set();
            }
        })
        .start()?;
    let clerks = clerks(&shop)?;
    SEEN.wait();
    print!("{}", diagnostics::dump());

    clerks[0].request_stop();
    shop.join_all()?;
    guard.stop();
    println!("deadlocks: {}", diagnostics::find_deadlocks().len());
    Ok(())
}
