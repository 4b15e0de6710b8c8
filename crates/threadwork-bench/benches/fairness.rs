//! How fair the locks are beside their rivals: threads that acquire one again as soon as they have released it.
//!
//! `cargo bench -p threadwork-bench --bench fairness -- KINDS THREADS SECTIONS RUNS SECONDS` measures a part of it, for example
//! `-- lock,rlock 16 10` or `-- all 2,4 0,1 3 0.1`. What is left out, or `all`, is everything; sections are in microseconds.

use std::time::Duration;

use threadwork_bench::fairness::{KINDS, Kind, Outcome, Work};

/// The bounds of the ratios to the rival: the least share, the longest wait, the time of a round.
const SHARE: f64 = 0.85;
const LONGEST: f64 = 1.5;
const TIME: f64 = 1.05;

/// No ratio may be beyond this, or below its inverse for the share.
const BEYOND: f64 = 2.0;

/// The bounds of one cell, whatever the rival does: the number of threads, the section, the least share and the longest wait.
const ABSOLUTE: (usize, Duration, f64, Duration) =
    (16, Duration::from_micros(10), 0.85, Duration::from_millis(10));

/// How many cells hold each of the three bounds, and how many hold them all within [`BEYOND`].
#[derive(Default)]
struct Held {
    cells: usize,
    bounds: [usize; 3],
    not_beyond: usize,
}

impl Held {
    /// Adds a cell. Returns what to say of it.
    fn add(&mut self, [ours, theirs]: [Outcome; 2]) -> String {
        let ratio = |one: f64, other: f64| if one == other { 1.0 } else { one / other };
        let share = ratio(ours.share, theirs.share);
        let longest = ratio(ours.longest, theirs.longest);
        let time = ratio(theirs.rate, ours.rate);
        let held = [share >= SHARE, longest <= LONGEST, time <= TIME];
        let is_beyond = share < 1.0 / BEYOND || longest > BEYOND || time > BEYOND;
        self.cells += 1;
        self.not_beyond += usize::from(!is_beyond);
        self.bounds.iter_mut().zip(held).for_each(|(count, held)| *count += usize::from(held));
        let missed: Vec<_> = ["share", "longest", "time"]
            .into_iter()
            .zip(held)
            .filter_map(|(name, held)| (!held).then_some(name))
            .collect();
        let (missed, beyond) = (missed.join(" "), if is_beyond { " BEYOND" } else { "" });
        format!("{share:7.2} | {longest:9.2} | {time:6.3} | {missed}{beyond}")
    }

    /// Prints how many cells hold the bounds.
    fn print(&self, kind: &str) {
        let Held { cells, bounds: [share, longest, time], not_beyond } = self;
        println!(
            "{kind}: of {cells} cells {share} hold the share, {longest} the longest wait, {time} the time (wanted: 14 of 16); \
            {} beyond {BEYOND} x",
            cells - not_beyond,
        );
    }
}

fn print_head() {
    println!(
        "| {:15} | threads |  µs | share | rival | 99.9 % µs |     rival | longest ms |      rival |  per ms |   rival | share x \
        | longest x | time x | missed |",
        "kind",
    );
    println!("|{}", "---|".repeat(15));
}

fn print_row(kind: &str, work: &Work, outcomes: [Outcome; 2], verdict: &str) {
    let columns = |width: usize, digits: usize, of: fn(&Outcome) -> f64| {
        let [ours, theirs] = outcomes.each_ref().map(of);
        format!("{ours:width$.digits$} | {theirs:width$.digits$}")
    };
    println!(
        "| {kind:15} | {:7} | {:3} | {} | {} | {} | {} | {verdict} |",
        work.threads,
        work.section.as_micros(),
        columns(5, 3, |it| it.share),
        columns(9, 1, |it| it.tail * 1e6),
        columns(10, 2, |it| it.longest * 1e3),
        columns(7, 1, |it| it.rate / 1e3),
    );
}

/// Prints whether both contenders hold the absolute bounds.
fn print_absolute(kind: &str, outcomes: [Outcome; 2]) {
    let (threads, section, share, longest) = ABSOLUTE;
    for (name, outcome) in ["Threadwork", "rival"].into_iter().zip(outcomes) {
        let is_held = outcome.share >= share && outcome.longest <= longest.as_secs_f64();
        println!(
            "{kind}, {threads} threads, {section:?}, {name}: share {:.3} (at least {share}), longest {:.1} ms (at most {longest:?}){}",
            outcome.share,
            outcome.longest * 1e3,
            if is_held { "" } else { "  MISSED" },
        );
    }
}

/// Returns the argument at a place as a list; `None` stands for everything.
fn list(place: usize) -> Option<Vec<String>> {
    let words = std::env::args().skip(1).filter(|it| !it.starts_with("--"));
    let word = words.into_iter().nth(place).filter(|it| it != "all")?;
    Some(word.split(',').map(str::to_owned).collect())
}

/// Returns the argument at a place as numbers.
fn numbers(place: usize, all: &[f64]) -> Vec<f64> {
    let parse = |it: &String| it.parse().unwrap_or_else(|_| panic!("{it} is not a number"));
    list(place).map_or(all.to_vec(), |words| words.iter().map(parse).collect())
}

fn main() {
    let names = list(0);
    let threads = numbers(1, &[2.0, 4.0, 16.0, 64.0]);
    let sections = numbers(2, &[0.0, 1.0, 10.0, 100.0]);
    let (runs, seconds) = (numbers(3, &[7.0])[0] as usize, numbers(4, &[0.4])[0]);
    for Kind { name: kind, groups, contenders } in KINDS {
        if names.as_ref().is_some_and(|names| !names.iter().any(|it| it == kind)) {
            continue;
        }
        print_head();
        let (mut held, mut absolute) = (Held::default(), None);
        for &threads in &threads {
            for &section in &sections {
                let (threads, time) = (threads as usize, Duration::from_secs_f64(seconds));
                let section = Duration::from_secs_f64(section / 1e6);
                let work = Work { threads, section, time, groups };
                contenders(&mut |ours, theirs| {
                    let outcomes = work.compare(runs, [ours, theirs]);
                    print_row(kind, &work, outcomes, &held.add(outcomes));
                    if (threads, section) == (ABSOLUTE.0, ABSOLUTE.1) {
                        absolute = Some(outcomes);
                    }
                });
            }
        }
        held.print(kind);
        absolute.into_iter().for_each(|outcomes| print_absolute(kind, outcomes));
    }
}
