//! Tasks that wait for our objects, beside `event-listener` and tokio's `Notify`, `Semaphore` and `Mutex`: ratios, measured in turns.

use threadwork_bench::{
    board::measure,
    contests::{many_tasks, one_task, permits_and_locks},
};

fn main() {
    measure(&[("one", one_task), ("many", many_tasks), ("permits", permits_and_locks)]);
}
