//! Waiting for any of several objects beside its rival, and threads in the order of their ends: whether the time grows with their number.

use threadwork_bench::{
    board::{Board, measure},
    contests::{as_completed_of_many, timers_as_completed, waits_for_any},
    spread::Spread,
};

fn main() {
    measure(&[("any", waits_for_any), ("many", as_completed_of_many), ("time", time)]);
}

/// Prints how long it takes to collect a thousand timers.
fn time(board: &mut Board) {
    let times = (0..board.rounds(9)).map(|_| timers_as_completed(1_000).as_secs_f64() * 1e3);
    let Spread { median, low, high } = Spread::of(times.collect());
    println!("as_completed, 1,000 timers: {median:.1} ms [{low:.1} .. {high:.1}]  at most 100");
}
