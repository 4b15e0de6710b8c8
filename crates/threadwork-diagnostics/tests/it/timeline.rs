//! Timelines of real threads.

use std::{
    cell::RefCell,
    io::{self, Write},
    thread,
};

use serde_json::Value;
use threadwork_core::{MyThread, Thread};
use threadwork_diagnostics::{Recording, Timeline, TimelineLayer};
use threadwork_sync::{Event, Lock, Semaphore, waits};
use tracing_subscriber::layer::SubscriberExt;

use crate::program::Program;

fn install_layer() {
    let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

pub(crate) fn trace(recording: &Recording) -> Vec<Value> {
    let mut text = Vec::new();
    recording.write_chrome(&mut text).unwrap();
    let trace: Value = serde_json::from_slice(&text).unwrap();
    trace["traceEvents"].as_array().unwrap().clone()
}

/// The names of the tracks.
pub(crate) fn names(trace: &[Value]) -> Vec<&str> {
    let names = trace.iter().filter(|it| it["name"] == "thread_name");
    names.map(|it| it["args"]["name"].as_str().unwrap()).collect()
}

#[track_caller]
pub(crate) fn track<'a>(trace: &'a [Value], thread: &str) -> Vec<&'a Value> {
    let is_name = |it: &&Value| it["name"] == "thread_name" && it["args"]["name"] == thread;
    let tid =
        &trace.iter().find(is_name).unwrap_or_else(|| panic!("no {thread}: {trace:#?}"))["tid"];
    trace.iter().filter(|it| it["tid"] == *tid && it["ph"] != "M").collect()
}

/// The first event with this name on the track of the thread.
#[track_caller]
fn event<'a>(trace: &'a [Value], thread: &str, name: &str) -> &'a Value {
    let track = track(trace, thread);
    let event = track.iter().find(|it| it["name"] == name);
    event.unwrap_or_else(|| panic!("no {name} in {track:#?}"))
}

fn wait_until_blocked(name: &str) {
    while !waits().iter().any(|it| it.name == Some(name)) {
        thread::yield_now();
    }
}

#[test]
fn lives_waits_spans_and_wake_ups_of_threads_are_recorded() {
    let program = Program::new(|| {
        static READY: Event = Event::new().named("ready");
        install_layer();
        let timeline = Timeline::start().unwrap();
        let thread = Thread::builder().name("first name").build(|| {
            tracing::info_span!("work", order = 17).in_scope(|| READY.wait());
            threadwork_core::current_thread().set_name("loop").unwrap();
        });
        let waker = Thread::builder().name("waker").build(|| {
            wait_until_blocked("ready");
            READY.set();
        });
        thread.start().unwrap();
        waker.start().unwrap();
        thread.join().unwrap();
        waker.join().unwrap();
        let recording = timeline.stop();
        assert_eq!(recording.n_dropped(), 0);
        assert_eq!(recording.n_spans(), 1);
        assert!(recording.n_wake_ups() >= 1);

        let trace = trace(&recording);
        assert_eq!(event(&trace, "loop", "life")["args"]["outcome"], "finished");
        assert_eq!(event(&trace, "loop", "work")["args"]["fields"], "order = 17");
        let wait = event(&trace, "loop", "event ready");
        assert!(wait["args"]["location"].as_str().unwrap().contains("tests/it/timeline.rs:"));
        assert_eq!(event(&trace, "loop", "wakes up")["args"]["by"], "waker");
        let [leaves, arrives] = ["waker", "loop"].map(|it| track(&trace, it));
        let start = leaves.iter().find(|it| it["ph"] == "s").unwrap();
        assert!(arrives.iter().any(|it| it["ph"] == "f" && it["id"] == start["id"]));
    });
    program.run().lines();
}

#[test]
fn a_snapshot_shows_what_is_not_over() {
    let program = Program::new(|| {
        static NEVER: Event = Event::new().named("never");
        install_layer();
        let timeline = Timeline::start().unwrap();
        let thread = Thread::builder().daemon(true).name("stuck").build(|| {
            tracing::info_span!("work").in_scope(|| NEVER.wait());
        });
        thread.start().unwrap();
        wait_until_blocked("never");
        for recording in [timeline.snapshot(), timeline.stop()] {
            let trace = trace(&recording);
            for name in ["life", "work", "event never"] {
                assert_eq!(event(&trace, "stuck", name)["ph"], "B");
            }
        }
    });
    program.run().lines();
}

#[test]
fn without_the_layer_there_are_waits_and_the_names_of_the_operating_system() {
    let program = Program::new(|| {
        static LOCK: Lock<()> = Lock::named("lock", ());
        let timeline = Timeline::start().unwrap();
        let guard = LOCK.acquire();
        let thread = Thread::builder().name("of ours").build(|| drop(LOCK.acquire()));
        let other = thread::Builder::new().name("of others".into());
        let other = other.spawn(|| drop(LOCK.acquire())).unwrap();
        thread.start().unwrap();
        while waits().iter().filter(|it| it.name == Some("lock")).count() < 2 {
            thread::yield_now();
        }
        drop(guard);
        thread.join().unwrap();
        other.join().unwrap();
        let trace = trace(&timeline.stop());
        for name in ["of ours", "of others"] {
            assert_eq!(event(&trace, name, "life")["args"]["outcome"], "gone");
            event(&trace, name, "lock lock");
        }
    });
    program.run().lines();
}

