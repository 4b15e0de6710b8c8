//! A pipeline: each stage has threads of its own, and hands on to the next one through a queue that holds a few items.
//!
//! A stage ends when the one before it has ended, since the last sender that is dropped shuts the queue down.

use std::{collections::BTreeMap, error::Error};

use threadwork::{MyThread, Queue, Receiver, Sender, Thread, ThreadGroup};

const LINES: u32 = 1000;

/// What a line of the log says.
struct Entry {
    level: String,
    millis: u32,
}

/// Writes the lines of a log, some of which are damaged.
fn read(lines: &Sender<Queue<String>>) {
    for number in 1..=LINES {
        let line = match number % 10 {
            0 => "?".to_owned(),
            1 | 2 => format!("warn {number}"),
            _ => format!("info {}", number % 7),
        };
        // Waits while the parsers have enough to do.
        if lines.put(line).is_err() {
            return;
        }
    }
}

/// Parses lines; returns how many it could not read.
fn parse(lines: &Receiver<Queue<String>>, entries: &Sender<Queue<Entry>>) -> u32 {
    let mut damaged = 0;
    for line in lines.iter() {
        let Some(entry) = entry(&line) else {
            damaged += 1;
            continue;
        };
        if entries.put(entry).is_err() {
            break;
        }
    }
    damaged
}

fn entry(line: &str) -> Option<Entry> {
    let (level, millis) = line.split_once(' ')?;
    Some(Entry { level: level.to_owned(), millis: millis.parse().ok()? })
}

/// Adds up the entries of each level: how many there are, and the longest time.
fn summarize(entries: &Receiver<Queue<Entry>>) -> BTreeMap<String, (u32, u32)> {
    let mut levels = BTreeMap::new();
    for entry in entries.iter() {
        let (count, longest) = levels.entry(entry.level).or_insert((0, 0));
        *count += 1;
        *longest = entry.millis.max(*longest);
    }
    levels
}

fn main() -> Result<(), Box<dyn Error>> {
    let (lines_in, lines) = Queue::bounded(8).named("lines").split();
    let (entries_in, entries) = Queue::bounded(8).named("entries").split();

    Thread::builder().name("reader").spawn(move || read(&lines_in))?;
    let parsers = ThreadGroup::new("parsers");
    let mut parsing = Vec::new();
    for _ in 0..3 {
        let (lines, entries_in) = (lines.clone(), entries_in.clone());
        let parse = move || parse(&lines, &entries_in);
        parsing.push(parsers.builder().spawn_my_thread(parse)?);
    }
    // The parsers have clones, and theirs are the last ones.
    drop((lines, entries_in));
    let summary = MyThread::spawn(move || summarize(&entries))?;

    let levels = summary.into_result()?;
    let mut damaged = 0;
    for parser in parsing {
        damaged += parser.into_result()?;
    }
    for (level, (count, longest)) in &levels {
        println!("{level}: {count} lines, at most {longest} ms");
    }
    println!("damaged: {damaged} lines");
    assert_eq!(levels.values().map(|it| it.0).sum::<u32>() + damaged, LINES);
    Ok(())
}
