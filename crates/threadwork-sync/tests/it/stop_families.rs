//! Parents and children of stop sources: chains and trees of any depth.
//!
//! Scenario "the stop that spreads" in docs/architecture.md.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use threadwork_sync::{Event, StopCallback, StopSource, StopToken, Wait, WaitError};

use crate::support::Helper;

const LENGTH: usize = 100_000;

/// Calls `f` on a stack that is too small for deep recursion.
#[track_caller]
fn on_a_small_stack(f: impl FnOnce() + Send + 'static) {
    let builder = thread::Builder::new().stack_size(128 * 1024);
    Helper::start_with(builder, f).outcome().unwrap();
}

/// A chain of sources: each is the child of the one before.
fn line() -> Vec<StopSource> {
    let mut line = vec![StopSource::new()];
    for at in 1..LENGTH {
        line.push(StopSource::child_of(&line[at - 1].token()));
    }
    line
}

#[test]
fn a_long_chain_is_stopped_from_its_top() {
    on_a_small_stack(|| {
        let line = line();
        assert!(line[0].request_stop());
        assert!(line.iter().all(StopSource::stop_requested));
    });
}

#[test]
fn a_stop_in_a_long_chain_reaches_only_the_sources_below() {
    on_a_small_stack(|| {
        let line = line();
        assert!(line[LENGTH / 2].request_stop());
        let first = line.iter().position(StopSource::stop_requested);
        assert_eq!(first, Some(LENGTH / 2));
        assert!(line[LENGTH / 2..].iter().all(StopSource::stop_requested));
    });
}

#[test]
fn a_long_chain_is_dropped_in_any_order() {
    on_a_small_stack(|| drop(line()));
    on_a_small_stack(|| line().into_iter().rev().for_each(drop));
    on_a_small_stack(|| {
        // Every other one first.
        let mut number = 0;
        let mut line = line();
        line.retain(|_| {
            number += 1;
            number % 2 == 0
        });
        drop(line);
    });
    on_a_small_stack(|| {
        let last: StopToken = line().pop().unwrap().token();
        drop(last);
    });
}

#[test]
fn the_last_of_a_chain_whose_middle_was_dropped_is_stopped_by_the_top() {
    on_a_small_stack(|| {
        let top = StopSource::new();
        let mut token = top.token();
        for _ in 0..LENGTH {
            token = StopSource::child_of(&token).token();
        }
        let waiter = {
            let token = token.clone();
            Helper::start_blocked(move || Event::new().wait_with(&Wait::forever().or_stop(&token)))
        };
        assert!(!token.stop_requested());
        top.request_stop();
        assert!(token.stop_requested());
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
    });
}

#[test]
fn a_child_of_a_dropped_source_is_stopped_by_its_grandparents() {
    let [one, other, own] = [(); 3].map(|()| StopSource::new());
    let gone = || StopSource::child_of_all([&one.token(), &other.token()]).token();
    let [first, second, third] =
        [(); 3].map(|()| StopSource::child_of_all([&gone(), &own.token()]));
    assert!(second.request_stop() && !first.stop_requested());
    assert!(other.request_stop());
    assert!(first.stop_requested() && third.stop_requested());
    assert!(!one.stop_requested() && !own.stop_requested());
    assert!(StopSource::child_of_all([&gone(), &own.token()]).stop_requested());
}

#[test]
fn a_callback_keeps_its_source_stoppable() {
    let top = StopSource::new();
    let calls = Arc::new(Mutex::new(0));
    let callback = {
        let calls = Arc::clone(&calls);
        let token = StopSource::child_of(&top.token()).token();
        StopCallback::new(&token, move || *calls.lock().unwrap() += 1)
    };
    top.request_stop();
    assert_eq!(*calls.lock().unwrap(), 1);
    drop(callback);
}

#[test]
fn callbacks_of_a_parent_run_before_those_of_its_children_and_all_see_the_stop() {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let top = StopSource::new();
    let children = [(); 3].map(|()| StopSource::child_of(&top.token()));
    let grandchild = StopSource::child_of(&children[1].token());
    let all = [&grandchild, &children[2], &children[1], &children[0], &top];
    let tokens: Vec<_> = all.iter().map(|it| it.token()).collect();
    let callbacks: Vec<_> = (0..10)
        .map(|number| {
            let (notes, tokens) = (Arc::clone(&notes), tokens.clone());
            StopCallback::new(&tokens[number % 5].clone(), move || {
                assert!(tokens.iter().all(StopToken::stop_requested));
                notes.lock().unwrap().push(number);
            })
        })
        .collect();
    assert!(top.request_stop());
    assert_eq!(*notes.lock().unwrap(), [4, 9, 3, 8, 2, 7, 1, 6, 0, 5]);
    drop(callbacks);
}

#[test]
fn a_callback_may_drop_and_make_relatives() {
    let top = StopSource::new();
    let (middle, below) = {
        let middle = StopSource::child_of(&top.token());
        let below = StopSource::child_of(&middle.token());
        (middle, below)
    };
    let (token, low) = (top.token(), below.token());
    let callback = StopCallback::new(&token.clone(), move || {
        drop((middle, below));
        assert!(StopSource::child_of(&token).stop_requested());
        let other = StopSource::new();
        let child = StopSource::child_of(&other.token());
        assert!(other.request_stop() && child.stop_requested());
    });
    assert!(top.request_stop());
    assert!(low.stop_requested());
    drop(callback);
}

/// All sources below are stopped when the request returns, whatever happens meanwhile to the sources between.
#[test]
fn a_stop_reaches_all_sources_below_while_parents_come_and_go() {
    for _ in 0..200 {
        let top = StopSource::new();
        let line: Vec<_> = (0..20)
            .scan(top.token(), |last, _| {
                let next = StopSource::child_of(last);
                *last = next.token();
                Some(next)
            })
            .collect();
        let low = StopSource::child_of(&line[19].token());
        let halves: [Vec<_>; 2] =
            line.into_iter().enumerate().fold(Default::default(), |mut halves, (at, it)| {
                halves[at % 2].push(it);
                halves
            });
        let droppers = halves.map(|half| thread::spawn(move || drop(half)));
        assert!(top.request_stop());
        assert!(low.stop_requested());
        for dropper in droppers {
            dropper.join().unwrap();
        }
    }
}
