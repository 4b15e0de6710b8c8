//! Events: no waiter misses a set, and all see what was written before it.

use loom::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};
use threadwork_sync::{Event, internal::model::n_parked};

use crate::{Data, check};

/// Data that is read after an event or a stop.
#[derive(Default)]
pub(crate) struct News {
    pub(crate) happened: Event,
    pub(crate) data: Data,
}

/// A waiting thread is woken by a set, and sees what was written before it.
#[test]
fn a_wait_sees_the_set_and_what_was_written_before() {
    check(3, || {
        let news = Arc::new(News::default());
        let waiters = [(); 2].map(|()| {
            let news = Arc::clone(&news);
            thread::spawn(move || {
                news.happened.wait();
                news.data.get()
            })
        });
        news.data.add_one();
        news.happened.set();
        waiters.into_iter().for_each(|it| assert_eq!(it.join().unwrap(), 1));
    });
}

/// A thread that finds an event set without waiting sees what was written before.
#[test]
fn is_set_sees_what_was_written_before() {
    check(2, || {
        let news = Arc::new(News::default());
        let reader = {
            let news = Arc::clone(&news);
            thread::spawn(move || !news.happened.is_set() || news.data.get() == 1)
        };
        news.data.add_one();
        news.happened.set();
        assert!(reader.join().unwrap());
    });
}

/// A thread that is in the queue when an event is set is released, even if the event is cleared at once.
#[test]
fn clear_does_not_swallow_the_set_before_it() {
    check(2, || {
        let news = Arc::new(News::default());
        let waiter = {
            let news = Arc::clone(&news);
            thread::spawn(move || {
                news.happened.wait();
                news.data.get()
            })
        };
        let waits = n_parked() == 1;
        news.data.add_one();
        news.happened.set();
        if waits {
            news.happened.clear();
        }
        assert_eq!(waiter.join().unwrap(), 1);
        assert_eq!(news.happened.is_set(), !waits);
    });
}

/// In any interleaving of sets, clears and waits, a set at the end releases all waiters.
#[test]
fn the_last_set_releases_all_waiters() {
    check(3, || {
        let event = Arc::new(Event::new());
        let waiter = {
            let event = Arc::clone(&event);
            thread::spawn(move || event.wait())
        };
        let other = {
            let event = Arc::clone(&event);
            thread::spawn(move || {
                event.set();
                event.clear();
            })
        };
        event.clear();
        other.join().unwrap();
        event.set();
        waiter.join().unwrap();
    });
}

/// Of `x = 1; set()` and `clear(); read x` at the same time, either the second sees `x` or the event is set afterwards.
#[test]
fn a_set_of_a_set_event_is_not_lost() {
    check(2, || {
        let (event, x) = (Arc::new(Event::new()), Arc::new(AtomicUsize::new(0)));
        event.set();
        let setter = {
            let (event, x) = (Arc::clone(&event), Arc::clone(&x));
            thread::spawn(move || {
                x.store(1, Relaxed);
                event.set();
            })
        };
        event.clear();
        let seen = x.load(Relaxed) == 1;
        setter.join().unwrap();
        assert!(seen || event.is_set());
    });
}
