//! Readings of the records of waits: who is blocked, and by what.

use std::num::NonZeroU64;

use threadwork_sync::{Waiter, Waiting};

/// What threads wait for, in order of the threads' numbers. A thread that waits for any of several objects has several elements, one
/// after the other.
pub(crate) fn blocked(waits: &[Waiting]) -> impl Iterator<Item = &Waiting> {
    waits.iter().filter(|it| it.thread.waiter != Waiter::Task)
}

/// What tasks wait for.
pub(crate) fn tasks(waits: &[Waiting]) -> impl Iterator<Item = &Waiting> {
    waits.iter().filter(|it| it.thread.waiter == Waiter::Task)
}

/// What a thread waits for: nothing, one object, or any of several.
pub(crate) fn choices(waits: &[Waiting], ident: NonZeroU64) -> impl Iterator<Item = &Waiting> {
    let start = waits.partition_point(|it| it.thread.ident < ident);
    blocked(&waits[start..]).take_while(move |it| it.thread.ident == ident)
}

/// Whether both are waits of the same thread.
pub(crate) fn is_same_thread(one: &Waiting, other: &Waiting) -> bool {
    one.thread.ident == other.thread.ident
}

/// The blocked threads, each once, with the first of the objects that it waits for.
pub(crate) fn threads(waits: &[Waiting]) -> impl Iterator<Item = &Waiting> {
    let mut last = None;
    blocked(waits).filter(move |it| last.replace(it.thread.ident) != Some(it.thread.ident))
}
