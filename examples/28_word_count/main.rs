//! Counts the words of all files in a folder, with a worker for each processor. Files are printed in the order in which they are done, below
//! them a progress bar. Ctrl-C ends the program within a second, and it says what was left.
//!
//! `word_count FOLDER [WORKERS]`

mod files;
mod words;

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use indicatif::ProgressBar;
use threadwork::{Executor, Program, Task, as_completed, stop_requested};

/// A file, and how many words it has.
type Count = Task<(PathBuf, u64)>;

/// How many of the files that are left it names.
const NAMED: usize = 3;

/// Counts the words of all files. Returns the code of the program.
fn count_all(folder: &Path, executor: &Executor) -> Result<ExitCode, Box<dyn Error>> {
    let files = files::below(folder)?;
    let submit = |file: &PathBuf| -> Count {
        let (file, path) = (file.clone(), folder.join(file));
        executor.submit_fallible(move || Ok((file, words::count(&path)?)))
    };
    let counts: Vec<Count> = files.iter().map(submit).collect();

    let bar = ProgressBar::new(files.len() as u64);
    let mut total = 0;
    for count in as_completed(&counts)? {
        if let Ok((file, words)) = count.get_result() {
            total += words;
            bar.suspend(|| println!("{words:>9} {}", file.display()));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();

    let missing: Vec<_> =
        files.iter().zip(&counts).filter(|(_, it)| it.get_result().is_err()).collect();
    println!("{total:>9} total");
    Ok(report(&missing, files.len()))
}

/// Says which of the files were not counted, and why.
fn report(missing: &[(&PathBuf, &Count)], n_files: usize) -> ExitCode {
    if missing.is_empty() {
        return ExitCode::SUCCESS;
    }
    if stop_requested() {
        let named = missing.iter().take(NAMED).map(|(file, _)| file.display().to_string());
        let more = if missing.len() > NAMED { ", …" } else { "" };
        let named = named.collect::<Vec<_>>().join(", ");
        println!("stopped; {} of {n_files} files are left: {named}{more}", missing.len());
        return ExitCode::from(130);
    }
    for (file, count) in missing {
        if let Err(error) = count.get_result() {
            eprintln!("{}: {error}", file.display());
        }
    }
    ExitCode::FAILURE
}

fn main() -> ExitCode {
    let args: Vec<_> = env::args().collect();
    let workers = args.get(2).map(|it| it.parse());
    let (Some(folder), Ok(workers)) = (args.get(1), workers.transpose()) else {
        eprintln!("word_count FOLDER [WORKERS]");
        return ExitCode::from(2);
    };
    let mut executor = Executor::builder().name("counter");
    if let Some(workers) = workers {
        executor = executor.workers(workers);
    }
    Program::new().stop_on_signals().wait_at_most(Duration::from_secs(1)).run(|| {
        count_all(Path::new(folder), &executor.build()).unwrap_or_else(|error| {
            eprintln!("{folder}: {error}");
            ExitCode::FAILURE
        })
    })
}
