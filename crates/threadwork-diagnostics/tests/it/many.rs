//! Many threads that print at the same time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Barrier},
};

use threadwork_core::Thread;
use threadwork_diagnostics::init;

use crate::{ctime::check_is_now, program::Program};

const THREADS: usize = 64;
const ROUNDS: usize = 40;

#[test]
fn every_line_is_whole_however_many_threads_print() {
    let program = Program::new(|| {
        init().unwrap();
        for round in 0..ROUNDS {
            let all_there = Arc::new(Barrier::new(THREADS));
            let threads: Vec<_> = (0..THREADS)
                .map(|i| {
                    let all_there = Arc::clone(&all_there);
                    let run = move || {
                        println!("here is {round}/{i}");
                        all_there.wait();
                    };
                    Thread::builder().name(format!("{round}/{i}")).build(run)
                })
                .collect();
            threads.iter().for_each(|thread| thread.start().unwrap());
            threads.iter().for_each(|thread| thread.join().unwrap());
        }
    });
    let ended = program.run();
    let mut lines_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in ended.lines() {
        let (name, what) = whose(line).unwrap_or_else(|| panic!("a broken line: {line:?}"));
        lines_of.entry(name).or_default().push(what);
    }
    for round in 0..ROUNDS {
        for i in 0..THREADS {
            let lines = lines_of.remove(&*format!("{round}/{i}")).unwrap_or_default();
            assert_eq!(lines, ["starting", "here", "finished"], "{round}/{i}");
        }
    }
    assert!(lines_of.is_empty(), "no thread printed these: {lines_of:?}");
}

#[test]
fn lines_longer_than_any_buffer_are_whole_too() {
    const LENGTH: usize = 100_000;

    let program = Program::new(|| {
        init().unwrap();
        std::panic::set_hook(Box::new(|_| ()));
        let threads: Vec<_> = ('a'..='h')
            .map(|letter| {
                let message = letter.to_string().repeat(LENGTH);
                Thread::builder().name(letter).build(move || panic!("{message}"))
            })
            .collect();
        threads.iter().for_each(|thread| thread.start().unwrap());
        threads.iter().for_each(|thread| drop(thread.join().unwrap_err()));
    });
    let ended = program.run();
    let mut panicked: Vec<_> =
        ended.lines().into_iter().filter(|line| !line.starts_with("starting ")).collect();
    panicked.sort_unstable();
    assert_eq!(panicked.len(), 8);
    for (line, letter) in panicked.into_iter().zip('a'..) {
        let message = format!(": {}", letter.to_string().repeat(LENGTH));
        let time = line
            .strip_prefix(&format!("{letter} panicked at: "))
            .and_then(|rest| rest.strip_suffix(&message));
        check_is_now(time.expect("a whole line"), 0);
    }
}

/// The thread of a line, and what happened to it.
fn whose(line: &str) -> Option<(&str, &str)> {
    if let Some(name) = line.strip_prefix("here is ") {
        return Some((name, "here"));
    }
    let (event, time) = line.split_once(" at: ")?;
    check_is_now(time, 0);
    match event.split_once(' ')? {
        ("starting", name) => Some((name, "starting")),
        (name, "finished") => Some((name, "finished")),
        _ => None,
    }
}
