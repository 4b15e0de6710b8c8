//! The graph of locks when locks are dropped.

use super::*;

fn id(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn nameless(number: u32) -> Node {
    Node::Nameless(id(number))
}

/// A step whose contents do not matter.
fn step() -> Step {
    let it = Use { name: None, address: 0, location: Location::caller() };
    Step { held: it, acquired: it }
}

fn add(graph: &mut Graph, from: Node, to: Node) -> usize {
    graph.add(from, to, step()).map_or(0, |it| it.steps.len())
}

#[test]
fn dropped_locks_leave_nothing_behind() {
    let mut graph = Graph::new();
    let named = Node::Named("a");
    for (from, to) in [(1, 2), (2, 3), (1, 3), (4, 3)] {
        assert_eq!(add(&mut graph, nameless(from), nameless(to)), 0);
    }
    assert_eq!(add(&mut graph, named, nameless(1)), 0);
    assert_eq!(add(&mut graph, nameless(3), named), 4, "along the path that was known first");
    graph.remove(id(2));
    assert_eq!(graph.way(named, nameless(3)).map(|it| it.len()), Some(2));
    graph.remove(id(1));
    assert!(graph.way(named, nameless(3)).is_none());
    assert_eq!(add(&mut graph, named, nameless(4)), 3);
    [3, 4].into_iter().for_each(|it| graph.remove(id(it)));
    assert!(graph.after.is_empty() && graph.before.is_empty());
}

#[test]
fn a_circle_of_many_locks_is_found_on_a_small_stack() {
    const N: u32 = 100_000;
    let search = || {
        let mut graph = Graph::new();
        let inner = (1..N).map(|it| add(&mut graph, nameless(it), nameless(it + 1)));
        assert_eq!(inner.max(), Some(0));
        assert_eq!(add(&mut graph, nameless(N), nameless(1)), N as usize);
    };
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(search).unwrap().join().unwrap();
}
