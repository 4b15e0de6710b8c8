//! Graphs of numbers.

use std::cell::Cell;

use super::{circles_along, components};

#[test]
fn each_of_many_nodes_is_passed_once() {
    const N: usize = 200_000;
    // One long chain that ends in a circle, in the order in which a search without memory would walk the whole chain from each start.
    let looks = Cell::new(0);
    let next = |node: usize| {
        looks.set(looks.get() + 1);
        assert!(looks.get() <= N, "a node is passed again");
        [if node == 0 { 1 } else { node - 1 }]
    };
    assert_eq!(circles_along(0..N, N, next), [[0, 1]]);
    assert_eq!(looks.get(), N);
    looks.set(0);
    let components = components(N, next);
    assert_eq!(looks.get(), N);
    assert_eq!((components.len(), &components[0][..]), (N - 1, &[0, 1][..]));
}

#[test]
fn components_are_the_nodes_that_reach_each_other() {
    // For all graphs of four nodes, compared with a search from each node.
    for graph in 0..1_u32 << 12 {
        let others = |node: usize| (0..4).filter(move |to| *to != node);
        let next = |node: usize| {
            let bit = move |place: usize| graph >> (3 * node + place) & 1 == 1;
            others(node).enumerate().filter(move |it| bit(it.0)).map(|it| it.1).collect::<Vec<_>>()
        };
        let mut reaches = [[false; 4]; 4];
        for (from, reached) in reaches.iter_mut().enumerate() {
            reached[from] = true;
            let mut open = vec![from];
            while let Some(node) = open.pop() {
                for to in next(node) {
                    if !std::mem::replace(&mut reached[to], true) {
                        open.push(to);
                    }
                }
            }
        }
        let component = |node: usize| {
            (0..4).filter(|to| reaches[node][*to] && reaches[*to][node]).collect::<Vec<_>>()
        };
        let mut expected: Vec<_> = (0..4).map(component).collect();
        expected.sort();
        expected.dedup();
        let mut found = components(4, next);
        found.sort();
        assert_eq!(found, expected, "graph {graph:b}");
    }
}
