//! Executors beside thread pools: `cargo bench -p threadwork-bench --bench executor`.

use threadwork_bench::{board::measure, contests::executors};

fn main() {
    measure(&[("executors", executors)]);
}
