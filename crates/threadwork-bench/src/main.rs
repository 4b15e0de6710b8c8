//! Measures, and writes `docs/benchmarks.md` with its plots: `cargo run --release -p threadwork-bench`.
//!
//! `--quick` measures in seconds what shows that everything can be measured; its numbers mean nothing.
//! An argument names another folder than `docs`.

use std::{env, error::Error, path::PathBuf};

use threadwork_bench::{board::Pace, report};

fn main() -> Result<(), Box<dyn Error>> {
    let (options, folders): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|it| it.starts_with("--"));
    if let Some(unknown) = options.iter().find(|it| *it != "--quick") {
        return Err(format!("there is no option {unknown}; use --quick or none").into());
    }
    let pace = if options.is_empty() { Pace::Short } else { Pace::Quick };
    let docs = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    let folder = folders.first().map_or_else(docs, PathBuf::from);
    if pace == Pace::Short && cfg!(debug_assertions) {
        return Err("a debug build measures nothing; use cargo run --release".into());
    }
    report::write(pace, &folder)
}
