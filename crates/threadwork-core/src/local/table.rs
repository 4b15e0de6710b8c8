//! The table through which a thread reaches its own values.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    mem::{self, ManuallyDrop},
    ptr,
    sync::{
        Arc,
        atomic::{AtomicPtr, AtomicUsize, Ordering},
    },
};

use threadwork_sync::{
    Lock, LockGuard,
    internal::{lock::own_lock, panic::catch},
};

use super::place::Place;
use crate::{
    error::AccessError,
    process::{LockPart, Part, hold, look_after},
};

/// The values of one [`Local`](super::Local), whatever their type.
pub(super) trait AnyValues: Send + Sync {
    fn is_inheritable(&self) -> bool;

    /// Computes the value for a thread that the current thread is about to start.
    fn inherit(self: Arc<Self>) -> Option<Box<dyn Heir>>;

    /// Drops the value of the current thread, which is ending.
    fn leave(&self);
}

/// A value for a thread that is about to start.
pub(super) trait Heir: Send {
    /// Gives the value to the current thread. No user code runs; a value that the thread does not take is dropped with `self`.
    fn adopt(&mut self);

    /// Keeps the value for threads that are started later.
    fn keep(self: Box<Self>) -> Box<dyn Kept>;
}

/// A value that is kept for threads that are started later.
pub(super) trait Kept: Send + Sync {
    /// Computes the value for a thread that is about to start.
    fn heir(&self) -> Box<dyn Heir>;
}

/// The address of one value. Only the thread that owns the table uses it.
struct Slot {
    place: AtomicUsize,
    value: AtomicPtr<()>,
}

/// The number of slots inside the table itself, which are reached fastest.
const NEAR: usize = 16;

/// Long tables that no thread uses at the moment. A thread needs one if it has values of many objects.
///
/// They are never freed, so a thread reaches its own without a check. Of each length there are no more than were in use at the same time.
/// While the list is locked, no user code runs and no other lock is acquired.
static SPARE: Lock<Vec<&'static [Slot]>> = own_lock("the spare tables of locals", Vec::new());

/// The table of one thread. It has no drop of its own, so it can be used until the thread is gone.
struct Table {
    near: [Slot; NEAR],
    /// The slots with the indexes from `NEAR` on.
    far: Cell<&'static [Slot]>,
    stage: Cell<Stage>,
    /// How many of the thread's values can be inherited.
    inheritable: Cell<usize>,
    lists: RefCell<ManuallyDrop<Lists>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The thread has had no value.
    New,
    /// The end of the thread will drop its values.
    Open,
    /// The values are being dropped, or have been dropped.
    Closed,
}

/// The state that is needed only when a value is created, removed or dropped.
struct Lists {
    /// By index, like the slots. A link may belong to an object that is gone.
    links: Vec<Option<Link>>,
    /// How many values were created so far.
    made: u64,
    /// The places of the values that are being created.
    making: Vec<Place>,
    /// Values that were removed while they were in use.
    removed: Vec<Arc<dyn Any + Send + Sync>>,
}

struct Link {
    place: Place,
    /// The number of the value in order of creation: the larger, the younger.
    age: u64,
    values: Arc<dyn AnyValues>,
}

impl Lists {
    const fn new() -> Lists {
        Lists { links: Vec::new(), made: 0, making: Vec::new(), removed: Vec::new() }
    }
}

thread_local! {
    static TABLE: Table = const {
        Table {
            near: [const { Slot::new() }; NEAR],
            far: Cell::new(&[]),
            stage: Cell::new(Stage::New),
            inheritable: Cell::new(0),
            lists: RefCell::new(ManuallyDrop::new(Lists::new())),
        }
    };
    static END: End = const { End };
}

/// Drops the thread's values on drop.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        TABLE.with(Table::close);
    }
}

