//! Two contenders, measured in turns so that a busy machine disturbs both alike.

use std::time::Instant;

fn seconds(work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Prints the median of the ratios of the rounds, and the two middle quarters around it.
pub(crate) fn compare(
    what: &str,
    bound: f64,
    rounds: usize,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) {
    ours();
    theirs();
    let mut ratios: Vec<f64> = (0..rounds)
        .map(|round| {
            // Neither is always the first.
            if round % 2 == 0 {
                let ours = seconds(&mut ours);
                ours / seconds(&mut theirs)
            } else {
                let theirs = seconds(&mut theirs);
                seconds(&mut ours) / theirs
            }
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let [low, median, high] = [1, 2, 3].map(|quarter| ratios[rounds * quarter / 4]);
    let verdict = if median <= bound { "" } else { "  MISSED" };
    println!("{what:58} {median:6.3}  [{low:6.3} .. {high:6.3}]  at most {bound}{verdict}");
}
