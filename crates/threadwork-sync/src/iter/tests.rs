//! What runs without the lock of the source.

use std::sync::{Arc, Weak};

use super::{concurrent_tee, source::Source};
use crate::lock::Lock;

type Probes = Box<dyn Iterator<Item = Probe> + Send>;

/// An item, and an iterator, that must not be cloned or dropped while the source is locked.
struct Probe(Arc<Lock<Option<Weak<Source<Probes>>>>>);

impl Probe {
    fn check(&self) {
        let source = self.0.acquire().as_ref().and_then(Weak::upgrade);
        assert!(source.is_none_or(|it| !it.is_locked()), "user code runs with the source locked");
    }
}

impl Clone for Probe {
    fn clone(&self) -> Self {
        self.check();
        Probe(Arc::clone(&self.0))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.check();
    }
}

#[test]
fn items_and_the_source_are_cloned_and_dropped_without_the_lock() {
    let seen = Arc::new(Lock::new(None));
    let (owned, mut left_to_make) = (Probe(Arc::clone(&seen)), 3);
    let probes: Probes = Box::new(std::iter::from_fn(move || {
        left_to_make -= 1;
        // A new one is as good as a clone, which the source would make in its turn.
        (left_to_make >= 0).then(|| Probe(Arc::clone(&owned.0)))
    }));
    let [fast, mut slow] = concurrent_tee(probes);
    *seen.acquire() = Some(Arc::downgrade(&slow.source));
    assert_eq!(fast.count(), 3);
    assert!(slow.source.try_acquire().expect("it is free").is_none(), "the source is dropped");
    drop(slow.next());
    drop(slow);
}
