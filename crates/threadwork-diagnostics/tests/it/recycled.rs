//! Threads in operating system threads that are used again.

use threadwork_core::{Thread, ThreadHandle};
use threadwork_diagnostics::{Dump, StateDump, Timeline, TimelineLayer};
use threadwork_sync::{Event, waits};
use tracing_subscriber::layer::SubscriberExt;

use crate::{
    dump::{all, dump_when},
    program::Program,
    timeline::{names, trace, track},
};

/// Runs a thread that waits for an event of the same name, and returns once its operating system thread is idle.
fn run_and_wait(name: &'static str) -> ThreadHandle {
    static GO: [Event; 2] = [Event::new().named("one"), Event::new().named("two")];
    let go = GO.iter().find(|it| it.name() == Some(name)).unwrap();
    let thread = Thread::builder().name(name).recycled(true).spawn(|| go.wait()).unwrap();
    while !waits().iter().any(|it| it.name == Some(name)) {
        std::thread::yield_now();
    }
    go.set();
    thread.join().unwrap();
    dump_when(|it| idle(it) == [thread.native_id()]);
    thread.handle().clone()
}

/// The native ids of the idle threads.
fn idle(dump: &Dump) -> Vec<Option<u64>> {
    let own = dump.own_threads.iter().filter(|it| it.name == "threadwork-idle");
    own.filter(|it| it.state == StateDump::Waiting).map(|it| it.native_id).collect()
}

#[cfg(all(unix, not(threadwork_portable)))]
#[test]
fn an_idle_thread_is_one_of_the_librarys_own() {
    let program = Program::new(|| {
        let thread = run_and_wait("one");
        let dump = dump_when(|it| !idle(it).is_empty());
        let row = dump.own_threads.iter().find(|it| it.native_id == thread.native_id()).unwrap();
        assert_eq!(row.waits_for.as_ref().unwrap().name.as_deref(), Some("the next thread"));
        assert_ne!(Some(row.ident), thread.ident().map(Into::into));
        assert!(all(&dump.root).iter().all(|it| it.native_id != thread.native_id()), "{dump}");
        assert!(dump.others.iter().all(|it| Some(it.native_id) != thread.native_id()), "{dump}");
    });
    program.run().lines();
}

#[test]
fn threads_that_share_an_operating_system_thread_have_rows_of_their_own() {
    let program = Program::new(|| {
        let subscriber = tracing_subscriber::registry().with(TimelineLayer::new().filtered());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let timeline = Timeline::start().unwrap();
        let [one, two] = ["one", "two"].map(run_and_wait);
        assert_eq!(one.native_id(), two.native_id());
        let trace = trace(&timeline.stop());
        for (name, other) in [("one", "two"), ("two", "one")] {
            let has = |event: &str| {
                track(&trace, name).iter().any(|it| it["name"] == *format!("event {event}"))
            };
            assert!(has(name) && !has(other), "{trace:#?}");
        }
        assert!(names(&trace).contains(&"threadwork-idle"), "{trace:#?}");
    });
    program.run().lines();
}
