//! Looks at waits made by hand.

use std::{num::NonZeroU64, time::Duration};

use threadwork_sync::{Waiter, Waiting};

use super::{Seen, Sighting};
use crate::{
    dump::Snapshot,
    testing::{Maker, number},
};

const LIMIT: Duration = Duration::from_secs(10);

fn long_ago(mut waits: Vec<Waiting>) -> Vec<Waiting> {
    waits.iter_mut().for_each(|it| it.since -= 2 * LIMIT);
    waits
}

#[test]
fn a_thread_that_waits_for_any_is_reported_once_and_never_for_its_tasks() {
    let mut waits = long_ago(Maker::new().any_of(&[(1, &[0, 2, 0]), (2, &[1]), (3, &[0])]));
    waits[4].thread.waiter = Waiter::Task;
    let snapshot = Snapshot::of(waits);
    let mut seen = Seen::default();
    let threads = seen.fresh_waits(&snapshot, LIMIT);
    let idents: Vec<_> = threads.iter().map(|it| it.ident).collect();
    assert_eq!(idents, [1, 2].map(|it| NonZeroU64::get(number(it))));
    assert!(seen.fresh_waits(&snapshot, LIMIT).is_empty());
}

#[test]
fn a_task_is_reported_once_whichever_thread_polls_it() {
    let maker = Maker::new();
    let mut task = long_ago(maker.any_of(&[(1, &[0])])).remove(0);
    task.thread.waiter = Waiter::Task;
    let mut seen = Seen::default();
    let mut look = |waits: &[Waiting]| seen.fresh_tasks(&Snapshot::of(waits.to_vec()), LIMIT);
    let mut recent = task.clone();
    recent.since += LIMIT + Duration::from_secs(1);
    let found = look(&[task.clone(), recent]);
    assert_eq!(found.len(), 1);
    let text = Sighting::TaskWaitsLong(found[0].clone()).to_string();
    let first = format!(
        "a task has been waiting for a long time:\n  task, last polled by 'thread {}'",
        number(1)
    );
    assert!(text.starts_with(&first), "{text}");
    task.thread.ident = number(2);
    assert!(look(&[task.clone()]).is_empty());
    // The same task waits again.
    task.since += Duration::from_secs(1);
    assert_eq!(look(&[task.clone()]).len(), 1);
    // Another task waits for another object since the same moment.
    let mut other = task.clone();
    other.address += 8;
    assert_eq!(look(&[task, other]).len(), 1);
}
