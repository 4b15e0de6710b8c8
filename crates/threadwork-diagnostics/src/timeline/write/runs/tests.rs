use super::{Run, runs};
use crate::timeline::{
    recording::Row,
    testing::{row, slice, timed_out},
};

fn life(ident: u64, name: &str, since: u64, until: u64) -> Row {
    let mut row = Row { since, until: Some(until), ..row(ident, name, vec![]) };
    row.ended.as_mut().expect("it has ended").at = until;
    row
}

fn run(first: usize, number: usize) -> Option<Run> {
    Some(Run { first, number })
}

#[test]
fn threads_of_one_name_that_follow_each_other_are_runs_of_one() {
    let rows = [
        life(1, "MainThread", 0, 900),
        life(2, "reader", 0, 100),
        life(3, "writer", 0, 100),
        life(4, "reader", 100, 200),
        life(5, "reader", 250, 300),
    ];
    assert_eq!(runs(&rows), [None, run(1, 1), None, run(1, 2), run(1, 3)]);
}

#[test]
fn threads_of_one_name_at_the_same_time_are_different() {
    let rows = [life(2, "worker", 0, 100), life(3, "worker", 50, 150), life(4, "worker", 99, 400)];
    assert_eq!(runs(&rows), [None; 3]);
    // The successor belongs to the one that ended last.
    let rows = [life(2, "worker", 0, 100), life(3, "worker", 50, 150), life(4, "worker", 160, 400)];
    assert_eq!(runs(&rows), [None, run(1, 1), run(1, 2)]);
}

#[test]
fn nothing_follows_a_thread_that_is_alive() {
    let alive = Row { until: None, ended: None, ..life(2, "reader", 0, 100) };
    assert_eq!(runs(&[alive, life(3, "reader", 500, 600)]), [None; 2]);
}

#[test]
fn children_of_one_name_of_two_supervisors_are_different() {
    let of = |starter, row| Row { starter: Some(starter), ..row };
    let rows = [
        of(8, life(10, "reader", 0, 100)),
        of(9, life(11, "reader", 110, 150)),
        of(8, life(12, "reader", 200, 250)),
        of(9, life(13, "reader", 260, 300)),
    ];
    assert_eq!(runs(&rows), [run(0, 1), run(1, 1), run(0, 2), run(1, 2)]);
}

#[test]
fn a_wait_after_the_end_of_a_life_does_not_hide_the_successor() {
    let late = vec![slice(100, 130, timed_out(1))];
    let first = Row { slices: late, until: Some(130), ..life(2, "reader", 0, 100) };
    assert_eq!(runs(&[first, life(3, "reader", 120, 200)]), [run(0, 1), run(0, 2)]);
}
