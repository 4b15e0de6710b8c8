//! Words in the files of a folder.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process,
};

use crate::example::run_example;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = env::temp_dir().join(format!("threadwork-words-{}-{name}", process::id()));
        fs::create_dir_all(path.join("deep/deeper")).expect("a folder can be made");
        Folder(path)
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.0.join(file), bytes).expect("a file can be written");
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the path is text")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads lines of a number and the name of a file.
fn counts<'a>(lines: &[&'a str]) -> BTreeMap<&'a Path, usize> {
    let count = |line: &&'a str| {
        let (words, file) = line.trim_start().split_once(' ').expect("two columns");
        (Path::new(file), words.parse().expect("the first is a number"))
    };
    lines.iter().map(count).collect()
}

#[test]
fn the_words_of_all_files_below_a_folder_are_counted() {
    let folder = Folder::new("all");
    let mut expected = BTreeMap::new();
    for n in 0..40 {
        let file = if n % 2 == 0 { format!("{n}.txt") } else { format!("deep/deeper/{n}.txt") };
        // Some files are longer than what is read at once.
        let words = n * n * n;
        folder.write(&file, "  word\n\tand, ".repeat(words).as_bytes());
        expected.insert(PathBuf::from(file), 2 * words);
    }
    folder.write("empty", b"");
    folder.write("bytes", b"\xff\xfe \0 one-word");
    expected.extend([("empty".into(), 0), ("bytes".into(), 3)]);

    let ended = run_example("word_count", &[folder.path(), "3"]);
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:#?}");
    let lines = ended.lines();
    let (last, files) = lines.split_last().expect("there are lines");
    assert_eq!(files.len(), expected.len());
    assert!(counts(files).into_iter().eq(expected.iter().map(|(file, it)| (file.as_path(), *it))));
    let total: usize = expected.values().sum();
    assert_eq!(*last, format!("{total:>9} total"));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let ended = run_example("word_count", &["no such folder"]);
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.starts_with("no such folder: "), "{ended:#?}");
}

/// The kernel makes up the bytes of a file with a hole as they are read, so the input is larger than any disk.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_and_it_says_what_was_left() {
    use std::{
        fs::File,
        io::{BufRead, BufReader},
        process::Command,
    };

    use crate::{child::run_with, example::example};

    const HOLES: usize = 50;
    let folder = Folder::new("large");
    folder.write("0", b"one two three");
    for n in 1..=HOLES {
        let file = File::create(folder.0.join(format!("deep/{n:02}"))).expect("it can be made");
        file.set_len(1 << 40).expect("files may have holes");
    }
    let mut command = Command::new("sh");
    command.args(["-c", "echo $$; exec \"$0\" \"$@\""]).arg(example("word_count"));
    command.args([folder.path(), "2"]);
    let ended = run_with(&mut command, |stdin, stdout| {
        drop(stdin);
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let id = lines.next().expect("the shell prints its number");
        assert_eq!(lines.next().as_deref(), Some("        3 0"));
        let sent = Command::new("kill").args(["-INT", &id]).status().expect("there is a kill");
        assert!(sent.success());
        lines.map(|it| it + "\n").collect()
    });
    assert_eq!(ended.status.code(), Some(130), "{ended:#?}");
    let lines: Vec<_> = ended.stdout.lines().collect();
    let left = format!("stopped; {HOLES} of 51 files are left: deep/01, deep/02, deep/03, …");
    assert_eq!(lines, ["        3 total", &left], "{ended:#?}");
}
