//! Compares two contenders, measured in turns so that a busy machine affects both alike.

use std::time::{Duration, Instant};

/// Prints the median and the quartiles of the ratios of the rounds.
pub(crate) fn compare(
    what: &str,
    bound: f64,
    rounds: usize,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) {
    fn timed(work: &mut impl FnMut()) -> Duration {
        let start = Instant::now();
        work();
        start.elapsed()
    }
    compare_times(what, bound, rounds, || timed(&mut ours), || timed(&mut theirs));
}

/// As [`compare`], for contenders that measure themselves.
pub(crate) fn compare_times(
    what: &str,
    bound: f64,
    rounds: usize,
    mut ours: impl FnMut() -> Duration,
    mut theirs: impl FnMut() -> Duration,
) {
    ours();
    theirs();
    let mut ratios: Vec<f64> = (0..rounds)
        .map(|round| {
            // The contenders take turns at going first.
            if round % 2 == 0 {
                let ours = ours().as_secs_f64();
                ours / theirs().as_secs_f64()
            } else {
                let theirs = theirs().as_secs_f64();
                ours().as_secs_f64() / theirs
            }
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    print(what, bound, [2, 1, 3].map(|quarter| ratios[rounds * quarter / 4]));
}

/// Prints the median and the quartiles, and whether the median misses the bound. An infinite bound is none.
pub(crate) fn print(what: &str, bound: f64, [median, low, high]: [f64; 3]) {
    let verdict = match bound {
        f64::INFINITY => String::new(),
        _ if median <= bound => format!("  at most {bound}"),
        _ => format!("  at most {bound}  MISSED"),
    };
    println!("{what:58} {median:6.3}  [{low:6.3} .. {high:6.3}]{verdict}");
}
