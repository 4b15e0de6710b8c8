//! The order of a list, and its links in both directions.

use super::*;
use crate::{
    door::{
        bucket::{
            sleeper::{self, Sleeper},
            terms::Parking,
        },
        testing::subject,
    },
    floor::Word,
};

/// Returns the places of the nodes of the list among `nodes`. They are the same from behind.
#[track_caller]
fn order(list: &List, nodes: &[Node]) -> Vec<usize> {
    let place_in = |pointer| nodes.iter().position(|it| it.pointer() == pointer).unwrap();
    let mut order = Vec::new();
    // SAFETY: no other thread knows the list.
    unsafe { list.for_each(|node| order.push(place_in(node.pointer()))) };
    let (mut backwards, mut next) = (Vec::new(), list.last);
    while let Some(node) = next {
        backwards.insert(0, place_in(node));
        // SAFETY: as above, and the node is in the list.
        next = unsafe { place_of(node) }.before;
    }
    assert_eq!(order, backwards);
    order
}

/// Calls `f` with a list into which five nodes were pushed: those that stand at these places, at the front.
fn with_list(at_front: [bool; 5], f: impl FnOnce(&mut List, &[Node])) {
    let (words, subject) = ([Word::new(0), Word::new(0)], subject());
    let sleeper = sleeper::mine();
    let sleeper: &'static Sleeper = &sleeper;
    let nodes: Vec<Node> = (0..5)
        .map(|at| {
            let key = Key::of(&words[at % 2]);
            Node::waiter(&Parking { key, amount: 0, subject: &subject, overtaken: false }, sleeper)
        })
        .collect();
    let mut list = List::new();
    for (node, at_front) in nodes.iter().zip(at_front) {
        // SAFETY: no other thread knows the list, and it ends before the nodes.
        unsafe { list.push(node, at_front) };
        // SAFETY: as above.
        assert!(unsafe { node.place() }.is_linked());
    }
    f(&mut list, &nodes);
}

#[test]
fn nodes_are_added_at_the_front_and_at_the_end() {
    for (at_front, expected) in [
        ([false; 5], [0, 1, 2, 3, 4]),
        ([true; 5], [4, 3, 2, 1, 0]),
        ([true, false, false, true, true], [4, 3, 0, 1, 2]),
        ([false, true, false, true, false], [3, 1, 0, 2, 4]),
    ] {
        with_list(at_front, |list, nodes| assert_eq!(order(list, nodes), expected));
    }
}

#[test]
fn a_node_is_taken_out_wherever_it_is() {
    for taken_first in 0..5 {
        with_list([true, false, false, true, true], |list, nodes| {
            let mut expected = vec![4, 3, 0, 1, 2];
            for taken in (0..5).map(|it| (it + taken_first) % 5) {
                // SAFETY: no other thread knows the list, and the node is in it.
                unsafe { list.remove(&nodes[taken]) };
                // SAFETY: as above.
                assert!(!unsafe { nodes[taken].place() }.is_linked());
                expected.retain(|it| *it != taken);
                assert_eq!(order(list, nodes), expected);
            }
            assert!(list.first.is_none() && list.last.is_none());
        });
    }
}

#[test]
fn a_queue_is_the_nodes_of_one_key() {
    with_list([true, false, false, true, true], |list, nodes| {
        for (key, expected) in [(nodes[0].key(), vec![4, 0, 2]), (nodes[1].key(), vec![3, 1])] {
            let mut places = Vec::new();
            // SAFETY: no other thread knows the list, and nothing is taken out.
            let mut next = unsafe { list.first(key) };
            while let Some(node) = next {
                places.push(nodes.iter().position(|it| it.pointer() == node.pointer()).unwrap());
                // SAFETY: as above, and the node is in the list.
                next = unsafe { list.next(node, key) };
            }
            assert_eq!(places, expected);
        }
    });
}
