//! Writes the public API of the published crates, with all features, into the folder `api` of this crate: one line for each public item.
//!
//! `cargo run -p threadwork-api` writes the files. With `--check` it compares them instead, and fails if one differs.
//! The files show what a change does to the API, and a version that must not break anything is compared with the last one by them.

#![forbid(unsafe_code)]

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// The crates whose API is public.
const CRATES: [&str; 5] = [
    "threadwork",
    "threadwork-core",
    "threadwork-diagnostics",
    "threadwork-sync",
    "threadwork-top",
];

/// The version of the JSON that `public-api` reads.
const FORMAT: u64 = 57;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<ExitCode> {
    let checks = env::args().any(|it| it == "--check");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut differing = 0;
    for name in CRATES {
        let json = document(here, name)?;
        let format = format(&json)?;
        if format != FORMAT {
            let cure = "use Rust 1.95, or another version of `public-api`";
            return Err(format!(
                "rustdoc writes version {format} of its JSON, not {FORMAT}; {cure}"
            )
            .into());
        }
        let api = api(&json)?;
        let path = here.join("api").join(format!("{name}.txt"));
        if !checks {
            fs::write(path, api)?;
        } else if !is_same(name, &fs::read_to_string(path)?, &api) {
            differing += 1;
        }
    }
    if differing == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("the public API has changed; `cargo run -p threadwork-api` writes it into the files");
    Ok(ExitCode::FAILURE)
}

/// Lets rustdoc describe a crate with all its features. Returns the file.
fn document(here: &Path, name: &str) -> Result<PathBuf> {
    let target = here.join("../../target/api");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["rustdoc", "--package", name, "--lib", "--all-features", "--locked", "--quiet"])
        .args(["--", "-Zunstable-options", "--output-format", "json", "--cap-lints", "allow"])
        // The JSON is unstable, but its version is that of the compiler, so this needs no other compiler.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(here)
        .status()?;
    if !status.success() {
        return Err(format!("rustdoc fails for {name}: {status}").into());
    }
    Ok(target.join("doc").join(name.replace('-', "_")).with_extension("json"))
}

/// Returns the version of the JSON.
fn format(json: &Path) -> Result<u64> {
    let json: serde_json::Value = serde_json::from_slice(&fs::read(json)?)?;
    json["format_version"].as_u64().ok_or_else(|| "the JSON of rustdoc has no version".into())
}

/// Returns the API as text. What every type has by `std` or by its fields is left out; `tests/it/auto_traits.rs` of the crates holds the latter.
fn api(json: &Path) -> Result<String> {
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;
    Ok(format!("{api}"))
}

/// Whether both are the same. Prints the lines that differ.
fn is_same(name: &str, old: &str, new: &str) -> bool {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (old.lines().collect(), new.lines().collect());
    old.difference(&new).for_each(|it| eprintln!("{name}: - {it}"));
    new.difference(&old).for_each(|it| eprintln!("{name}: + {it}"));
    old == new
}
