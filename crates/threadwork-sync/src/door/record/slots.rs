//! The slots of all threads.

use std::{cell::OnceCell, collections::BTreeMap, num::NonZeroU64, sync::Arc, time::Instant};

use crate::{
    door::{Key, Subject, record::slot::Slot},
    floor::{AtWork, Mutex},
    number::get_ident,
};

/// The slots of all threads that have blocked and have not ended.
pub(crate) static SLOTS: Mutex<BTreeMap<NonZeroU64, Arc<Slot>>> = Mutex::new(BTreeMap::new());

thread_local! {
    static MINE: OnceCell<Registered> = const { OnceCell::new() };
}

/// Puts the current thread's slot into [`SLOTS`] for as long as the thread lives.
#[derive(Debug)]
struct Registered {
    ident: NonZeroU64,
    slot: Arc<Slot>,
}

impl Registered {
    fn new() -> Registered {
        let slot = Arc::new(Slot::mine());
        let registered = Registered { ident: get_ident(), slot };
        SLOTS.lock().insert(registered.ident, Arc::clone(&registered.slot));
        registered
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let _at_work = AtWork::begin();
        SLOTS.lock().remove(&self.ident);
    }
}

/// Stores in which queues the current thread will stand. Returns `false` if the thread's thread-local values are already destroyed.
/// Allocates what the thread's records need, because that would be too late once the thread is in the queue.
///
/// Scenario "the allocator that uses a lock" in docs/architecture.md.
pub(super) fn list(key: Key, subject: &Subject) -> bool {
    MINE.try_with(|mine| mine.get_or_init(Registered::new).slot.list(key, subject)).is_ok()
}

/// Stores that the current thread stands in no queue.
pub(super) fn unlist() {
    // A thread that was listed has its slot until it ends.
    let _ = MINE.try_with(|mine| mine.get().map(|it| it.slot.unlist()));
}

/// Stores what the current thread is about to wait for. Returns `false` if the thread's thread-local values are already destroyed.
pub(crate) fn write(key: Key, subject: &Subject) -> bool {
    MINE.try_with(|mine| mine.get_or_init(Registered::new).slot.write(key, subject)).is_ok()
}

/// Stores that the current thread no longer waits.
pub(crate) fn erase() {
    // A thread that wrote its record has its slot until it ends.
    let _ = MINE.try_with(|mine| mine.get().map(|it| it.slot.erase()));
}

/// Returns when the last wait of each thread ended, for all threads that have waited and do not wait now, in order of their numbers.
pub fn ends_of_waits() -> Vec<(NonZeroU64, Instant)> {
    let _at_work = AtWork::begin();
    let slots = SLOTS.lock();
    slots.iter().filter_map(|(ident, slot)| Some((*ident, slot.end()?))).collect()
}
