//! The heap beside a sorted list, and comparisons that panic.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::Heap;

thread_local! {
    /// How many comparisons are left before one panics; `None` for no limit.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Compared by the first number alone.
#[derive(Clone, Copy, Debug)]
struct Item(u32, u32);

impl PartialEq for Item {
    fn eq(&self, other: &Item) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Item {}
impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Item) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Item {
    fn cmp(&self, other: &Item) -> std::cmp::Ordering {
        if let Some(left) = LEFT.get() {
            assert!(left > 0, "no comparison is left");
            LEFT.set(Some(left - 1));
        }
        self.0.cmp(&other.0)
    }
}

/// Numbers that look random.
fn numbers(count: u32) -> impl Iterator<Item = u32> {
    let mut state = 12345_u32;
    (0..count).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    })
}

fn contents(heap: &Heap<Item>) -> Vec<(u32, u32, u64)> {
    heap.entries.iter().map(|it| (it.item.0, it.item.1, it.number)).collect()
}

fn push(heap: &mut Heap<Item>, item: Item) {
    heap.push(&mut Some(item));
}

#[test]
fn what_comes_out_is_sorted_and_stable() {
    let (mut heap, mut model) = (Heap::<Item>::new(), Vec::new());
    for (at, number) in (0..).zip(numbers(3_000)) {
        if number % 3 == 0 {
            let first = heap.first().map(|it| (it.0, it.1));
            let popped = heap.pop().map(|it| (it.0, it.1));
            assert_eq!(first, popped);
            assert_eq!(popped, if model.is_empty() { None } else { Some(model.remove(0)) });
        } else {
            push(&mut heap, Item(number % 20, at));
            let place = model.partition_point(|it: &(u32, u32)| it.0 <= number % 20);
            model.insert(place, (number % 20, at));
        }
        assert_eq!(heap.len(), model.len());
    }
    let rest: Vec<_> = std::iter::from_fn(|| heap.pop()).map(|it| (it.0, it.1)).collect();
    assert_eq!(rest, model);
}

#[test]
fn a_comparison_that_panics_changes_nothing() {
    let mut heap = Heap::new();
    for number in numbers(100) {
        push(&mut heap, Item(number % 30, number));
    }
    for comparisons in 0..20 {
        let before = contents(&heap);
        LEFT.set(Some(comparisons));
        let mut item = Some(Item(0, 0));
        let pushed = catch_unwind(AssertUnwindSafe(|| heap.push(&mut item)));
        LEFT.set(None);
        if pushed.is_ok() {
            break;
        }
        assert!(item.is_some());
        assert_eq!(contents(&heap), before);
        LEFT.set(Some(comparisons));
        assert!(catch_unwind(AssertUnwindSafe(|| heap.pop())).is_err());
        LEFT.set(None);
        assert_eq!(contents(&heap), before);
    }
    assert!(heap.pop().is_some_and(|it| (it.0, it.1) == (0, 0)) || heap.len() > 90);
    let rest: Vec<_> = std::iter::from_fn(|| heap.pop()).map(|it| it.0).collect();
    assert!(rest.is_sorted() && rest.len() >= 99, "{rest:?}");
}
