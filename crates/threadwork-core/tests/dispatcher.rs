//! A thread takes over the dispatcher of the one that starts it: a process of its own, and one test, because in the end one is set for all.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use threadwork_core::{Restart, Supervisor, Thread, scope};
use threadwork_sync::{Event, Lock};
use tracing::{
    Metadata, Subscriber,
    dispatcher::{self, Dispatch},
    field::{Field, Visit},
    info, span,
};

/// Keeps the messages of events.
#[derive(Clone, Default)]
struct Messages(Arc<Lock<Vec<String>>>);

impl Messages {
    /// Those so far of events of the tests.
    #[track_caller]
    fn check(&self, expected: &[&str]) {
        assert_eq!(std::mem::take(&mut *self.0.acquire()), expected);
    }
}

impl Subscriber for Messages {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        span::Id::from_u64(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut visitor = Message(String::new());
        event.record(&mut visitor);
        self.0.acquire().push(visitor.0);
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

const ALL: [&str; 3] = ["thread started", "inside", "thread finished"];

fn says() -> Thread {
    Thread::new(|| info!("inside")).into()
}

fn run(thread: &Thread) {
    thread.start().unwrap();
    thread.join().unwrap();
}

/// A thread that runs and speaks when its gate is open.
fn gated(start: impl FnOnce(&Thread)) -> (Thread, Arc<Event>) {
    let (gate, runs) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (waits, tells) = (Arc::clone(&gate), Arc::clone(&runs));
    let thread = Thread::new(move || {
        tells.set();
        waits.wait();
        info!("inside");
    });
    let thread = thread.into();
    start(&thread);
    runs.wait();
    (thread, gate)
}

fn with<R>(messages: &Messages, f: impl FnOnce() -> R) -> R {
    dispatcher::with_default(&Dispatch::new(messages.clone()), f)
}

fn a_scoped_dispatcher_goes_along_with_who_starts_a_thread() {
    let (one, other) = (Messages::default(), Messages::default());
    let built_outside = says();
    with(&one, || run(&built_outside));
    one.check(&ALL);
    let built_inside = with(&one, says);
    run(&built_inside);
    one.check(&[]);

    // It stays when the starter has left it, and the nearest counts.
    let (thread, gate) = gated(|it| with(&one, || with(&other, || it.start().unwrap())));
    gate.set();
    thread.join().unwrap();
    one.check(&[]);
    other.check(&ALL);
}

fn it_goes_on_from_thread_to_thread_also_in_scopes_and_below_supervisors() {
    let messages = Messages::default();
    let thread = Thread::new(|| {
        scope(|scope| _ = scope.call(|| run(&says())).unwrap());
    });
    with(&messages, || run(&thread.into()));
    let started = ["thread started"; 3];
    let ended = ["thread finished"; 3];
    messages.check(&[&started[..], &["inside"], &ended].concat());

    let supervisor = Supervisor::new().child("child", Restart::Never, || info!("inside"));
    with(&messages, || run(&Thread::new(supervisor).into()));
    messages.check(&[&started[..2], &["inside"], &ended[..2]].concat());
}

fn it_is_not_left_behind() {
    let messages = Messages::default();
    with(&messages, || run(&says()));
    messages.check(&ALL);
    // Nobody keeps it once the thread has ended.
    assert_eq!(Arc::strong_count(&messages.0), 1);
}

/// Where nobody listens a thread is bound to nobody, so that it is heard by who is set later, for all.
fn no_dispatcher_is_pinned_where_none_is_set() {
    let (thread, gate) = gated(|it| it.start().unwrap());
    let messages = Messages::default();
    let (scoped, scoped_gate) = gated(|it| with(&messages, || it.start().unwrap()));
    messages.check(&ALL[..1]);

    let for_all = Messages::default();
    dispatcher::set_global_default(Dispatch::new(for_all.clone())).unwrap();
    gate.set();
    thread.join().unwrap();
    for_all.check(&ALL[1..]);
    scoped_gate.set();
    scoped.join().unwrap();
    for_all.check(&[]);
    messages.check(&ALL[1..]);
    run(&says());
    for_all.check(&ALL);
}

#[test]
fn a_thread_takes_over_the_dispatcher_of_the_one_that_starts_it() {
    a_scoped_dispatcher_goes_along_with_who_starts_a_thread();
    it_goes_on_from_thread_to_thread_also_in_scopes_and_below_supervisors();
    it_is_not_left_behind();
    no_dispatcher_is_pinned_where_none_is_set();
}
