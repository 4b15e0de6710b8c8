//! Queues beside other channels: `cargo bench -p threadwork-bench --bench queues`.

use threadwork_bench::{board::measure, contests::queues};

fn main() {
    measure(&[("queues", queues)]);
}
