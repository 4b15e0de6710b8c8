//! A group lists, limits, stops and joins its threads together, and has one handler for their panics.

use std::{error::Error, time::Duration};

use threadwork::{StartError, ThreadGroup, sleep};

fn main() -> Result<(), Box<dyn Error>> {
    let server = ThreadGroup::new("server");
    let readers = server.child("readers");
    let writers = server.child("writers");
    server.set_panic_handler(|thread, panic| {
        println!("{} failed: {}", thread.name(), panic.message());
    });
    readers.set_limit(2);

    let work = || while sleep(Duration::from_millis(1)).is_ok() {};
    for _ in 0..2 {
        readers.builder().build(work).start()?;
    }
    writers.builder().build(work).start()?;
    let one_too_many = readers.builder().build(work);
    if let Err(error @ StartError::GroupFull { .. }) = one_too_many.start() {
        println!("{error}");
    }
    for thread in server.list() {
        println!("{}", thread.name());
    }

    let failing = writers.builder().build(|| panic!("the disk is full"));
    failing.start()?;
    failing.join().unwrap_err();

    let late = server.join_all_timeout(Duration::from_millis(1));
    println!("{} threads are alive", late.unwrap_err().alive().len());
    server.request_stop();
    server.join_all()?;
    println!("{} threads are alive", server.count());
    Ok(())
}
