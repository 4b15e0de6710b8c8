//! The page of a timeline in a browser.

use std::{io::stdout, sync::Arc, time::Duration};

use serde_json::Value;
use threadwork_core::{Thread, sleep};
use threadwork_diagnostics::{Recording, Timeline, TimelineLayer};
use threadwork_sync::{Condition, Event, Latch, Lock, RwLock, Semaphore, waits};
use tracing_subscriber::layer::SubscriberExt;

use crate::{
    browser::{Look, browser},
    program::Program,
};

/// Leaves the findings about the page in `report`.
const SCRIPT: &str = include_str!("timeline_page.js");

const LOOKS: [Look; 5] = [
    Look { width: 1400, is_dark: false },
    Look { width: 480, is_dark: false },
    Look { width: 1400, is_dark: true },
    Look { width: 480, is_dark: true },
    Look { width: 700, is_dark: true },
];

fn milliseconds(count: u64) {
    sleep(Duration::from_millis(count)).expect("nobody says stop");
}

/// Waits until `count` threads wait for the object of that name.
fn wait_until_blocked(name: &str, count: usize) {
    while waits().iter().filter(|it| it.name == Some(name)).count() < count {
        std::thread::yield_now();
    }
}

fn timeline() -> Timeline {
    let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    Timeline::start().unwrap()
}

/// Four threads beside the main one, with every kind of trouble in their names.
fn four() -> Recording {
    static ORDERS: Lock<u32> = Lock::named("orders", 0);
    static SHELF: RwLock<u32> = RwLock::named("shelf", 0);
    static DONE: Event = Event::new().named("done");
    static NEVER: Event = Event::new().named("never");
    static NEWS: Condition = Condition::new().named("news");

    let timeline = timeline();
    let reader = Thread::builder().name("reader of a shelf 📚").build(|| {
        let _guard = ORDERS.acquire();
        drop(SHELF.read());
        tracing::info_span!("outer", order = 17).in_scope(|| {
            tracing::info_span!("inner", text = "</script><b>").in_scope(|| milliseconds(30));
            tracing::info_span!("a name that is too long for the short time that this takes")
                .in_scope(|| milliseconds(8));
        });
    });
    let writer = Thread::builder().name("<b>\"writer\"</b> & co").build(|| {
        let mut guard = ORDERS.acquire();
        let _ = NEWS.wait_timeout(&mut guard, Duration::from_millis(20));
        panic!("no <ink>\nleft");
    });
    let long = Thread::builder().name("a very long name ".repeat(20)).build(|| {
        drop(ORDERS.acquire());
        DONE.wait();
    });
    let lasting = Thread::builder().daemon(true).name("lasting").build(|| NEVER.wait());

    // The lock is held when the others arrive, so the order of the waits is known.
    let guard = SHELF.write();
    lasting.start().unwrap();
    reader.start().unwrap();
    wait_until_blocked("shelf", 1);
    writer.start().unwrap();
    wait_until_blocked("orders", 1);
    long.start().unwrap();
    wait_until_blocked("orders", 2);
    milliseconds(20);
    drop(guard);
    let _ = reader.join();
    let _ = writer.join();
    DONE.set();
    long.join().unwrap();
    wait_until_blocked("never", 1);
    timeline.stop()
}

/// Four hundred threads that take turns.
fn four_hundred() -> Recording {
    let timeline = timeline();
    let permits = Arc::new(Semaphore::new(20).named("permits"));
    let begin = Arc::new(Latch::new(400).named("begin"));
    let threads: Vec<Thread> = (0..400)
        .map(|number| {
            let (permits, begin) = (permits.clone(), begin.clone());
            let builder = Thread::builder().stack_size(128 * 1024);
            let thread = builder.name(format!("worker {number} of the pool")).build(move || {
                begin.count_down(1).expect("one each");
                begin.wait();
                for round in 0..4 {
                    let _permit = permits.acquire();
                    let job = tracing::info_span!("job", round).entered();
                    tracing::info_span!("step").in_scope(|| milliseconds(2));
                    drop(job);
                }
                assert!(number != 3, "number 3 always fails");
            });
            thread.into()
        })
        .collect();
    threads.iter().for_each(|it| it.start().unwrap());
    for thread in &threads {
        let _ = thread.join();
    }
    timeline.stop()
}

/// Checks what must hold for every page at every width, light and dark. Besides the threads of the program there are two of the test harness.
#[track_caller]
fn check_looks(program: Program, n_threads: u64) -> Vec<Value> {
    let page = program.run().stdout;
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    let Some(browser) = browser() else { return Vec::new() };
    let check = |look: Look| {
        let report = browser.report(&page, SCRIPT, look);
        assert_eq!(report["faults"], Value::Array(Vec::new()), "{look:?}: {report:#}");
        assert_eq!(report["threads"], n_threads, "{look:?}: {report:#}");
        assert_eq!(report["is_dark"], look.is_dark, "{look:?}: {report:#}");
        // No window is as narrow as 480.
        if look.width >= 700 {
            let (width, height, bytes) = browser.screenshot(&page, look);
            assert_eq!((width, height), (look.width, 800), "{look:?}");
            // Far more than an empty screenshot takes.
            assert!(bytes > 15_000, "{look:?}: {bytes}");
        }
        report
    };
    LOOKS.map(check).into()
}

#[test]
fn a_page_with_4_threads_is_legible_at_every_width_light_and_dark() {
    let program = Program::new(|| four().write_html(stdout()).unwrap());
    let is_known = cfg!(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        not(threadwork_portable)
    ));
    for report in check_looks(program, 6) {
        let tips = report["tips"].as_array().expect("a list");
        let is_there = |parts: &[&str]| {
            tips.iter().any(|tip| parts.iter().all(|it| tip.as_str().unwrap().contains(it)))
        };
        let place = "tests/it/timeline_page.rs:";
        assert!(is_there(&["lock orders", place, "ended by "]), "{report:#}");
        assert!(is_there(&["read-write lock shelf", "ended by timeline_page::"]), "{report:#}");
        assert!(is_there(&["inner", "text = \"</script><b>\""]), "{report:#}");
        assert!(is_there(&["event never", "not over", "in lasting"]), "{report:#}");
        assert!(
            is_there(&["<b>\"writer\"</b> & co", "panicked after", "no <ink>\nleft"]),
            "{report:#}"
        );
        assert!(is_there(&[&"a very long name ".repeat(20)]), "{report:#}");
        // The thread that waits for the test.
        let sleeps = ["waits elsewhere in futex", "outside this library", "in MainThread"];
        assert!(is_there(&sleeps) || !is_known, "{report:#}");
        assert_eq!(report["panics"], 1, "{report:#}");
        assert!(report["arrows"].as_u64() > Some(2), "{report:#}");
    }
}

#[test]
fn a_page_with_400_threads_is_legible_at_every_width_light_and_dark() {
    let program = Program::new(|| four_hundred().write_html(stdout()).unwrap());
    for report in check_looks(program, 402) {
        assert!(report["page_height"].as_f64() > Some(400. * 16.), "{report:#}");
        // Only the visible part is drawn, at the top and at the end.
        assert!(report["elements"].as_u64() < Some(20_000), "{report:#}");
        assert!(report["rows_at_the_end"].as_u64() > Some(12), "{report:#}");
    }
}
