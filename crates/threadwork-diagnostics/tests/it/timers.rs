//! The parents of the spans of timers, and of threads with a context, as a layer sees them.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use threadwork_core::{Thread, copy_context};
use threadwork_test_support::patience::until;
use tracing::{Subscriber, info_span, span, subscriber::with_default};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt},
    registry::{LookupSpan, Registry},
};

/// The name of the parent of each thread's span, and the names of the spans that are closed.
#[derive(Clone, Default)]
struct Parents {
    of_threads: Arc<Mutex<Vec<Option<&'static str>>>>,
    closed: Arc<Mutex<Vec<&'static str>>>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Parents {
    fn on_new_span(&self, _: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if span.name() == "thread" {
            self.of_threads.lock().unwrap().push(span.parent().map(|it| it.name()));
        }
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        self.closed.lock().unwrap().push(context.span(&id).unwrap().name());
    }
}

#[test]
fn the_threads_of_a_timer_are_below_the_span_in_which_it_was_started_and_not_below_each_other() {
    let parents = Parents::default();
    let (ran, runs) = mpsc::channel();
    let timer = Thread::builder().every(Duration::from_millis(1), move || ran.send(()).unwrap());
    with_default(Registry::default().with(parents.clone()), || {
        info_span!("outside").in_scope(|| timer.start().unwrap());
    });
    assert_eq!(runs.iter().take(3).count(), 3);
    assert!(!parents.closed.lock().unwrap().contains(&"outside"), "the timer still uses the span");
    timer.cancel();
    timer.join().unwrap();

    let threads = parents.of_threads.lock().unwrap();
    assert!(threads.len() >= 3);
    assert!(threads.iter().all(|it| *it == Some("outside")), "{threads:?}");
    let closed = parents.closed.lock().unwrap();
    assert_eq!(closed.iter().filter(|it| **it == "thread").count(), threads.len());
}

#[test]
fn a_thread_with_a_context_is_below_the_span_of_the_context() {
    let parents = Parents::default();
    let is_closed = |span| parents.closed.lock().unwrap().contains(&span);
    with_default(Registry::default().with(parents.clone()), || {
        let context = info_span!("request").in_scope(copy_context);
        info_span!("starter").in_scope(|| {
            for context in [&context, &threadwork_core::Context::new()] {
                Thread::builder().context(context).spawn(|| ()).unwrap().join().unwrap();
            }
        });
        assert!(is_closed("starter") && !is_closed("request"), "the context keeps the span");
        drop(context);
        // A thread that was given it may still be on its way out.
        until("the span is not closed", || is_closed("request"));
    });
    assert_eq!(*parents.of_threads.lock().unwrap(), [Some("request"), None]);
}
