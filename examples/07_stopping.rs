//! A thread that is asked to stop wakes from its sleep, leaves its loop, and says how it has ended.

use std::{error::Error, time::Duration};

use threadwork::{
    Event, Runnable, StopCallback, StopRequested, Thread, Wait, checkpoint, current_stop_token,
    sleep,
};

static BEATS: Event = Event::new();

/// Sleeps most of the time.
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

/// Never sleeps: looks now and then whether it shall go on.
fn search(needle: u64) -> Result<u64, StopRequested> {
    let mut number: u64 = 1;
    while number != needle {
        checkpoint()?;
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    }
    Ok(number)
}

/// Waits for work, and for its end, at once.
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
    // Called by whoever asks for the stop, as long as it is not dropped.
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
