//! Compares two contenders whose times vary more from run to run than they differ from each other.

use std::time::Instant;

use crate::compare::print;

/// Compares short work with varying times in five runs of `rounds` rounds. Each run gives the ratio of the means
/// without the fastest and slowest tenths. Prints the median of the five ratios and the two around it.
pub(crate) fn compare_means(
    what: &str,
    bound: f64,
    rounds: usize,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) {
    fn mean(mut times: Vec<f64>) -> f64 {
        times.sort_by(f64::total_cmp);
        let most = &times[times.len() / 10..times.len() * 9 / 10];
        most.iter().sum::<f64>() / most.len() as f64
    }
    let mut ratios = [(); 5].map(|()| {
        let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let mut time = |is_ours: bool| {
                let start = Instant::now();
                if is_ours {
                    ours();
                } else {
                    theirs();
                }
                let times = if is_ours { &mut our_times } else { &mut their_times };
                times.push(start.elapsed().as_secs_f64());
            };
            // The contenders take turns at going first.
            time(round % 2 == 0);
            time(round % 2 == 1);
        }
        mean(our_times) / mean(their_times)
    });
    ratios.sort_by(f64::total_cmp);
    print(what, bound, [ratios[2], ratios[1], ratios[3]]);
}
