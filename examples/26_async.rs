//! An async program that leaves to threads what blocks: its tasks await events, queues, permits, results and the ends of threads.
//!
//! The executor is tokio's. Any other works as well.

use std::{error::Error, time::Duration};

use threadwork::{Event, MyThread, Queue, Semaphore, Sender, Task, Thread};
use tokio::{select, time::timeout};

static OPENED: Event = Event::new().named("opened");
static SEATS: Semaphore = Semaphore::new(2).named("seats");

/// Reads pages, as slowly as from a disk.
fn read(pages: &Sender<Queue<&'static str>>) {
    std::thread::sleep(Duration::from_millis(5));
    OPENED.set();
    for page in ["locks", "events", "queues"] {
        std::thread::sleep(Duration::from_millis(5));
        if pages.put(page).is_err() {
            return;
        }
    }
}

/// Counts in a thread, since that takes long. At most two such threads run at a time.
async fn count(page: &'static str) -> Result<usize, Box<dyn Error>> {
    let _seat = SEATS.acquire_async().await;
    let task = Task::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        page.len()
    })?;
    // A task of this library is a future.
    Ok(task.await?)
}

/// Waits for a thread for a while, then stops it.
async fn give_up() -> Result<(), Box<dyn Error>> {
    let endless = Thread::spawn(|| while threadwork::sleep(Duration::from_secs(1)).is_ok() {})?;
    let in_time = timeout(Duration::from_millis(20), endless.join_async()).await;
    println!("the endless thread has ended in time: {}", in_time.is_ok());
    endless.request_stop();
    endless.join_async().await?;
    println!("and when it was asked to: {:?}", endless.state());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sender, pages) = Queue::bounded(2).named("pages").split();
    // The sender is dropped when the thread ends, which ends the loop below.
    let reader = Thread::builder().name("reader").spawn(move || read(&sender))?;
    select! {
        () = OPENED.wait_async() => println!("opened"),
        ended = reader.join_async() => return Err(format!("it has ended already: {ended:?}").into()),
    }
    let mut total = 0;
    while let Ok(page) = pages.get_async().await {
        let length = count(page).await?;
        println!("{page}: {length}");
        total += length;
    }
    reader.join_async().await?;
    assert_eq!(total, 17);

    // The result of a function with its arguments, which stays in its thread.
    let product = MyThread::with_args(|n: u64| (1..=n).product::<u64>(), (10,));
    product.start()?;
    println!("10! = {}", product.wait_result_async().await?);
    give_up().await
}
