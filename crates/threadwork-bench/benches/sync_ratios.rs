//! The objects of the sync crate beside their rivals: ratios, measured in turns. Arguments choose groups by their names.

use threadwork_bench::{
    board::measure,
    contests::{
        barriers, busy_locks, busy_rwlocks, conditions, events, free_locks, free_rwlocks, meetings,
        semaphores,
    },
};

fn main() {
    measure(&[
        ("free_rwlocks", free_rwlocks),
        ("busy_rwlocks", busy_rwlocks),
        ("free_locks", free_locks),
        ("busy_locks", busy_locks),
        ("meetings", meetings),
        ("conditions", conditions),
        ("semaphores", semaphores),
        ("barriers", barriers),
        ("events", events),
    ]);
}
