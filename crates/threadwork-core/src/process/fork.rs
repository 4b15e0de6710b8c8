//! What a process does when it is forked.
//!
//! A thread that forks takes all locks of the process that the child may need, one after the other, in the order of [`Part`].
//! So the child finds what they guard whole, and releases them. Who holds one of them may wait for a later one, and for no earlier one.
//! The locks of single objects are [`Part::Objects`], all of them together: who takes one is `inside` of a gate that is closed first.
//!
//! Only the thread that has forked goes on in the child, and is the main one there, under the name that it has;
//! one that this library has not started is called `MainThread` from then on.
//! The others have ended: they are not listed, and to join one returns at once. So have the timers that were pending: they do not fire,
//! and the end of the program does not wait for them. Nothing is done for each of them: what was started in another process has ended here.
//! What the threads held stays held for ever, which is why a child of a process with threads should do little more than
//! replace itself by another program (fork(2), pthread_atfork(3)).

use std::{
    cell::RefCell,
    mem::{self, ManuallyDrop},
    sync::atomic::{AtomicBool, Ordering},
};

use once_cell::race::OnceRef;
use threadwork_sync::internal::fork::{
    at_fork, inside, objects_locked, records_locked, signals_held,
};

use super::{
    number::forked,
    part::{COUNT, LockPart, Locked, Part},
};

#[cfg(test)]
mod tests;

/// How each part is locked, once somebody uses it.
static PARTS: [OnceRef<'static, LockPart>; COUNT] = [const { OnceRef::new() }; COUNT];

/// What the crate below has to be locked.
const BELOW: &[(Part, LockPart)] = &[
    (Part::Signals, signals_held),
    (Part::Objects, objects_locked),
    (Part::Records, records_locked),
];

thread_local! {
    /// What the current thread has locked. Never dropped, so that a thread can fork while it drops its thread-local values.
    static LOCKED: RefCell<ManuallyDrop<Vec<Locked>>> =
        const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

/// From now on a part is locked by `lock` while the process forks. Whoever is about to use the part says so first: it costs a load.
///
/// A part that the current thread holds while it uses this one comes before it, and was said before.
pub fn look_after(part: Part, lock: &'static LockPart) {
    if PARTS[part as usize].get().is_none() {
        begin_to_look_after(part, lock);
    }
}

#[cold]
fn begin_to_look_after(part: Part, lock: &'static LockPart) {
    watch();
    // A process forks once nobody is inside. So it finds the part here, or nobody uses that before the fork is over.
    let _inside = inside();
    // Another thread may have said it meanwhile.
    let _ = PARTS[part as usize].set(lock);
}

/// From now on what is looked after is locked while the process forks.
fn watch() {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    // Whoever comes second does not wait: the child of a fork at this moment would for ever.
    if !IS_WATCHED.load(Ordering::Relaxed) && !IS_WATCHED.swap(true, Ordering::Relaxed) {
        for (part, lock) in BELOW {
            let _ = PARTS[*part as usize].set(lock);
        }
        at_fork(prepare, parent, child);
    }
}

extern "C" fn prepare() {
    let locked = PARTS.iter().filter_map(OnceRef::get).map(|lock| lock()).collect();
    LOCKED.with(|it| it.replace(ManuallyDrop::new(locked)));
}

/// The parts that the current thread has locked, the last one first.
fn locked() -> impl Iterator<Item = Locked> {
    let locked =
        LOCKED.with(|it| mem::replace(&mut *it.borrow_mut(), ManuallyDrop::new(Vec::new())));
    ManuallyDrop::into_inner(locked).into_iter().rev()
}

extern "C" fn parent() {
    locked().for_each(drop);
}

extern "C" fn child() {
    forked();
    locked().for_each(|release| release());
}
