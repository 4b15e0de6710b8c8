//! Values of threads.

use std::{cell::Cell, hint::black_box};

use thread_local::ThreadLocal;
use threadwork::Local;

use crate::{board::Board, contest::Contest};

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
fn theirs(theirs: &ThreadLocal<Counter>) {
    theirs.get_or(Counter::new).add();
}

/// Measures `Local`.
pub fn locals(board: &mut Board) {
    let crates = ThreadLocal::new();
    let all = board.amount(100_000);
    let contest = |what, rival| Contest::new(what, rival).rounds(301).each(all);
    let of_std = |what| contest(what, "std::thread_local!").at_most(3.0);
    let of_crate = |what| contest(what, "crate thread_local").at_most(1.0);

    let call = || (0..all).for_each(|_| black_box(ours)());
    board.compare(of_std("Local, call that counts"), call, || {
        (0..all).for_each(|_| black_box(stds)());
    });
    board.compare(of_crate("Local, call that counts"), call, || {
        (0..all).for_each(|_| black_box(theirs)(&crates));
    });
    let count = || (0..all).for_each(|_| black_box(&OURS).with(Counter::add));
    board.compare(of_std("Local, count in a loop"), count, || {
        (0..all).for_each(|_| black_box(&STD).with(Counter::add));
    });
    board.compare(of_crate("Local, count in a loop"), count, || {
        (0..all).for_each(|_| black_box(&crates).get_or(Counter::new).add());
    });
    let read = || (0..all).for_each(|_| _ = black_box(OURS.with(|it| it.0.get())));
    board.compare(of_std("Local, read in a loop"), read, || {
        (0..all).for_each(|_| _ = black_box(STD.with(|it| it.0.get())));
    });
    let read = || (0..all).for_each(|_| _ = black_box(black_box(&OURS).with(|it| it.0.get())));
    board.compare(of_crate("Local, read in a loop"), read, || {
        (0..all).for_each(|_| _ = black_box(black_box(&crates).get_or(Counter::new).0.get()));
    });
}
