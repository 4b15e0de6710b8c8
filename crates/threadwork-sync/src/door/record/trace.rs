//! The trace that a thread leaves while it is blocked.

use crate::{
    door::{
        Key, Subject,
        observer::{Asleep, tell, to_be_told},
        record::slots,
    },
    floor::AtWork,
};

/// What the current thread shows to others while it stands in a queue: its queue, and its record once it sleeps.
/// At the end, the observer is told of the wait.
pub(crate) struct Trace<'a> {
    key: Key,
    subject: &'a Subject,
    /// Whether the slot of the thread names its queue.
    is_listed: bool,
    /// Whether there is a record.
    is_recorded: bool,
    /// The sleep that will be reported to an observer.
    asleep: Option<Asleep>,
}

impl<'a> Trace<'a> {
    /// Begins the trace of a thread that is about to enter the queue. Allocates what the trace needs.
    pub(crate) fn begin(key: Key, subject: &'a Subject) -> Trace<'a> {
        let is_listed = slots::list(key, subject);
        Trace { key, subject, is_listed, is_recorded: false, asleep: None }
    }

    /// Records that the thread is in the queue and about to sleep.
    pub(crate) fn sleeps(&mut self) {
        self.asleep = Asleep::begin();
        self.is_recorded = slots::write(self.key, self.subject);
    }

    /// Ends the trace when the thread continues. `woken` says whether another thread woke it.
    pub(crate) fn end(self, woken: bool) {
        if self.is_recorded {
            slots::erase();
        }
        if self.is_listed {
            slots::unlist();
        }
        if let Some(asleep) = self.asleep {
            let told = asleep.end();
            if self.is_recorded {
                tell(told, self.key, self.subject, woken);
            }
        }
    }
}

/// Runs `block`, which blocks the current thread by other means than a queue, and leaves a record meanwhile.
pub fn blocked_elsewhere<R>(address: usize, subject: &Subject, block: impl FnOnce() -> R) -> R {
    struct Erase;
    impl Drop for Erase {
        fn drop(&mut self) {
            slots::erase();
        }
    }

    let told = to_be_told();
    let key = Key::elsewhere(address);
    let at_work = AtWork::begin();
    let erase = slots::write(key, subject).then_some(Erase);
    drop(at_work);
    let result = block();
    drop(erase);
    if let Some(told) = told {
        tell(told, key, subject, true);
    }
    result
}
