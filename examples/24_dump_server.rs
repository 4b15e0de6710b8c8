//! A program that can be looked at from outside while it runs: it serves dumps, and `threadwork-top` shows them as a live table.
//!
//! `dump_server 60` runs for a minute; look at it from another terminal, as the first line says. Without an argument it looks at itself, once.

use std::{
    env,
    error::Error,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use threadwork::{
    Barrier, Lock, Queue, StartError, ThreadGroup, Wait, checkpoint, current_stop_token,
    diagnostics::{Dump, DumpServer, GroupDump, ThreadDump},
    sleep,
};

static ORDERS: Queue<u32> = Queue::bounded(16).named("orders");
static LEDGER: Lock<u64> = Lock::named("ledger", 0);
static STOCK: Lock<u64> = Lock::named("stock", 0);
static DESKS: Barrier = Barrier::new(2).named("desks");

/// Starts a shop. Its auditor holds the ledger and needs the stock, and its buyer holds the stock and needs the ledger.
fn open(shop: &ThreadGroup) -> Result<(), StartError> {
    let tills = shop.child("tills");
    for _ in 0..2 {
        tills.spawn(|| {
            let wait = Wait::forever().or_stop(&current_stop_token());
            while ORDERS.get_with(&wait).is_ok() {}
        })?;
    }
    shop.builder().name("forecast").spawn(|| while checkpoint().is_ok() {})?;
    shop.builder().name("clock").spawn(|| while sleep(Duration::from_secs(1)).is_ok() {})?;

    let office = shop.child("office");
    let both = |name: &str, first: &'static Lock<u64>, second: &'static Lock<u64>| {
        office.builder().name(name).spawn(move || {
            let wait = Wait::forever().or_stop(&current_stop_token());
            let _first = first.acquire();
            // Each has its first lock when they go on.
            if DESKS.wait_with(&wait).is_ok() {
                let _ = second.acquire_with(&wait);
            }
        })
    };
    both("auditor", &LEDGER, &STOCK)?;
    both("buyer", &STOCK, &LEDGER)?;
    let import = || std::fs::read("/no/such/prices").map(drop);
    office.builder().name("import").on_failure(|_, _| ()).start(import)?;
    Ok(())
}

/// Reads a dump as any other program does.
fn look(address: SocketAddr) -> Result<Dump, Box<dyn Error>> {
    Ok(serde_json::from_reader(TcpStream::connect(address)?)?)
}

fn threads(group: &GroupDump) -> Vec<&ThreadDump> {
    let below = group.groups.iter().flat_map(threads);
    group.threads.iter().chain(below).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let stay = env::args().nth(1).map(|it| it.parse()).transpose()?.map(Duration::from_secs);
    let server = DumpServer::tcp(([127, 0, 0, 1], 0)).start()?;
    let address = server.address().expect("it has a port");
    let shop = ThreadGroup::new("shop");
    open(&shop)?;

    if let Some(stay) = stay {
        println!("look at it: cargo run -p threadwork-top -- {address}");
        sleep(stay)?;
    } else {
        let dump = loop {
            let dump = look(address)?;
            let waiting = threads(&dump.root).iter().filter(|it| it.waits_for.is_some()).count();
            // All but the main thread and the forecast wait.
            if waiting == 5 && dump.deadlocks.len() == 1 && dump.faults.failed == 1 {
                break dump;
            }
        };
        for thread in threads(&dump.root).iter().filter(|it| it.name != "MainThread") {
            let waits = thread.waits_for_what().unwrap_or_else(|| "nothing".to_owned());
            println!("{} waits for {waits}", thread.name);
        }
        println!("{} deadlock, {} failure", dump.deadlocks.len(), dump.faults.failed);
    }
    shop.request_stop();
    shop.join_all()?;
    Ok(())
}