/// Drops the values of the current thread, which has ended. The operating system's thread goes on as another one, which has none.
pub(crate) fn end_in_recycled() {
    TABLE.with(|table| {
        if table.stage.get() == Stage::Open {
            table.close();
            table.stage.set(Stage::New);
        }
    });
}

/// Makes sure that the end of the current thread drops its values.
pub(super) fn open() -> Result<(), AccessError> {
    TABLE.with(Table::open)
}

/// Returns the address of the current thread's value at a place.
#[inline]
pub(super) fn find(place: Place) -> Option<*mut ()> {
    TABLE.with(|table| {
        let slot = table.slot(place.index())?;
        slot.is(place).then(|| slot.value.load(Ordering::Relaxed))
    })
}

/// Stores the address of a value at its place in the current thread's table.
pub(super) fn link(place: Place, values: Arc<dyn AnyValues>, value: *const ()) {
    TABLE.with(|table| {
        let index = place.index();
        if table.slot(index).is_none() {
            table.grow(index);
        }
        table.slot(index).expect("the table was grown").set(place, value.cast_mut());

        let inheritable = usize::from(values.is_inheritable());
        table.inheritable.set(table.inheritable.get() + inheritable);
        let mut lists = table.lists.borrow_mut();
        lists.made += 1;
        let link = Link { place, age: lists.made, values };
        if lists.links.len() <= index {
            lists.links.resize_with(index + 1, || None);
        }
        let before = lists.links[index].replace(link);
        drop(lists);
        table.forget(before);
    });
}

/// Empties the slot of a place. Returns `false` if it did not hold that place.
pub(super) fn unlink(place: Place) -> bool {
    TABLE.with(|table| {
        let slot = table.slot(place.index()).filter(|it| it.is(place));
        let Some(slot) = slot else { return false };
        slot.clear();
        let mut lists = table.lists.borrow_mut();
        let link = lists.links.get_mut(place.index()).and_then(Option::take);
        drop(lists);
        table.forget(link);
        true
    })
}

/// Returns the objects whose values the current thread passes on, in order of the age of the values, oldest first.
pub(super) fn inheritable() -> Vec<Arc<dyn AnyValues>> {
    TABLE.with(|table| {
        let lists = table.lists.borrow();
        let links = lists.links.iter().flatten().filter(|it| it.values.is_inheritable());
        let mut links: Vec<_> = links.map(|it| (it.age, Arc::clone(&it.values))).collect();
        links.sort_unstable_by_key(|(age, _)| *age);
        links.into_iter().map(|(_, values)| values).collect()
    })
}

/// Returns `true` if the current thread may have values to pass on. Their objects may already be gone.
#[inline]
pub(super) fn has_inheritable() -> bool {
    TABLE.with(|table| table.inheritable.get() > 0)
}

/// Keeps a value that was removed while it was in use.
pub(super) fn keep_removed(value: Arc<dyn Any + Send + Sync>) {
    TABLE.with(|table| table.lists.borrow_mut().removed.push(value));
}

/// Drops a removed value, which is no longer in use.
#[cold]
pub(super) fn drop_removed(value: *const ()) {
    let removed = TABLE.with(|table| {
        let removed = &mut table.lists.borrow_mut().removed;
        let place = removed.iter().position(|it| ptr::addr_eq(Arc::as_ptr(it), value));
        place.map(|place| removed.swap_remove(place))
    });
    drop(removed);
}

/// A guard that exists while the current thread creates a value of the object at this place.
pub(super) struct Making {
    place: Place,
}

impl Making {
    /// # Panics
    ///
    /// Panics if the thread is already creating this value: the value would be needed to create it.
    #[track_caller]
    pub(super) fn begin(place: Place) -> Result<Making, AccessError> {
        TABLE.with(|table| {
            table.open()?;
            let making = &mut table.lists.borrow_mut().making;
            assert!(
                !making.contains(&place),
                "the value of a `Local` is used by the function that creates it",
            );
            making.push(place);
            Ok(Making { place })
        })
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        TABLE.with(|table| table.lists.borrow_mut().making.retain(|it| *it != self.place));
    }
}

