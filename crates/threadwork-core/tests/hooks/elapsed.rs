//! The field `elapsed` of the event at the end of a thread.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use threadwork_core::{Moment, set_trace};
use threadwork_sync::Lock;
use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::{Turn, named, run};

/// A visitor that keeps the field `elapsed` of an event.
struct Elapsed(Arc<Lock<Option<f64>>>);

impl Visit for Elapsed {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed" {
            *self.0.acquire() = Some(value);
        }
    }
}

impl Subscriber for Elapsed {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Elapsed(Arc::clone(&self.0)));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn the_run_time_does_not_include_the_time_of_hooks() {
    const LONG: Duration = Duration::from_millis(200);
    let _turn = Turn::take();
    let elapsed = Arc::new(Lock::new(None));
    set_trace(Some(Arc::new(|_, moment| {
        if matches!(moment, Moment::AfterRun) {
            std::thread::sleep(LONG);
        }
    })));
    let thread = named("quick", || ());
    let since = Instant::now();
    tracing::subscriber::with_default(Elapsed(Arc::clone(&elapsed)), || run(&thread)).unwrap();
    let outside = since.elapsed();
    let told = Duration::from_secs_f64(elapsed.acquire().expect("the end emits an event"));
    assert!(told + LONG <= outside, "{told:?} of {outside:?}");
}
