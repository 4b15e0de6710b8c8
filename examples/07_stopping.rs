//! A stop request wakes a thread from its sleep; the thread leaves its loop, and its outcome says that it was stopped.

use std::{error::Error, time::Duration};

use threadwork::{
    Event, Runnable, StopCallback, StopRequested, Thread, Wait, checkpoint, current_stop_token,
    sleep,
};

static BEATS: Event = Event::new();

/// Sleeps most of the time; a stop request ends the sleep.
struct Heart {
    beats: u32,
}

impl Runnable for Heart {
    fn run(&mut self) {
        while sleep(Duration::from_millis(2)).is_ok() {
            self.beats += 1;
            BEATS.set();
        }
    }
}

/// Never sleeps, and checks for a stop request now and then.
fn search(needle: u64) -> Result<u64, StopRequested> {
    let mut number: u64 = 1;
    while number != needle {
        checkpoint()?;
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    }
    Ok(number)
}

/// Waits for work and for a stop request at the same time.
fn serve(work: &Event) {
    let work_or_stop = Wait::forever().or_stop(&current_stop_token());
    while work.wait_with(&work_or_stop).is_ok() {
        work.clear();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    static WORK: Event = Event::new();

    let heart = Thread::builder().name("heart").build(Heart { beats: 0 });
    let searcher = Thread::builder().name("searcher").my_thread(search, (0,));
    let server = Thread::builder().name("server").build(|| serve(&WORK));
    // Called by the thread that requests the stop, unless the callback was dropped before.
    let _called = StopCallback::new(&server.stop_token(), || println!("server is asked to stop"));
    heart.start()?;
    searcher.start()?;
    server.start()?;
    WORK.set();
    BEATS.wait();

    for thread in [heart.handle(), searcher.handle(), server.handle()] {
        thread.request_stop();
        thread.join_timeout(Duration::from_secs(60))?;
        println!("{} has ended: {:?}", thread.name(), thread.state());
    }
    println!("the heart has beaten: {}", heart.runnable().is_some_and(|it| it.beats > 0));
    println!("the search: {:?}", searcher.get_result()?);
    Ok(())
}
