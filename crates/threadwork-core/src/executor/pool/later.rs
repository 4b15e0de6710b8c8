//! The jobs of an executor that are not due yet.

use std::{collections::BTreeMap, mem};

use threadwork_sync::{Lock, internal::lock::own_lock};

use crate::timer::Alarm;

/// The jobs of an executor that are not due yet. They are given up when the executor takes no more jobs.
///
/// Scenario "the alarm that has no thread" in docs/architecture.md.
pub(in crate::executor) struct Later {
    alarms: Lock<Alarms>,
}

struct Alarms {
    by_number: BTreeMap<u64, Alarm>,
    /// The number of the next one.
    next: u64,
    is_closed: bool,
}

impl Later {
    pub(in crate::executor) fn new() -> Later {
        let alarms = Alarms { by_number: BTreeMap::new(), next: 0, is_closed: false };
        Later { alarms: own_lock("the later jobs of an executor", alarms) }
    }

    /// Adds an alarm that `make` creates with its number, and returns it. Once the executor takes no more jobs, it is cancelled.
    pub(in crate::executor) fn add(&self, make: impl FnOnce(u64) -> Alarm) -> Alarm {
        let number = {
            let mut alarms = self.alarms.acquire();
            alarms.next += 1;
            alarms.next
        };
        let alarm = make(number);
        let is_closed = {
            let mut alarms = self.alarms.acquire();
            if !alarms.is_closed {
                alarms.by_number.insert(number, alarm.clone());
            }
            alarms.is_closed
        };
        if is_closed {
            alarm.cancel();
        }
        alarm
    }

    pub(in crate::executor) fn remove(&self, number: u64) {
        let _removed = {
            let mut alarms = self.alarms.acquire();
            alarms.by_number.remove(&number)
        };
    }

    /// Gives up all jobs, and all that come after this.
    pub(in crate::executor) fn close(&self) {
        let alarms = {
            let mut alarms = self.alarms.acquire();
            alarms.is_closed = true;
            mem::take(&mut alarms.by_number)
        };
        alarms.values().for_each(Alarm::cancel);
    }

    pub(in crate::executor) fn is_closed(&self) -> bool {
        self.alarms.acquire().is_closed
    }
}
