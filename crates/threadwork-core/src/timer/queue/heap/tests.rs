use std::collections::BTreeSet;

use super::*;

struct Numbered(usize, Place);

impl Placed for Numbered {
    fn place(&self) -> &Place {
        &self.1
    }
}

/// Timers by number, and the heap that some of them are in, beside the set of those.
struct Both {
    timers: Vec<Arc<Numbered>>,
    dues: Vec<u64>,
    heap: Heap<Numbered>,
    set: BTreeSet<(u64, usize)>,
}

impl Both {
    fn new(n: usize) -> Both {
        let timers = (0..n).map(|number| Arc::new(Numbered(number, Place::new()))).collect();
        Both { timers, dues: vec![0; n], heap: Heap::new(), set: BTreeSet::new() }
    }

    fn push(&mut self, number: usize, due: u64) {
        self.dues[number] = due;
        self.heap.push(Due::of(due), Arc::clone(&self.timers[number]));
        self.set.insert((due, number));
        self.check();
    }

    fn remove(&mut self, number: usize) {
        let is_in = self.set.remove(&(self.dues[number], number));
        let removed = self.heap.remove(&self.timers[number]);
        assert_eq!(removed.map(|it| it.0), is_in.then_some(number));
        self.check();
    }

    fn pop(&mut self) {
        let popped = self.heap.pop().map(|it| it.0);
        let due = self.set.first().map(|it| it.0);
        assert_eq!(popped.map(|it| self.dues[it]), due, "it is one of those that are due first");
        if let Some(number) = popped {
            assert!(self.set.remove(&(self.dues[number], number)));
        }
        self.check();
    }

    /// Checks the order, the places, and that no more than a quarter of the room is needed without giving some back.
    fn check(&self) {
        let items = &self.heap.items;
        assert_eq!((self.heap.len(), items.len()), (self.set.len(), self.set.len()));
        assert_eq!(self.heap.first_due(), self.set.first().map(|it| Due::of(it.0)));
        for (at, item) in items.iter().enumerate() {
            assert_eq!(item.timer.place().0.load(Relaxed), at);
            assert!(at == 0 || items[(at - 1) / CHILDREN].due <= item.due);
        }
        assert!(items.capacity() <= SPARE || items.len() * 4 + 4 > items.capacity());
    }
}

#[test]
fn any_timer_can_be_removed_and_the_first_one_is_popped() {
    let mut random = 88_172_645_463_325_252_u64;
    let mut below = |n: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % n
    };
    // Few different times, so that many timers are due at the same one, and many.
    for times in [3, 1_000_000] {
        let mut both = Both::new(300);
        // It fills, stays full, and becomes empty.
        for arms in [80, 50, 20] {
            for _ in 0..1500 {
                let number = below(300) as usize;
                let is_in = both.timers[number].place().0.load(Relaxed) != Place::NOWHERE;
                match below(100) {
                    it if it < arms && !is_in => both.push(number, below(times)),
                    it if it < 90 => both.remove(number),
                    _ => both.pop(),
                }
            }
        }
        let sorted: Vec<_> = both.heap.sorted().iter().map(|it| both.dues[it.0]).collect();
        assert_eq!(sorted, both.set.iter().map(|it| it.0).collect::<Vec<_>>());
        while !both.set.is_empty() {
            both.pop();
        }
        both.pop();
        assert!(both.timers.iter().all(|it| Arc::strong_count(it) == 1));
    }
}

#[test]
fn timers_that_are_armed_in_any_order_are_popped_in_order() {
    for order in [|it: u64| it, |it| 1000 - it, |it| it * 7919 % 1000, |_| 5] {
        let mut both = Both::new(1000);
        (0..1000).for_each(|it| both.push(it as usize, order(it)));
        (0..1000).for_each(|_| both.pop());
        assert!(both.heap.items.capacity() <= SPARE);
    }
}
