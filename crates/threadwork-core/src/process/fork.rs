//! The fork of the process.
//!
//! Scenario "the lock that the forking thread does not hold" in docs/architecture.md.
//!
//! The locks of single objects come first: a thread that takes one goes `inside` a gate, which the crate below closes before a fork.
//! Then the forking thread takes all process-wide locks that the child may need, one after the other, in the order of [`Part`].
//! So the child finds the data behind them consistent, and releases them.
//! A thread that holds one of these locks may wait for a later one, but never for an earlier one.
//!
//! Only the forking thread survives in the child. It is the main thread there and keeps its name;
//! a foreign thread is called `MainThread` from then on.
//! The other threads have ended: they are not listed, and joining them returns at once. Pending timers have ended, too: they do not fire,
//! and the end of the program does not wait for them. None of them is visited at the fork: whatever was started in another process counts
//! as ended here (scenario "the threads that are not there").
//! What the other threads held of the program's own locks stays held for ever. That is why the child of a process with threads should do
//! little more than replace itself with another program (fork(2), pthread_atfork(3)).

use std::{
    cell::RefCell,
    mem::{self, ManuallyDrop},
};

use once_cell::race::OnceRef;
use threadwork_sync::internal::fork::{self, inside};

use super::{
    number::forked,
    part::{COUNT, LockPart, Locked, Part},
};

#[cfg(test)]
mod tests;

/// How each part is locked. A part is registered before its first use.
static PARTS: [OnceRef<'static, LockPart>; COUNT] = [const { OnceRef::new() }; COUNT];

/// What a fork does to the parts: the crate below calls it with the gate closed, and in the child once the queues are clean.
static FORKS: fork::Part = fork::Part::above(prepare, parent, child);

thread_local! {
    /// The parts that the current thread has locked. Never dropped, so a thread can fork while it drops its thread-local values.
    static LOCKED: RefCell<ManuallyDrop<Vec<Locked>>> =
        const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

/// Registers `lock` as the function that locks `part` while the process forks. Every user of the part calls this first; it costs a load.
///
/// A thread that holds another part while it uses this one has registered that one before, and it must come earlier in the order.
pub fn look_after(part: Part, lock: &'static LockPart) {
    if PARTS[part as usize].get().is_none() {
        begin_to_look_after(part, lock);
    }
}

#[cold]
fn begin_to_look_after(part: Part, lock: &'static LockPart) {
    FORKS.look_after();
    // The process forks only while no thread is inside. So the fork either finds the part here, or is over before the part is used.
    let _inside = inside();
    // Another thread may have registered it meanwhile.
    let _ = PARTS[part as usize].set(lock);
}

/// There may be two calls for the same fork; only the first does anything.
fn prepare() {
    if LOCKED.with(|it| !it.borrow().is_empty()) {
        return;
    }
    let locked = PARTS.iter().filter_map(OnceRef::get).map(|lock| lock()).collect();
    LOCKED.with(|it| it.replace(ManuallyDrop::new(locked)));
}

/// Takes the parts that the current thread has locked, the last one first.
fn locked() -> impl Iterator<Item = Locked> {
    let locked =
        LOCKED.with(|it| mem::replace(&mut *it.borrow_mut(), ManuallyDrop::new(Vec::new())));
    ManuallyDrop::into_inner(locked).into_iter().rev()
}

fn parent() {
    locked().for_each(drop);
}

fn child() {
    forked();
    locked().for_each(|release| release());
}
