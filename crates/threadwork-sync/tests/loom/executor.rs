//! The line of an executor and the place of a job, which are state machines of the crate above: every job that was taken is run once, whatever
//! happens at the same time, and nobody waits beside it.

#![expect(dead_code, reason = "some parts are for reports and for the runnables of threads")]

#[path = "../../../threadwork-core/src/executor/line/lanes.rs"]
mod lanes;
#[path = "../../../threadwork-core/src/executor/line/line.rs"]
mod line;
#[path = "../../../threadwork-core/src/life/cell/place.rs"]
mod place;

use std::{iter, panic::Location};

use loom::{sync::Arc, thread};
use threadwork_sync::{Event, StopSource, Wait, WaitKind, internal::door::Subject};

use self::{
    line::{Line, Next, Put},
    place::Place,
};
use crate::{Data, check};

type Jobs = Line<u32>;

fn subject() -> Subject {
    Subject::of(WaitKind::QueueGet, None, Location::caller())
}

/// What a worker does, from its first job until it leaves. Returns the jobs that it has run.
fn work(line: &Jobs, first: u32, wait: &Wait) -> Vec<u32> {
    let seat = Arc::new(Event::new());
    let (mut run, mut was_called) = (vec![first], false);
    loop {
        match line.next(&seat, was_called, || false) {
            Next::Run(job) => {
                run.push(job);
                was_called = false;
            }
            Next::Leave => return run,
            Next::Wait => {
                let is_stopped = seat.wait_as(&subject(), wait).is_err();
                if is_stopped && line.stand_up(&seat) {
                    // Another worker would run these in its place.
                    run.extend(iter::from_fn(|| line.leave(false)));
                    return run;
                }
                seat.wait();
                seat.clear();
                was_called = true;
            }
        }
    }
}

/// A line with one worker, which has the first job.
fn with_worker(backlog: usize) -> (Arc<Jobs>, thread::JoinHandle<Vec<u32>>) {
    let line = Arc::new(Line::new(1, backlog));
    assert!(matches!(line.put(0, 1), Put::Start(1)));
    let inside = Arc::clone(&line);
    let worker = thread::spawn(move || work(&inside, 1, &Wait::forever()));
    (line, worker)
}

#[test]
fn a_job_that_is_submitted_while_the_executor_shuts_down_is_run_or_refused() {
    check(3, || {
        let (line, worker) = with_worker(usize::MAX);
        let inside = Arc::clone(&line);
        let closing = thread::spawn(move || inside.close());
        let is_taken = match line.put(0, 2) {
            Put::Taken => true,
            Put::Closed => false,
            _ => unreachable!("there is a worker, and room"),
        };
        closing.join().unwrap();
        line.wait_for_leaving(&subject(), &Wait::forever()).unwrap();
        let expected = if is_taken { vec![1, 2] } else { vec![1] };
        assert_eq!(worker.join().unwrap(), expected);
    });
}

#[test]
fn a_job_is_taken_from_the_line_once_by_a_worker_or_by_a_shutdown() {
    check(3, || {
        let (line, worker) = with_worker(usize::MAX);
        let inside = Arc::clone(&line);
        let cancelling = thread::spawn(move || {
            inside.close();
            inside.take_pending()
        });
        let is_taken = matches!(line.put(0, 2), Put::Taken);
        let mut all = worker.join().unwrap();
        all.extend(cancelling.join().unwrap());
        let expected = if is_taken { vec![1, 2] } else { vec![1] };
        assert_eq!(all, expected);
    });
}

#[test]
fn two_jobs_that_meet_a_worker_which_goes_idle_are_both_run() {
    check(3, || {
        let (line, worker) = with_worker(usize::MAX);
        let inside = Arc::clone(&line);
        let other = thread::spawn(move || assert!(matches!(inside.put(0, 2), Put::Taken)));
        assert!(matches!(line.put(0, 3), Put::Taken));
        other.join().unwrap();
        line.close();
        let mut run = worker.join().unwrap();
        run.sort_unstable();
        assert_eq!(run, [1, 2, 3]);
    });
}

/// There is room only while the worker is idle.
#[test]
fn whoever_waits_for_room_gets_it_from_a_worker_that_goes_idle() {
    check(2, || {
        let (line, worker) = with_worker(0);
        let room = Arc::new(Event::new());
        while !matches!(line.put_or_wait(0, 2, Some(&room)), Put::Taken) {
            room.wait();
            room.clear();
        }
        line.close();
        assert_eq!(worker.join().unwrap(), [1, 2]);
    });
}

/// A job that meets the stop of an idle worker is given to that one, or to another one in its place.
#[test]
fn a_job_that_meets_the_stop_of_an_idle_worker_is_not_lost() {
    check(3, || {
        let line = Arc::new(Line::new(1, usize::MAX));
        let stop = Arc::new(StopSource::new());
        assert!(matches!(line.put(0, 1), Put::Start(1)));
        let inside = Arc::clone(&line);
        let wait = Wait::forever().or_stop(&stop.token());
        let worker = thread::spawn(move || work(&inside, 1, &wait));
        let stopping = thread::spawn(move || stop.request_stop());
        let mut run = match line.put(0, 2) {
            Put::Taken => Vec::new(),
            Put::Start(job) => vec![job],
            _ => unreachable!("there is room"),
        };
        stopping.join().unwrap();
        line.close();
        run.extend(worker.join().unwrap());
        run.sort_unstable();
        assert_eq!(run, [1, 2]);
    });
}

/// A job, with a number that two threads must not use without an order between them.
struct Job {
    place: Place,
    function: Data,
}

impl Job {
    /// Runs the job or gives it up, unless somebody else has, and drops it if the owner is gone. Returns `true` if it was here.
    fn end(&self) -> bool {
        let is_here = self.place.begin();
        if is_here {
            self.function.add_one();
            if !self.place.finish() {
                self.function.add_one();
            }
        }
        is_here
    }
}

#[test]
fn a_job_that_is_cancelled_while_it_starts_is_run_or_cancelled() {
    check(3, || {
        let job = Arc::new(Job { place: Place::new(), function: Data::default() });
        assert!(job.place.lend());
        let ends = || {
            let job = Arc::clone(&job);
            thread::spawn(move || job.end())
        };
        let (starting, cancelling) = (ends(), ends());
        // The owner drops its end meanwhile: whoever has the function last drops it.
        if job.place.abandon() {
            job.function.add_one();
        }
        assert!(starting.join().unwrap() ^ cancelling.join().unwrap());
        assert_eq!(job.function.get(), 2, "used once and dropped once");
    });
}