impl Slot {
    const fn new() -> Slot {
        Slot { place: AtomicUsize::new(Place::EMPTY.0), value: AtomicPtr::new(ptr::null_mut()) }
    }

    #[inline]
    fn is(&self, place: Place) -> bool {
        self.place.load(Ordering::Relaxed) == place.0
    }

    fn set(&self, place: Place, value: *mut ()) {
        self.place.store(place.0, Ordering::Relaxed);
        self.value.store(value, Ordering::Relaxed);
    }

    fn clear(&self) {
        self.set(Place::EMPTY, ptr::null_mut());
    }
}

impl Table {
    #[inline]
    fn slot(&self, index: usize) -> Option<&Slot> {
        self.near.get(index).or_else(|| self.far.get().get(index - NEAR))
    }

    /// Makes sure that the end of the thread drops the values created from now on.
    fn open(&self) -> Result<(), AccessError> {
        if self.stage.get() == Stage::New && END.try_with(|_| ()).is_ok() {
            self.stage.set(Stage::Open);
        }
        if self.stage.get() == Stage::Open { Ok(()) } else { Err(AccessError(())) }
    }

    /// Replaces the far slots with a longer table that has room for `index`.
    #[cold]
    fn grow(&self, index: usize) {
        let length = (index - NEAR + 1).next_power_of_two().max(NEAR);
        let mut spare = spare_tables();
        let long = spare.iter().enumerate().filter(|(_, it)| it.len() >= length);
        let shortest = long.min_by_key(|(_, it)| it.len()).map(|(place, _)| place);
        let longer = shortest.map(|place| spare.swap_remove(place));
        drop(spare);
        let longer = longer
            .unwrap_or_else(|| Box::leak((0..length).map(|_| Slot::new()).collect::<Box<[_]>>()));
        for (old, new) in self.far.get().iter().zip(longer) {
            let place = Place(old.place.load(Ordering::Relaxed));
            new.set(place, old.value.load(Ordering::Relaxed));
        }
        give_back(self.far.replace(longer));
    }

    /// Updates the count after a link was removed from the lists.
    fn forget(&self, link: Option<Link>) {
        let inheritable = link.is_some_and(|it| it.values.is_inheritable());
        self.inheritable.set(self.inheritable.get() - usize::from(inheritable));
    }

    /// Drops all values, the youngest first. Their drops may use the values that are left, but cannot create new ones.
    fn close(&self) {
        self.stage.set(Stage::Closed);
        self.inheritable.set(0);
        let links = mem::take(&mut self.lists.borrow_mut().links);
        let mut links: Vec<_> = links.into_iter().enumerate().collect();
        links.sort_unstable_by_key(|(_, link)| link.as_ref().map(|it| it.age));
        while let Some((index, link)) = links.pop() {
            let Some(link) = link else { continue };
            if let Some(slot) = self.slot(index).filter(|it| it.is(link.place)) {
                slot.clear();
            }
            // A panic would end the process here; the hook has reported it.
            let _ = catch(|| link.values.leave());
        }
        let mut lists = self.lists.borrow_mut();
        lists.making = Vec::new();
        // Removed values that are still here stay in use for ever: the process is ending from within a `with`.
        lists.removed.shrink_to_fit();
        drop(lists);
        give_back(self.far.replace(&[]));
    }
}

/// Clears a table and keeps it for the next thread.
fn give_back(slots: &'static [Slot]) {
    if !slots.is_empty() {
        slots.iter().for_each(Slot::clear);
        spare_tables().push(slots);
    }
}

static LOCKED: LockPart = || hold(&SPARE, |_| ());

fn spare_tables() -> LockGuard<'static, Vec<&'static [Slot]>> {
    look_after(Part::SpareTables, &LOCKED);
    SPARE.acquire()
}
