//! Downloads from an HTTP server, at most three at a time. Results are handled in the order in which they arrive.
//!
//! The server is a thread of the program, so that nothing else has to run.

use std::{error::Error, net::SocketAddr, sync::Arc};

use threadwork::{Semaphore, Task, as_completed};

use self::server::Server;

mod client;
mod server;

const AT_ONCE: usize = 3;

fn download(address: SocketAddr, path: String, seats: &Semaphore) -> Result<usize, String> {
    // Dropping the permit releases it, however this function ends.
    let _seat = seats.acquire();
    match client::get(address, &path) {
        Ok(body) => Ok(body.len()),
        Err(error) => Err(format!("{path}: {error}")),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let address = server.address();
    let seats = Arc::new(Semaphore::new(AT_ONCE).named("downloads"));

    let mut tasks = Vec::new();
    for size in [100, 200, 300, 400, 500, 600, 700, 800] {
        let seats = Arc::clone(&seats);
        tasks.push(Task::spawn(move || download(address, format!("/bytes/{size}"), &seats))?);
    }
    let missing = Arc::clone(&seats);
    tasks.push(Task::spawn(move || download(address, "/nowhere".to_owned(), &missing))?);

    let mut total = 0;
    for task in as_completed(&tasks)? {
        match task.get_result()? {
            Ok(size) => total += size,
            Err(error) => println!("{error}"),
        }
    }
    println!("{total} bytes in {} files", tasks.len() - 1);

    let most = server.stop()?;
    assert!((1..=AT_ONCE).contains(&most));
    println!("never more than {AT_ONCE} at a time: {}", most <= AT_ONCE);
    Ok(())
}
