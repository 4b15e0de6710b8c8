//! Trees of groups that are too deep for recursion.

use std::thread;

use threadwork_core::{ThreadGroup, current_stop_token};

use crate::support::join;

const DEPTH: usize = 100_000;

/// Calls `f` on a stack that is too small for deep recursion.
#[track_caller]
fn on_a_small_stack(f: impl FnOnce() + Send + 'static) {
    let small = thread::Builder::new().stack_size(128 * 1024);
    small.spawn(f).unwrap().join().unwrap();
}

/// The groups from the top down.
fn tree() -> Vec<ThreadGroup> {
    let mut groups = vec![ThreadGroup::new("top")];
    for above in 0..DEPTH {
        groups.push(groups[above].child("g"));
    }
    groups
}

#[test]
fn a_deep_tree_is_dropped_in_any_order() {
    on_a_small_stack(|| drop(tree()));
    on_a_small_stack(|| tree().into_iter().rev().for_each(drop));
    on_a_small_stack(|| {
        let lowest = tree().pop().unwrap();
        assert_eq!(std::iter::successors(Some(&lowest), |it| it.parent()).count(), DEPTH + 1);
        drop(lowest);
    });
}

#[test]
fn two_threads_that_drop_the_last_of_a_deep_tree_at_once_drop_it_once() {
    for _ in 0..3 {
        let lowest = tree().pop().unwrap();
        let twins = [lowest.child("one"), lowest.child("other")];
        drop(lowest);
        for twin in twins.map(|it| thread::spawn(move || drop(it))) {
            twin.join().unwrap();
        }
    }
}

#[test]
fn a_deep_tree_is_stopped_from_its_top() {
    on_a_small_stack(|| {
        let groups = tree();
        assert!(groups[1].request_stop());
        assert!(!groups[0].stop_requested());
        assert!(groups[1..].iter().all(ThreadGroup::stop_requested));
    });
}

#[test]
fn a_thread_of_a_deep_tree_belongs_to_all_of_it() {
    on_a_small_stack(|| {
        let (top, lowest) = {
            let mut groups = tree();
            (groups[0].clone(), groups.pop().unwrap())
        };
        assert_eq!(lowest.name().len(), "top".len() + DEPTH * "/g".len());
        top.set_limit(1);
        let thread = lowest.builder().name("lowest").my_thread(current_stop_token, ());
        thread.start().unwrap();
        join(&thread).unwrap();
        assert!(top.contains(&thread));
        top.join_all().unwrap();
        assert_eq!((top.count(), lowest.count()), (0, 0));
        let token = thread.get_result().unwrap();
        assert!(!token.stop_requested());
        top.request_stop();
        assert!(token.stop_requested() && thread.stop_requested());
    });
}
