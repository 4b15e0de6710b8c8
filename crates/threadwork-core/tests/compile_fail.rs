//! Programs that must not compile, with what the compiler must say of them.
//!
//! A program of `compile_fail` says so in its lines that begin with `//~`. Those with `error` are the beginnings of the compiler's errors,
//! one for each error, in its order: at least the code. The others must be somewhere in its answer: they are this library's words, and
//! what its users must be told by name. The rest of the answer is the compiler's affair, and changes with it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

static PROGRAMS: LazyLock<Programs> = LazyLock::new(Programs::new);

/// The programs as a package of their own, which uses this one.
struct Programs {
    package: PathBuf,
}

impl Programs {
    fn new() -> Programs {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        fs::create_dir_all(&package).unwrap();
        let mut manifest = format!(
            "[package]\nname = \"programs\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nthreadwork-core.path = {here:?}\n"
        );
        for path in programs("compile_fail").chain(programs("compile_pass")) {
            let name = name(&path);
            manifest.push_str(&format!("[[bin]]\nname = {name:?}\npath = {path:?}\n"));
        }
        write_if_new(&package.join("Cargo.toml"), &manifest);
        // That of the package, or that of the workspace around it.
        let locks = ["Cargo.lock", "../../Cargo.lock"].map(|it| here.join(it));
        let lock = locks.iter().find(|it| it.is_file()).expect("there is a lock file");
        fs::copy(lock, package.join("Cargo.lock")).unwrap();
        Programs { package }
    }

    /// Calls cargo for one program.
    fn cargo(&self, command: &str, program: &Path) -> Output {
        Command::new(env!("CARGO"))
            .args([command, "--offline", "--quiet", "--color", "never"])
            .args(["--bin", &name(program)])
            .env("CARGO_TARGET_DIR", self.package.join("target"))
            .env("CARGO_TERM_COLOR", "never")
            .current_dir(&self.package)
            .output()
            .expect("cargo can be called")
    }
}

/// Leaves the file as old as it is if it would not change, so that cargo builds nothing again.
fn write_if_new(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::write(path, text).unwrap();
    }
}

fn programs(folder: &str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut programs: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    programs.sort();
    programs.into_iter().filter(|it| it.extension().is_some_and(|it| it == "rs"))
}

fn name(program: &Path) -> String {
    program.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Returns what the answer of the compiler lacks, or has too much of.
fn complaints(program: &str, answer: &str) -> Vec<String> {
    let wanted: Vec<&str> = program.lines().filter_map(|it| it.strip_prefix("//~ ")).collect();
    let (errors, words): (Vec<&str>, Vec<&str>) =
        wanted.into_iter().partition(|it| it.starts_with("error"));
    let is_summary = |it: &&str| it.starts_with("error: could not compile");
    let found: Vec<&str> =
        answer.lines().filter(|it| it.starts_with("error")).filter(|it| !is_summary(it)).collect();
    let mut complaints = Vec::new();
    let as_wanted = found.iter().zip(&errors).all(|(found, wanted)| found.starts_with(wanted));
    if errors.is_empty() || found.len() != errors.len() || !as_wanted {
        complaints.push(format!("it has these errors: {found:#?}\nand not these: {errors:#?}"));
    }
    let missing = words.iter().filter(|it| !answer.contains(**it));
    complaints.extend(missing.map(|it| format!("it does not say: {it}")));
    complaints
}

#[test]
fn misuse_is_a_compile_error_with_a_helpful_message() {
    let mut failures = String::new();
    for path in programs("compile_fail") {
        let output = PROGRAMS.cargo("check", &path);
        let answer = String::from_utf8_lossy(&output.stderr);
        let program = fs::read_to_string(&path).unwrap();
        let complaints = complaints(&program, &answer);
        if !complaints.is_empty() {
            failures += &format!("\n=== {}\n{}\n{answer}\n", name(&path), complaints.join("\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn the_programs_without_their_mistakes_run() {
    for path in programs("compile_pass") {
        let output = PROGRAMS.cargo("run", &path);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
