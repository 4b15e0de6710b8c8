//! Unfinished waits made by hand.

use std::{num::NonZeroU64, time::Duration};

use threadwork_sync::{WaitKind, Waiter};

use super::{What, add_unfinished, nanoseconds};
use crate::{
    testing::{Maker, number},
    timeline::testing::row,
};

#[test]
fn an_unfinished_wait_for_any_is_one_slice_and_a_task_is_none() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[0]), (2, &[3, 0]), (3, &[0])]);
    waits[0].thread.waiter = Waiter::Task;
    let ident = |it: u64| number(it).get();
    let mut rows = [1, 2, 3].map(|it| row(ident(it), "thread", Vec::new()));
    let since = waits[0].since;
    add_unfinished(&mut rows, &waits, since + Duration::from_nanos(7), |it| nanoseconds(since, it));
    let slices = rows.each_ref().map(|it| it.slices.len());
    assert_eq!(slices, [0, 1, 1]);
    let slice = |place: usize| match &rows[place].slices[0].what {
        What::Wait(it) => (it.kind, it.any_of, it.thread.map(NonZeroU64::get)),
        _ => unreachable!("it is a wait"),
    };
    assert_eq!(slice(1), (WaitKind::Join, true, Some(ident(3))));
    assert_eq!(slice(2), (WaitKind::Event, false, None));
    let it = &rows[1].slices[0];
    assert_eq!((it.since, it.until, it.is_open), (0, 7, true));
}
