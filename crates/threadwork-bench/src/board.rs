//! Measures contenders in turns, so that a busy machine affects all of them alike, and keeps what was found.

use std::time::{Duration, Instant};

use crate::{
    contest::{Contest, Row},
    spread::{Spread, median},
};

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All rounds.
    Whole,
    /// A third of the rounds: for the report.
    Short,
    /// As little as shows that it can be measured.
    Quick,
}

/// Measures, prints what it has found, and keeps it.
#[derive(Debug)]
pub struct Board {
    pace: Pace,
    rows: Vec<Row>,
}

impl Board {
    /// Creates one that has measured nothing.
    #[must_use]
    pub fn new(pace: Pace) -> Board {
        Board { pace, rows: Vec::new() }
    }

    /// Returns how much is measured.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Returns what was found so far.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns this number of rounds, or less.
    #[must_use]
    pub fn rounds(&self, all: usize) -> usize {
        match self.pace {
            Pace::Whole => all,
            Pace::Short => (all / 3).max(9).min(all),
            Pace::Quick => (all / 100).max(2),
        }
    }

    /// Returns this number of operations in a round, or less.
    #[must_use]
    pub fn amount(&self, all: usize) -> usize {
        if self.pace == Pace::Quick { (all / 50).max(1) } else { all }
    }

    /// Compares the times of two contenders.
    pub fn compare(&mut self, contest: Contest, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
        self.compare_times(contest, || timed(&mut ours), || timed(&mut theirs));
    }

    /// As [`compare`](Self::compare), for contenders that measure themselves.
    pub fn compare_times(
        &mut self,
        contest: Contest,
        mut ours: impl FnMut() -> Duration,
        mut theirs: impl FnMut() -> Duration,
    ) {
        ours();
        theirs();
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..self.rounds(contest.rounds) {
            // The contenders take turns at going first.
            for contender in [round % 2, (round + 1) % 2] {
                let time = if contender == 0 { ours() } else { theirs() };
                times[contender].push(time.as_secs_f64());
            }
        }
        let ratios = times[0].iter().zip(&times[1]).map(|(ours, theirs)| ours / theirs);
        let ratio = Spread::of(ratios.collect());
        self.note(contest, ratio, times.map(median));
    }

    /// Compares short work with times that vary more from round to round than the contenders differ from each other, in five runs of the
    /// rounds. Each run gives the ratio of the means without the fastest and slowest tenths. The result is the median of the five ratios and
    /// the two around it.
    pub fn compare_means(
        &mut self,
        contest: Contest,
        mut ours: impl FnMut(),
        mut theirs: impl FnMut(),
    ) {
        let rounds = self.rounds(contest.rounds);
        let runs = [(); 5].map(|()| {
            let mut times = [Vec::new(), Vec::new()];
            for round in 0..rounds {
                // The contenders take turns at going first.
                for contender in [round % 2, (round + 1) % 2] {
                    let time = if contender == 0 { timed(&mut ours) } else { timed(&mut theirs) };
                    times[contender].push(time.as_secs_f64());
                }
            }
            times.map(mean_of_most)
        });
        let mut ratios = runs.map(|[ours, theirs]| ours / theirs);
        ratios.sort_by(f64::total_cmp);
        let ratio = Spread { median: ratios[2], low: ratios[1], high: ratios[3] };
        self.note(
            contest,
            ratio,
            [0, 1].map(|contender| median(runs.map(|it| it[contender]).into())),
        );
    }

    /// Keeps what was measured in another way: the ratio, and the seconds of a round of each.
    pub fn note(&mut self, contest: Contest, ratio: Spread, seconds: [f64; 2]) {
        let Contest { what, rival, bound, each, .. } = contest;
        let seconds = seconds.map(|it| it / each as f64);
        let row = Row { what, rival, bound, ratio, seconds };
        row.print();
        self.rows.push(row);
    }
}

/// Returns how long the work takes.
pub fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Returns the mean without the fastest and slowest tenths.
fn mean_of_most(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let most = &times[times.len() / 10..times.len() - times.len() / 10];
    most.iter().sum::<f64>() / most.len() as f64
}

/// A part of a benchmark, by its name.
pub type Part = (&'static str, fn(&mut Board));

/// Measures the parts that are named on the command line, or all.
pub fn measure(parts: &[Part]) {
    let words: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let mut board = Board::new(Pace::Whole);
    for (name, measure) in parts {
        if words.is_empty() || words.iter().any(|it| it == name) {
            measure(&mut board);
        }
    }
}
