//! What others see of a thread while it is blocked.

use crate::{
    door::{
        Key, Subject,
        observer::{Asleep, tell, to_be_told},
        record::slots,
    },
    floor::AtWork,
};

/// What the current thread leaves for others while it stands in a queue: where it stands, its record once it sleeps,
/// and word to the observer when it goes on.
pub(crate) struct Trace<'a> {
    key: Key,
    subject: &'a Subject,
    /// Whether it is known where the thread stands.
    is_listed: bool,
    /// Whether there is a record.
    is_recorded: bool,
    /// The sleep of which an observer will be told.
    asleep: Option<Asleep>,
}

impl<'a> Trace<'a> {
    /// The thread is about to stand in the queue. What it needs is allocated now.
    pub(crate) fn begin(key: Key, subject: &'a Subject) -> Trace<'a> {
        let is_listed = slots::list(key, subject);
        Trace { key, subject, is_listed, is_recorded: false, asleep: None }
    }

    /// The thread stands in the queue and is about to sleep.
    pub(crate) fn sleeps(&mut self) {
        self.asleep = Asleep::begin();
        self.is_recorded = slots::write(self.key, self.subject);
    }

    /// The thread goes on; whether somebody has woken it.
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

/// Runs `block`, which blocks the current thread by other means than a queue, and leaves a record while it does.
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
