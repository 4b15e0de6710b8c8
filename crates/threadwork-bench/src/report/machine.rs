//! Where and when it was measured, and what.

use std::{env, fs, path::Path, process::Command, thread};

use jiff::Timestamp;

use crate::board::Pace;

/// The rivals that are crates, as `Cargo.lock` names them.
const RIVALS: [&str; 15] = [
    "crossbeam-channel",
    "event-listener",
    "flume",
    "futures-timer",
    "hierarchical_hash_wheel_timer",
    "hurdles",
    "kanal",
    "parking_lot",
    "scheduled-thread-pool",
    "thread_local",
    "tokio",
    "tokio-util",
    "threadwork",
    "threadwork-core",
    "threadwork-sync",
];

/// Returns rows of two columns: what is told, and what it is.
pub(crate) fn facts(pace: Pace) -> Vec<[String; 2]> {
    let facts = [
        ("date", Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string()),
        ("processor", processor()),
        ("processors", thread::available_parallelism().map_or(0, usize::from).to_string()),
        ("system", format!("{} {}, {}", env::consts::OS, kernel(), env::consts::ARCH)),
        ("load at the start", load()),
        ("compiler", compiler()),
        ("build", if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned()),
        ("rounds", rounds(pace).to_owned()),
        ("versions", versions().join(", ")),
    ];
    facts.map(|(name, fact)| [name.to_owned(), fact]).into()
}

fn rounds(pace: Pace) -> &'static str {
    match pace {
        Pace::Whole => "all",
        Pace::Short => "at least nine of each",
        Pace::Quick => "too few: **the numbers mean nothing**",
    }
}

/// Returns the content of a file of the system without line breaks; nothing if there is none.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn processor() -> String {
    let info = read("/proc/cpuinfo");
    let name = info.lines().find_map(|it| it.strip_prefix("model name"));
    name.map_or("unknown", |it| it.trim_start_matches([' ', '\t', ':'])).to_owned()
}

fn kernel() -> String {
    read("/proc/sys/kernel/osrelease")
}

/// Returns how many threads were running or ready on average in the last minute.
fn load() -> String {
    let load = read("/proc/loadavg");
    let threads = load.split(' ').next().filter(|it| !it.is_empty()).unwrap_or("unknown");
    format!("{threads} threads running or ready")
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or("unknown".to_owned(), |it| String::from_utf8_lossy(&it.stdout).trim().to_owned())
}

/// Returns the version that `Cargo.lock` has of each rival, and of ours.
fn versions() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = fs::read_to_string(path).expect("the workspace has a Cargo.lock");
    RIVALS
        .iter()
        .map(|name| {
            let entry = lock.split("[[package]]").filter(|it| {
                it.lines().any(|line| line.strip_prefix("name = ") == Some(&format!("\"{name}\"")))
            });
            // Others may depend on older versions.
            let last = entry.last().unwrap_or_else(|| panic!("{name} is not in Cargo.lock"));
            let version = last.lines().find_map(|it| it.strip_prefix("version = "));
            format!("{name} {}", version.unwrap_or_default().trim_matches('"'))
        })
        .collect()
}
