//! The lines of a queue, step by step.
#![cfg(not(threadwork_loom))]

use std::{panic::Location, sync::Arc, thread::JoinHandle, time::Duration};

use super::{End, Engine, NO_LIMIT, One, held::Held, line::Call, parts::Owed};
use crate::{
    GetError, PutError, StopSource, Wait,
    door::{
        HandOver, Token,
        testing::{deciding, eventually, looks, queue, start, unpark_thread},
    },
    queue::store::{Fifo, Store},
};

type Fifos = Engine<Fifo<u32>>;

fn engine(limit: usize) -> Arc<Fifos> {
    Arc::new(Engine::new(Fifo::new(), limit))
}

/// Starts a thread that waits for an item.
#[track_caller]
fn getter(engine: &Arc<Fifos>) -> (usize, JoinHandle<Result<u32, GetError>>) {
    let engine = Arc::clone(engine);
    start(move || engine.get(One, Location::caller()))
}

/// Starts a thread that waits for room.
#[track_caller]
fn putter(engine: &Arc<Fifos>, item: u32) -> (usize, JoinHandle<Result<(), PutError<u32>>>) {
    let engine = Arc::clone(engine);
    start(move || engine.put(item, Location::caller()))
}

fn owed(engine: &Fifos, end: End) -> usize {
    *engine.state.acquire().owed.of(end)
}

/// Returns the flags of the line.
fn flags(engine: &Fifos, end: End) -> usize {
    engine.line(end).flags()
}

fn waiting(engine: &Fifos, end: End) -> Vec<usize> {
    queue(engine.line(end).key())
}

const AWAITED: usize = 1;
const CALLED: usize = 2;

/// A woken thread has not come yet: the queue keeps its item, and wakes nobody else for the next ones.
#[test]
fn one_thread_is_called_at_a_time() {
    let engine = engine(NO_LIMIT);
    let (first, one) = getter(&engine);
    let (second, two) = getter(&engine);
    assert_eq!(waiting(&engine, End::Items), [first, second]);
    deciding(HandOver::Never, || {
        // The first thread is taken out as by a wake-up, and does not come as long as the lock is held.
        let held = Held::new(&engine);
        held.engine.items.wake(Call::One);
        assert_eq!(waiting(&engine, End::Items), [second]);
        assert_eq!(flags(&engine, End::Items), AWAITED | CALLED);
        drop(held);
    });
    eventually("the first thread waits again", || {
        waiting(&engine, End::Items) == [first, second] && flags(&engine, End::Items) == AWAITED
    });
    deciding(HandOver::Never, || (1..3).for_each(|item| engine.try_put(item).unwrap()));
    let mut got = [one.join().unwrap(), two.join().unwrap()];
    got.sort_unstable_by_key(|it| it.ok());
    assert_eq!(got, [Ok(1), Ok(2)]);
    assert_eq!(waiting(&engine, End::Items), []);
}

/// An item that is kept back is taken by nobody else.
#[test]
fn an_item_that_is_kept_back_goes_to_the_woken_thread() {
    let engine = engine(NO_LIMIT);
    let (_, getting) = getter(&engine);
    deciding(HandOver::Always, || engine.try_put(7).unwrap());
    // Whether the thread has come already or not, there is nothing for others.
    assert_eq!(engine.try_get(One), Err(GetError::Empty));
    assert_eq!(getting.join().unwrap(), Ok(7));
    assert_eq!(owed(&engine, End::Items), 0);
}

/// The same for room.
#[test]
fn a_place_that_is_kept_back_goes_to_the_woken_thread() {
    let engine = engine(1);
    engine.try_put(1).unwrap();
    let (_, putting) = putter(&engine, 2);
    assert_eq!(deciding(HandOver::Always, || engine.try_get(One)), Ok(1));
    assert_eq!(engine.try_put(3), Err(PutError::Full(3)));
    assert_eq!(putting.join().unwrap(), Ok(()));
    assert_eq!(engine.try_get(One), Ok(2));
    assert_eq!(owed(&engine, End::Room), 0);
}

