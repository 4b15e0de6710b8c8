//! Timelines of threads that wait outside the library, and of the library's own threads.
#![cfg(all(target_os = "linux", not(threadwork_portable)))]

use std::{
    io::{self, Read, Write},
    sync::Mutex,
    time::Duration,
};

use serde_json::Value;
use threadwork_core::{Thread, Timer};
use threadwork_diagnostics::{Dump, Recording, Timeline, TimelineLayer, Watchdog};
use threadwork_sync::Event;
use tracing_subscriber::layer::SubscriberExt;

use crate::{
    dump::dump_when,
    program::Program,
    timeline::{names, trace, track},
};

/// Whether the names of system calls are known.
const IS_KNOWN: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// The waits outside the library of the thread.
fn waits_elsewhere(trace: &[Value], thread: &str) -> Vec<Value> {
    let all = track(trace, thread).into_iter().cloned();
    all.filter(|it| it["cat"] == "wait elsewhere").collect()
}

/// Takes snapshots until one is as wanted.
fn snapshot_when(timeline: &Timeline, is_so: impl Fn(&Recording) -> bool) -> Recording {
    loop {
        let recording = timeline.snapshot();
        if is_so(&recording) {
            return recording;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_thread_that_waits_for_a_pipe_waits_elsewhere() {
    let program = Program::new(|| {
        static HERE: Event = Event::new().named("here");

        let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let timeline = Timeline::start().unwrap();
        let (reads, mut writes) = io::pipe().unwrap();
        let reads = Mutex::new(reads);
        let reader = Thread::builder().name("reader").build(move || {
            reads.lock().unwrap().read_exact(&mut [0]).unwrap();
        });
        let waiter = Thread::builder().name("waiter").build(|| HERE.wait());
        reader.start().unwrap();
        waiter.start().unwrap();

        // The library's own thread has found it, which looks again and again.
        let is_found = |it: &Recording| waits_elsewhere(&trace(it), "reader").len() == 1;
        let open = trace(&snapshot_when(&timeline, is_found));
        let wait = &waits_elsewhere(&open, "reader")[0];
        assert_eq!(wait["ph"], "B", "it is not over: {wait}");
        let name = if IS_KNOWN { "waits elsewhere in read" } else { "waits elsewhere" };
        assert_eq!(wait["name"], name);
        let until = |it: &Recording| it.length() > Duration::from_millis(150);
        snapshot_when(&timeline, until);

        writes.write_all(b"!").unwrap();
        reader.join().unwrap();
        HERE.set();
        waiter.join().unwrap();
        let recording = timeline.stop();
        let trace = trace(&recording);
        let waits = waits_elsewhere(&trace, "reader");
        assert_eq!(waits.len(), 1, "all looks at one wait are one wait: {waits:#?}");
        assert_eq!((&waits[0]["ph"], &waits[0]["ts"]), (&"X".into(), &wait["ts"]));
        assert!(waits[0]["dur"].as_f64() > Some(0.), "{waits:#?}");
        assert!(recording.n_waits_elsewhere() >= 1);
        let waiter = waits_elsewhere(&trace, "waiter");
        assert!(waiter.is_empty(), "it waits here: {waiter:#?}");
    });
    assert!(program.run().lines().is_empty());
}

/// The number of waits of a thread that reads bytes which come at this interval, in a recording without snapshots: only the library's own
/// thread looks.
fn waits_for_bytes(interval: Duration) -> usize {
    let timeline = Timeline::builder().interval(Duration::from_millis(1)).start().unwrap();
    let (reads, mut writes) = io::pipe().unwrap();
    let reads = Mutex::new(reads);
    let reader = Thread::builder()
        .name("reader")
        .build(move || while reads.lock().unwrap().read(&mut [0]).unwrap() > 0 {});
    reader.start().unwrap();
    for _ in 0..20 {
        std::thread::sleep(interval);
        writes.write_all(b"!").unwrap();
    }
    drop(writes);
    reader.join().unwrap();
    let trace = trace(&timeline.stop());
    assert!(!names(&trace).contains(&"threadwork-timeline"), "{trace:#?}");
    waits_elsewhere(&trace, "reader").len()
}

#[test]
fn threads_are_looked_at_as_long_as_the_recording_lasts() {
    let program = Program::new(|| {
        let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        // A thread that gets no processor looks rarely.
        let mut counts = (5..12).map(|power| waits_for_bytes(Duration::from_millis(1 << power)));
        assert!(counts.any(|it| it > 10), "not all of them are one wait");
        // It ends with the recording, and the next one has another.
        let is_there = |it: &Dump| it.own_threads.iter().any(|it| it.name == "threadwork-timeline");
        dump_when(|it| !is_there(it));
        let timeline = Timeline::start().unwrap();
        dump_when(is_there);
        drop(timeline);
        dump_when(|it| !is_there(it));
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn the_librarys_own_threads_are_apart() {
    let program = Program::new(|| {
        let timeline = Timeline::start().unwrap();
        let watchdog = Watchdog::new().interval(Duration::from_millis(1)).start().unwrap();
        let timer = Timer::new(Duration::from_secs(3600), || ());
        timer.start().unwrap();
        let own = ["threadwork-watchdog", "threadwork-timers"];
        // They are there as long as they live, and after that if they have waited.
        let are_there = |it: &Recording| {
            let trace = trace(it);
            let find = |own: &str| trace.iter().find(|it| it["args"]["name"] == own);
            let waited =
                |own: &Value| trace.iter().any(|it| it["ph"] == "X" && it["tid"] == own["tid"]);
            own.iter().all(|own| find(own).is_some()) && find(own[0]).is_some_and(waited)
        };
        snapshot_when(&timeline, are_there);
        // One that has ended is still one of them.
        watchdog.stop();
        let recording = timeline.stop();
        let trace = trace(&recording);
        let process = |name: &str| {
            let event = trace.iter().find(|it| it["args"]["name"] == name);
            event.unwrap_or_else(|| panic!("no {name}: {trace:#?}"))["pid"].clone()
        };
        assert!(own.iter().all(|it| process(it) != process("MainThread")), "{trace:#?}");
        assert!(!names(&trace).contains(&"threadwork-timeline"), "{trace:#?}");
        timer.cancel();
    });
    assert!(program.run().lines().is_empty());
}
