//! `Local` beside `std::thread_local!` and the crate `thread_local`: ratios, measured in turns.

use threadwork_bench::{board::measure, contests::locals};

fn main() {
    measure(&[("locals", locals)]);
}
