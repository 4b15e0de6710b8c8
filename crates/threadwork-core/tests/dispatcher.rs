//! A thread inherits the dispatcher of its starter. This is one test in its own process, because it ends with setting the global dispatcher.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use threadwork_core::{Context, Restart, Supervisor, Thread, copy_context, scope};
use threadwork_sync::{Event, Lock};
use threadwork_test_support::patience::until;
use tracing::{
    Metadata, Subscriber,
    dispatcher::{self, Dispatch},
    field::{Field, Visit},
    info, span,
};

/// A subscriber that keeps the messages of events.
#[derive(Clone, Default)]
struct Messages(Arc<Lock<Vec<String>>>);

impl Messages {
    /// Checks the messages so far, of events of the test itself.
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

/// Starts a thread that emits an event once its gate is open.
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

fn check_a_scoped_dispatcher_is_inherited() {
    let (one, other) = (Messages::default(), Messages::default());
    let built_outside = says();
    with(&one, || run(&built_outside));
    one.check(&ALL);
    let built_inside = with(&one, says);
    run(&built_inside);
    one.check(&[]);

    // The thread keeps it after the starter has left its scope. The innermost dispatcher counts.
    let (thread, gate) = gated(|it| with(&one, || with(&other, || it.start().unwrap())));
    gate.set();
    thread.join().unwrap();
    one.check(&[]);
    other.check(&ALL);
}

fn check_it_is_inherited_through_threads_scopes_and_supervisors() {
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

fn check_a_context_keeps_it() {
    let (kept, current) = (Messages::default(), Messages::default());
    let context = with(&kept, copy_context);
    let run_with = |context: &Context| {
        let thread = Thread::builder().context(context).build(|| info!("inside"));
        with(&current, || run(&thread.into()));
    };
    run_with(&context);
    kept.check(&ALL);
    current.check(&[]);
    // An empty context is empty of spans and values. The records go where those of the starter go.
    run_with(&Context::new());
    current.check(&ALL);
    drop(context);
    // A thread that was given it may still be on its way out.
    until("the dispatcher is not dropped", || Arc::strong_count(&kept.0) == 1);
}

fn check_it_is_dropped() {
    let messages = Messages::default();
    with(&messages, || run(&says()));
    messages.check(&ALL);
    // It is dropped once the thread has ended.
    assert_eq!(Arc::strong_count(&messages.0), 1);
}

/// Without a dispatcher a thread is not bound to any, so its events reach a global one that is set later.
fn check_no_dispatcher_is_pinned_if_none_is_set() {
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
fn a_thread_inherits_the_dispatcher_of_its_starter() {
    check_a_scoped_dispatcher_is_inherited();
    check_it_is_inherited_through_threads_scopes_and_supervisors();
    check_a_context_keeps_it();
    check_it_is_dropped();
    check_no_dispatcher_is_pinned_if_none_is_set();
}
