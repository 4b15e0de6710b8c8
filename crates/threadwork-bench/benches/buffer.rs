//! A bounded buffer beside the same on other locks: `cargo bench -p threadwork-bench --bench buffer`.

use threadwork_bench::{board::measure, contests::buffers};

fn main() {
    measure(&[("buffers", buffers)]);
}
