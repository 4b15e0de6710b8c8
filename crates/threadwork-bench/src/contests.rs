//! Ours beside the rivals: each function measures one kind of object.

mod locks;
mod rwlocks;
mod signals;
mod buffers;
mod queues;
mod any;
mod local;
mod starts;
mod executors;
mod tasks;

pub use self::{
    any::{as_completed_of_many, timers_as_completed, waits_for_any},
    buffers::buffers,
    executors::executors,
    local::locals,
    locks::{busy_locks, free_locks, meetings},
    queues::queues,
    rwlocks::{busy_rwlocks, free_rwlocks},
    signals::{barriers, conditions, events, semaphores},
    starts::{
        current_threads, recycled_starts, start_and_join_ours, start_and_join_theirs, start_ours,
        start_theirs, starts,
    },
    tasks::{many_tasks, one_task, permits_and_locks},
};
