//! Waits made by hand.

use std::num::NonZeroU64;

use threadwork_core::Thread;
use threadwork_sync::{Event, WaitKind, Waiter, Waiting, waits};

/// Makes records of waits that all began at the same time on the same source line.
pub(crate) struct Maker(pub(crate) Waiting);

impl Maker {
    pub(crate) fn new() -> Maker {
        let event = std::sync::Arc::new(Event::new());
        let inner = event.clone();
        let thread = Thread::new(move || inner.wait());
        thread.start().unwrap();
        let ident = thread.ident().unwrap();
        let waiting = loop {
            if let Some(it) = waits().into_iter().find(|it| it.thread.ident == ident) {
                break it;
            }
        };
        event.set();
        thread.join().unwrap();
        Maker(waiting)
    }

    /// In each pair the first thread waits for a lock that the second one holds.
    pub(crate) fn reading(&self, edges: &[(u64, u64)]) -> Vec<Waiting> {
        let wait = |(waiter, holder): &(u64, u64)| {
            let mut it = self.0.clone();
            it.thread.ident = number(*waiter);
            it.kind = WaitKind::Lock;
            it.holder = Some(number(*holder));
            it
        };
        edges.iter().map(wait).collect()
    }

    /// Each thread waits for any of the things that these threads hold; zero is a thing that nobody holds.
    pub(crate) fn any_of(&self, threads: &[(u64, &[u64])]) -> Vec<Waiting> {
        let choices = |(waiter, holders): &(u64, &[u64])| {
            let choice = |(place, holder): (usize, &u64)| {
                let mut it = self.0.clone();
                it.thread.ident = number(*waiter);
                it.address += place;
                it.thread.waiter = if holders.len() > 1 { Waiter::AnyOf } else { Waiter::Thread };
                (it.kind, it.holder) = match holder {
                    0 => (WaitKind::Event, None),
                    holder => (WaitKind::Join, Some(number(*holder))),
                };
                it
            };
            holders.iter().enumerate().map(choice).collect::<Vec<_>>()
        };
        threads.iter().flat_map(choices).collect()
    }
}

/// Greater than the number of any thread that the tests start.
pub(crate) const BASE: u64 = 1_000_000;

pub(crate) fn number(number: u64) -> NonZeroU64 {
    NonZeroU64::new(BASE + number).unwrap()
}
