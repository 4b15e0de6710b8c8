//! What a thread knows of the values that it has.

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

    /// What a thread that the current one starts is to have.
    fn inherit(self: Arc<Self>) -> Option<Box<dyn Heir>>;

    /// Drops the value of the current thread, which ends.
    fn leave(&self);
}

/// A value for a thread that is about to start.
pub(super) trait Heir: Send {
    /// Gives it to the current thread, which runs no code of others. What the thread does not take is dropped with this.
    fn adopt(&mut self);
}

/// Where a thread finds one value. Only the thread whose table it is in uses it.
struct Slot {
    place: AtomicUsize,
    value: AtomicPtr<()>,
}

/// How many objects are within easy reach.
const NEAR: usize = 16;

/// Long tables, for threads with values of more objects, that no thread has. They are never freed, so that a thread reaches its own
/// without asking whether it is still there; of each length there are no more than threads have had one at the same time.
///
/// No user code runs while it is locked, and no other lock is acquired.
static SPARE: Lock<Vec<&'static [Slot]>> = own_lock("the spare tables of locals", Vec::new());

/// Nothing in it has to be dropped, so it is there until the thread is gone.
struct Table {
    near: [Slot; NEAR],
    /// Those from `NEAR` on.
    far: Cell<&'static [Slot]>,
    stage: Cell<Stage>,
    /// How many of the values can be inherited.
    inheritable: Cell<usize>,
    lists: RefCell<ManuallyDrop<Lists>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The thread has had no value.
    New,
    /// The end of the thread will drop its values.
    Open,
    /// They are being dropped, or have been.
    Closed,
}

/// What is looked at when a value is made, removed or dropped.
struct Lists {
    /// By index, as the slots. It may be that of an object that is gone.
    links: Vec<Option<Link>>,
    /// How many values were made.
    made: u64,
    /// The places of those that are being made.
    making: Vec<Place>,
    /// Values that were removed while they were used.
    removed: Vec<Arc<dyn Any + Send + Sync>>,
}

struct Link {
    place: Place,
    /// Counts up.
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

/// Its drop is the end of the thread's values.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        TABLE.with(Table::close);
    }
}

/// Sees to it that the end of the current thread drops its values.
pub(super) fn open() -> Result<(), AccessError> {
    TABLE.with(Table::open)
}

/// The address of the current thread's value at a place.
#[inline]
pub(super) fn find(place: Place) -> Option<*mut ()> {
    TABLE.with(|table| {
        let slot = table.slot(place.index())?;
        slot.is(place).then(|| slot.value.load(Ordering::Relaxed))
    })
}

/// Puts the address of a value into its place in the table of the current thread.
pub(super) fn link(place: Place, values: Arc<dyn AnyValues>, value: *const ()) {
    TABLE.with(|table| {
        let index = place.index();
        if table.slot(index).is_none() {
            table.grow(index);
        }
        table.slot(index).expect("it is long enough now").set(place, value.cast_mut());

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

/// Empties the place; false if there was nothing.
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

/// The objects whose values the current thread passes on, the oldest first.
pub(super) fn inheritable() -> Vec<Arc<dyn AnyValues>> {
    TABLE.with(|table| {
        let lists = table.lists.borrow();
        let links = lists.links.iter().flatten().filter(|it| it.values.is_inheritable());
        let mut links: Vec<_> = links.map(|it| (it.age, Arc::clone(&it.values))).collect();
        links.sort_unstable_by_key(|(age, _)| *age);
        links.into_iter().map(|(_, values)| values).collect()
    })
}

/// Whether the current thread may have values to pass on; it may also be that the object is gone.
#[inline]
pub(super) fn has_inheritable() -> bool {
    TABLE.with(|table| table.inheritable.get() > 0)
}

/// Keeps a value that was removed while it was used.
pub(super) fn keep_removed(value: Arc<dyn Any + Send + Sync>) {
    TABLE.with(|table| table.lists.borrow_mut().removed.push(value));
}

/// Drops a removed value, which is not used any longer.
#[cold]
pub(super) fn drop_removed(value: *const ()) {
    let removed = TABLE.with(|table| {
        let removed = &mut table.lists.borrow_mut().removed;
        let place = removed.iter().position(|it| ptr::addr_eq(Arc::as_ptr(it), value));
        place.map(|place| removed.swap_remove(place))
    });
    drop(removed);
}

/// While it lives, the current thread makes a value of the object at this place.
pub(super) struct Making {
    place: Place,
}

impl Making {
    /// # Panics
    ///
    /// If the thread is making one already: it would need the value to make it.
    #[track_caller]
    pub(super) fn begin(place: Place) -> Result<Making, AccessError> {
        TABLE.with(|table| {
            table.open()?;
            let making = &mut table.lists.borrow_mut().making;
            assert!(
                !making.contains(&place),
                "the value of a `Local` is used while it is made; make it without itself",
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

    /// Sees to it that the end of the thread drops what is made from now on.
    fn open(&self) -> Result<(), AccessError> {
        if self.stage.get() == Stage::New && END.try_with(|_| ()).is_ok() {
            self.stage.set(Stage::Open);
        }
        if self.stage.get() == Stage::Open { Ok(()) } else { Err(AccessError(())) }
    }

    /// Makes room for an index that is out of reach.
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

    /// A link is gone from the lists.
    fn forget(&self, link: Option<Link>) {
        let inheritable = link.is_some_and(|it| it.values.is_inheritable());
        self.inheritable.set(self.inheritable.get() - usize::from(inheritable));
    }

    /// Drops all values, the youngest first. They may use those that are left, and new ones are not made.
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
        // What is there still is in use for ever: the process ends from within a `with`.
        lists.removed.shrink_to_fit();
        drop(lists);
        give_back(self.far.replace(&[]));
    }
}

/// Leaves a table to the next thread.
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
