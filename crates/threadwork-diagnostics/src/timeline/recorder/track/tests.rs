//! The limits of a track.

use std::{num::NonZeroU64, time::Instant};

use super::{Event, Kept, Open, Span, Track, What, shortened};
use crate::timeline::testing::{span, wake};

fn kept(limit: usize) -> Kept {
    Kept { limit, ..Kept::default() }
}

fn open(id: u64, since: u64) -> Open {
    let What::Span(span) = span() else { unreachable!() };
    Open { id, span, since }
}

fn times(kept: &Kept) -> Vec<(u64, u64)> {
    kept.events.iter().map(|it| (it.since, it.until)).collect()
}

#[test]
fn the_oldest_events_make_room_for_new_ones_and_are_counted() {
    let mut kept = kept(3);
    for at in 0..5 {
        kept.push(Event { since: at, until: at + 1, what: wake(1, 1) });
    }
    assert_eq!(times(&kept), [(2, 3), (3, 4), (4, 5)]);
    assert_eq!(kept.n_dropped, 2);
}

#[test]
fn spans_that_are_never_left_take_bounded_memory() {
    let mut kept = kept(3);
    (0..5).for_each(|id| kept.enter(open(id, id)));
    assert_eq!((kept.open.len(), kept.n_dropped), (3, 2));
}

#[test]
fn a_limit_of_zero_keeps_nothing() {
    let mut kept = kept(0);
    kept.enter(open(1, 0));
    kept.exit(1, 5);
    kept.push(Event { since: 0, until: 1, what: wake(1, 1) });
    assert_eq!((times(&kept), kept.n_dropped), (vec![], 2));
}

#[test]
fn a_span_is_known_when_it_is_left_also_if_it_is_not_the_innermost() {
    let mut kept = kept(9);
    kept.enter(open(1, 10));
    kept.enter(open(2, 20));
    kept.exit(1, 30);
    assert_eq!((times(&kept), kept.open.len()), (vec![(10, 30)], 1));
    kept.exit(2, 40);
    assert_eq!((times(&kept), kept.open.len()), (vec![(10, 30), (20, 40)], 0));
}

#[test]
fn of_a_span_that_was_entered_twice_the_inner_one_is_left_first() {
    let mut kept = kept(9);
    kept.enter(open(1, 10));
    kept.enter(open(1, 20));
    kept.exit(1, 30);
    assert_eq!(times(&kept), [(20, 30)]);
}

#[test]
fn a_span_that_was_entered_before_the_recording_is_unknown() {
    let mut kept = kept(9);
    kept.exit(1, 30);
    assert_eq!(times(&kept), []);
}

#[test]
fn a_time_before_the_beginning_counts_as_the_beginning() {
    let before = Instant::now();
    let epoch = before + std::time::Duration::from_secs(1);
    let track = Track::new(NonZeroU64::MIN, epoch, 1);
    assert_eq!(track.time(before), 0);
    assert_eq!(track.time(epoch + std::time::Duration::from_nanos(7)), 7);
}

#[test]
fn long_texts_are_cut_between_characters() {
    assert_eq!(shortened("short"), "short");
    let (long, cut) = ("📚".repeat(500), format!("{}…", "📚".repeat(500)));
    assert_eq!(shortened(&long), long);
    assert_eq!(shortened(&(long + "!")), cut);
}

#[test]
fn an_event_takes_up_less_than_100_bytes() {
    assert!(size_of::<Event>() < 100, "{}", size_of::<Event>());
    assert!(size_of::<Span>() <= 24);
}

#[test]
fn events_of_the_past_take_their_place_and_the_oldest_of_all_make_room() {
    let event = |until| Event { since: until - 1, until, what: wake(1, 1) };
    let mut kept = kept(4);
    [10, 30, 50].into_iter().for_each(|it| kept.push(event(it)));
    kept.merge([20, 40, 60].map(event), 4);
    assert_eq!(times(&kept), [(29, 30), (39, 40), (49, 50), (59, 60)]);
    assert_eq!(kept.n_dropped, 2);
}