#[test]
fn a_thread_that_waits_for_a_semaphore_in_its_last_destructors_is_recorded() {
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            LAST.acquire().forget();
        }
    }
    thread_local! {
        static DROPS: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    static BEFORE: Event = Event::new().named("before");
    static FIRST: Event = Event::new().named("first");
    static LAST: Semaphore = Semaphore::new(0).named("last");

    let program = Program::new(|| {
        let thread = thread::Builder::new().name("leaving".into()).spawn(|| {
            // Thread-local values are dropped in the reverse order of their making. The record of waits is made first and dropped last;
            // the recorder's value is made last and dropped first.
            BEFORE.wait();
            DROPS.set(Some(Last));
            let timeline = Timeline::start().unwrap();
            FIRST.wait();
            timeline
        });
        // Each wait is woken only once it has blocked.
        let blocked = |name| {
            while !waits().iter().any(|it| it.name == Some(name)) {
                thread::yield_now();
            }
        };
        blocked("before");
        BEFORE.set();
        blocked("first");
        FIRST.set();
        blocked("last");
        LAST.release(1).unwrap();
        let timeline = thread.unwrap().join().unwrap();
        let trace = trace(&timeline.stop());
        event(&trace, "leaving", "event first");
        event(&trace, "leaving", "semaphore last");
    });
    program.run().lines();
}

#[test]
fn a_failure_is_recorded_with_its_message() {
    let program = Program::new(|| {
        install_layer();
        let timeline = Timeline::start().unwrap();
        let thread = Thread::builder().name("loop").build(|| Err::<(), _>("no\ninput"));
        thread.start().unwrap();
        thread.join().unwrap_err();
        let trace = trace(&timeline.stop());
        let life = &event(&trace, "loop", "life")["args"];
        assert_eq!((&life["outcome"], &life["failure"]), (&"failed".into(), &"no\ninput".into()));
        assert_eq!(event(&trace, "loop", "failed: no\ninput")["ph"], "i");
    });
    program.run().lines();
}

#[test]
fn a_panic_is_recorded_with_its_message() {
    let program = Program::new(|| {
        install_layer();
        let timeline = Timeline::start().unwrap();
        let thread = Thread::builder().name("loop").build(|| panic!("no\ninput"));
        thread.start().unwrap();
        thread.join().unwrap_err();
        let trace = trace(&timeline.stop());
        assert_eq!(event(&trace, "loop", "life")["args"]["outcome"], "panicked");
        assert_eq!(event(&trace, "loop", "panicked: no\ninput")["ph"], "i");
    });
    program.run().lines();
}

#[test]
fn nothing_is_recorded_between_two_recordings() {
    let program = Program::new(|| {
        install_layer();
        let work = || {
            let event = Event::new().named("work");
            thread::scope(|scope| {
                scope.spawn(|| {
                    wait_until_blocked("work");
                    event.set();
                });
                event.wait();
            });
            tracing::info_span!("work").in_scope(|| ());
        };
        work();
        let timeline = Timeline::start().unwrap();
        work();
        let recording = timeline.stop();
        assert_eq!((recording.n_waits(), recording.n_spans()), (1, 1));
        work();
        drop(Timeline::start().unwrap());
        let recording = Timeline::start().unwrap().stop();
        assert_eq!((recording.n_waits(), recording.n_spans()), (0, 0));
        let timeline = Timeline::start().unwrap();
        work();
        assert_eq!(timeline.stop().n_waits(), 1);
    });
    program.run().lines();
}

#[test]
fn no_more_threads_are_kept_than_the_limit_allows() {
    let program = Program::new(|| {
        install_layer();
        let timeline = Timeline::builder().threads(5).events_per_thread(2).start().unwrap();
        for number in 0..20 {
            let thread = MyThread::new(move || {
                for _ in 0..number {
                    tracing::info_span!("work").in_scope(|| ());
                }
            });
            thread.set_name(format!("thread {number}")).unwrap();
            thread.start().unwrap();
            thread.wait_result().unwrap();
            thread.join().unwrap();
        }
        let recording = timeline.stop();
        let trace = trace(&recording);
        let names = names(&trace);
        assert!(recording.n_threads() <= 7, "{names:?}");
        assert!(names.contains(&"thread 19") && !names.contains(&"thread 3"), "{names:?}");
        assert!(recording.n_spans() <= 10 && recording.n_dropped() > 0);
    });
    program.run().lines();
}

#[test]
fn fields_that_are_set_later_are_recorded_too() {
    let program = Program::new(|| {
        install_layer();
        let timeline = Timeline::start().unwrap();
        let span = tracing::info_span!("work", order = 17, result = tracing::field::Empty);
        span.record("result", "done");
        span.in_scope(|| ());
        let trace = trace(&timeline.stop());
        let work = trace.iter().find(|it| it["name"] == "work").unwrap();
        assert_eq!(work["args"]["fields"], "order = 17, result = \"done\"");
    });
    program.run().lines();
}

/// A writer with room for this number of bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failure_to_write_is_an_error_that_names_the_file() {
    let program = Program::new(|| {
        let recording = Timeline::start().unwrap().stop();
        for room in [0, 100] {
            assert_eq!(
                recording.write_html(Full(room)).unwrap_err().kind(),
                io::ErrorKind::StorageFull
            );
            assert_eq!(
                recording.write_chrome(Full(room)).unwrap_err().kind(),
                io::ErrorKind::StorageFull
            );
        }
        let folder = std::env::temp_dir();
        for error in [recording.save_html(&folder), recording.save_chrome(&folder)] {
            let error = error.unwrap_err().to_string();
            let start = format!("the timeline cannot be written to {}: ", folder.display());
            assert!(error.starts_with(&start), "{error}");
        }
    });
    program.run().lines();
}
