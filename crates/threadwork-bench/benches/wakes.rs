//! The processor time of a wake-up, beside the rivals: `cargo bench -p threadwork-bench --bench wakes`.

use threadwork_bench::{board::measure, wakes::wakes};

fn main() {
    measure(&[("wakes", wakes)]);
}
