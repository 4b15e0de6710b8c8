//! `Local` beside `std::thread_local!` and the crate `thread_local`: ratios, measured in turns.

use std::{cell::Cell, hint::black_box};

use threadwork::Local;

mod compare;
use compare::compare;

/// Has a destructor, so that `std` must check whether the value is still alive.
struct Counter(Cell<u64>);

impl Counter {
    fn new() -> Counter {
        Counter(Cell::new(black_box(0)))
    }

    fn add(&self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        black_box(self.0.get());
    }
}

static OURS: Local<Counter> = Local::new(Counter::new);

thread_local! {
    static STD: Counter = Counter::new();
}

const TIMES: usize = 100_000;
const ROUNDS: usize = 301;

/// Not inlined into the loop, so that each call looks the value up again.
#[inline(never)]
fn ours() {
    OURS.with(Counter::add);
}

#[inline(never)]
fn stds() {
    STD.with(Counter::add);
}

#[inline(never)]
fn theirs(theirs: &thread_local::ThreadLocal<Counter>) {
    theirs.get_or(Counter::new).add();
}

fn main() {
    let crates = thread_local::ThreadLocal::new();
    let mut call_ours = || (0..TIMES).for_each(|_| black_box(ours)());
    compare("call that counts / std::thread_local!", 3.0, ROUNDS, &mut call_ours, || {
        (0..TIMES).for_each(|_| black_box(stds)());
    });
    compare("call that counts / crate thread_local", 1.0, ROUNDS, &mut call_ours, || {
        (0..TIMES).for_each(|_| black_box(theirs)(&crates));
    });
    let mut inline_ours = || (0..TIMES).for_each(|_| black_box(&OURS).with(Counter::add));
    compare("count in a loop / std::thread_local!", 3.0, ROUNDS, &mut inline_ours, || {
        (0..TIMES).for_each(|_| black_box(&STD).with(Counter::add));
    });
    compare("count in a loop / crate thread_local", 1.0, ROUNDS, &mut inline_ours, || {
        (0..TIMES).for_each(|_| black_box(&crates).get_or(Counter::new).add());
    });
    let mut read_ours = || {
        (0..TIMES).for_each(|_| {
            black_box(OURS.with(|it| it.0.get()));
        });
    };
    compare("read in a loop / std::thread_local!", 3.0, ROUNDS, &mut read_ours, || {
        (0..TIMES).for_each(|_| {
            black_box(STD.with(|it| it.0.get()));
        });
    });
    let mut read_ours = || {
        (0..TIMES).for_each(|_| {
            black_box(black_box(&OURS).with(|it| it.0.get()));
        });
    };
    compare("read in a loop / crate thread_local", 1.0, ROUNDS, &mut read_ours, || {
        (0..TIMES).for_each(|_| {
            black_box(black_box(&crates).get_or(Counter::new).0.get());
        });
    });
}