/// A flag of a thread that has left is found by the next put, which keeps nothing back.
#[test]
fn what_is_kept_back_for_nobody_becomes_free_again() {
    let engine = engine(NO_LIMIT);
    engine.items.announce();
    deciding(HandOver::Always, || engine.try_put(1).unwrap());
    assert_eq!((owed(&engine, End::Items), engine.len()), (0, 1));
    assert_eq!(flags(&engine, End::Items), 0);
    assert_eq!(engine.try_get(One), Ok(1));
}

/// A thread for which an item is kept back comes after all items were taken away.
#[test]
fn a_shutdown_takes_what_is_kept_back() {
    let engine = engine(NO_LIMIT);
    let (first, getting) = getter(&engine);
    let mut held = Held::new(&engine);
    assert!(!held.put(&mut Some(1)));
    *held.state().owed.of(End::Items) = 1;
    assert!(unpark_thread(engine.items.key(), first, Token::HANDED_OVER));
    // The thread waits for the lock now.
    let state = held.state();
    state.is_shut = true;
    state.owed = Owed::default();
    assert_eq!(state.store.take_all(), [1]);
    drop(held);
    assert_eq!(getting.join().unwrap(), Err(GetError::ShutDown));
    assert_eq!(owed(&engine, End::Items), 0);
}

/// A thread that gives up as the last one leaves no flag, so what follows visits no line.
#[test]
fn a_thread_that_gives_up_leaves_no_flag() {
    let (engine, stop) = (engine(1), StopSource::new());
    let wait = || Wait::forever().or_stop(&stop.token());
    let (getting, inside) = (wait(), Arc::clone(&engine));
    let (_, one) = start(move || inside.get_with(One, &getting, Location::caller()));
    assert_eq!(flags(&engine, End::Items), AWAITED);
    stop.request_stop();
    assert_eq!(one.join().unwrap(), Err(GetError::Stopped));
    assert_eq!(flags(&engine, End::Items), 0);

    engine.try_put(1).unwrap();
    let stop = StopSource::new();
    let putting = Wait::forever().or_stop(&stop.token());
    let inside = Arc::clone(&engine);
    let (_, one) = start(move || inside.put_with(2, &putting, Location::caller()));
    assert_eq!(flags(&engine, End::Room), AWAITED);
    stop.request_stop();
    assert_eq!(one.join().unwrap(), Err(PutError::Stopped(2)));
    assert_eq!(flags(&engine, End::Room), 0);
}

/// The thread that was told of a wake-up finds the item gone, and keeps its turn.
#[test]
fn a_thread_that_is_overtaken_waits_in_front() {
    let engine = engine(NO_LIMIT);
    let (first, one) = getter(&engine);
    let (second, two) = getter(&engine);
    assert!(unpark_thread(engine.items.key(), first, Token::RETRY));
    eventually("the thread waits again", || waiting(&engine, End::Items) == [first, second]);
    deciding(HandOver::Never, || engine.try_put(1).unwrap());
    assert_eq!(one.join().unwrap(), Ok(1));
    engine.try_put(2).unwrap();
    assert_eq!(two.join().unwrap(), Ok(2));
}

/// A thread that finds the queue locked for long waits for the lock as others do.
#[test]
fn a_thread_that_stands_back_does_not_do_so_for_ever() {
    let engine = engine(NO_LIMIT);
    let held = Held::new(&engine);
    let inside = Arc::clone(&engine);
    let (_, putting) = start(move || inside.try_put(1));
    drop(held);
    assert_eq!(putting.join().unwrap(), Ok(()));
    assert_eq!(engine.try_get(One), Ok(1));
}

/// A thread looks before it stands in the line, unless its time is up.
#[test]
fn a_wait_whose_time_is_up_does_not_look() {
    let engine = engine(NO_LIMIT);
    let looks_in = |wait: &Wait| {
        let before = looks();
        let got = engine.get_with(One, wait, Location::caller());
        assert_eq!(got, Err(GetError::TimedOut));
        looks() - before
    };
    assert_eq!(looks_in(&Wait::timeout(Duration::ZERO)), 0);
    // It may look again before it sleeps.
    assert!(looks_in(&Wait::timeout(Duration::from_millis(20))) > 0);
}
