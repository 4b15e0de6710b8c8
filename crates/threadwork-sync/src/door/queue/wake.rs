//! Waking those who stand in a queue.
#![expect(unsafe_code, reason = "nodes are in the memory of those who wait")]

use std::{mem, ptr::NonNull, sync::atomic::Ordering, task::Waker};

use arrayvec::ArrayVec;

use crate::{
    door::{
        Key,
        bucket::{
            list::List,
            node::{Node, Place},
            sleeper::Sleeper,
            table::{self, Both},
            terms::{Filter, Found, Requeue, Sort, Ticket, Token},
        },
        observer::Waking,
    },
    floor::{AtWork, Wakes},
    payload::catch,
};

/// Wakes those in the queue that `filter` chooses, in order of arrival.
/// `token` runs with the queue locked, even if the queue is empty, and only waiters get it.
pub(crate) fn unpark_filter(
    key: Key,
    filter: impl FnMut(Ticket) -> Filter,
    token: impl FnOnce(Found) -> Token,
) -> Found {
    let waking = Waking::begin();
    let at_work = AtWork::begin();
    let mut list = table::locked(key);
    let mut chosen = Chosen::default();
    let more = chosen.choose(&mut list, key, filter);
    let found = Found { woken: chosen.woken, requeued: 0, more };
    let token = token(found);
    drop(list);
    chosen.wake_waiters(token);
    drop(at_work);
    let threads = found.woken + chosen.told.threads;
    chosen.tell(key);
    waking.end(key, threads);
    found
}

/// Wakes the first waiter of a queue, and the first task that has not been told yet if no waiter is before it. `token` runs with the queue
/// locked, even if the queue is empty.
pub(crate) fn unpark_one(key: Key, token: impl FnOnce(Found) -> Token) -> Found {
    let (mut chosen, mut told) = (false, false);
    let first = |it: Ticket| match it.sort {
        Sort::Watcher => Filter::Wake,
        _ if chosen => Filter::Stop,
        Sort::Task if mem::replace(&mut told, true) => Filter::Skip,
        Sort::Task => Filter::Wake,
        Sort::Waiter => {
            chosen = true;
            Filter::Wake
        }
    };
    unpark_filter(key, first, token)
}

/// Wakes all of a queue and returns the number of waiters among them.
pub(crate) fn unpark_all(key: Key, token: Token) -> usize {
    unpark_filter(key, |_| Filter::Wake, |_| token).woken
}

/// Runs `change` with the queue locked. Its argument says whether anybody is in the queue.
pub(crate) fn with_locked<R>(key: Key, change: impl FnOnce(bool) -> R) -> R {
    let _at_work = AtWork::begin();
    let list = table::locked(key);
    // SAFETY: the bucket is locked, and the reference is not used.
    let is_empty = unsafe { list.first(key) }.is_none();
    change(!is_empty)
}

/// Moves waiters from one queue to another as `validate` decides with both queues locked; `done` runs after that.
pub(crate) fn unpark_requeue(
    from: Key,
    to: Key,
    validate: impl FnOnce() -> Requeue,
    done: impl FnOnce(Found),
) -> Found {
    let waking = Waking::begin();
    let at_work = AtWork::begin();
    let mut both = Both::locked(from, to);
    let mut left = match validate() {
        Requeue::Nothing => return Found::default(),
        Requeue::MoveAll => usize::MAX,
        Requeue::MoveOne => 1,
    };
    let mut found = Found::default();
    // SAFETY: the bucket is locked, and a node is not used after it was moved.
    let mut next = unsafe { both.from().first(from) };
    while let Some(node) = next {
        if left == 0 {
            found.more = true;
            break;
        }
        left -= 1;
        // SAFETY: as above, and the node is in the list.
        next = unsafe { both.from().next(node, from) };
        // SAFETY: the bucket is locked, and this reference ends here.
        let was_told = mem::replace(&mut unsafe { node.place() }.is_told, true);
        // SAFETY: the bucket is locked, and the node is in it.
        unsafe { both.from().remove(node) };
        node.set_key(to);
        // SAFETY: both buckets are locked, and the node is in no list now. Its owner takes it out.
        unsafe { both.to().push_back(node) };
        // SAFETY: as above.
        unsafe { node.place() }.is_told = was_told;
        found.requeued += 1;
    }
    done(found);
    drop(both);
    drop(at_work);
    waking.end(from, found.requeued);
    found
}

/// Those whom one visit of a queue has chosen to wake.
#[derive(Default)]
struct Chosen {
    /// The waiters that were taken out, one behind the other.
    first: Option<NonNull<Node>>,
    last: Option<NonNull<Node>>,
    woken: usize,
    told: Told,
}

impl Chosen {
    /// Takes those out of the queue that `filter` chooses, or marks them as told. Returns whether anybody is left in the queue.
    fn choose(
        &mut self,
        list: &mut List,
        key: Key,
        mut filter: impl FnMut(Ticket) -> Filter,
    ) -> bool {
        let mut more = false;
        // SAFETY: the bucket is locked, and a node is not used after it was taken out.
        let mut next = unsafe { list.first(key) };
        while let Some(node) = next {
            // SAFETY: as above, and the node is in the list.
            next = unsafe { list.next(node, key) };
            // SAFETY: the bucket is locked, and this reference ends before the next one begins.
            let place = unsafe { node.place() };
            if place.is_told {
                more = true;
                continue;
            }
            match filter(node.ticket(place)) {
                Filter::Wake if node.sort() == Sort::Waiter => {
                    place.is_told = true;
                    // SAFETY: the bucket is locked, and the node is in it.
                    unsafe { list.remove(node) };
                    self.add(node);
                }
                Filter::Wake => {
                    more = true;
                    // SAFETY: as before.
                    self.told.add(node, unsafe { node.place() });
                }
                Filter::Skip => more = true,
                Filter::Stop => return true,
            }
        }
        more
    }

    /// Adds a waiter that was taken out.
    fn add(&mut self, node: &Node) {
        let taken = Some(node.pointer());
        match self.last {
            Some(last) => {
                // SAFETY: this thread took the node out and has not stored its token, so it exists.
                let last = unsafe { last.as_ref() };
                last.chained.taken_next.store(node.pointer().as_ptr(), Ordering::Relaxed);
            }
            None => self.first = taken,
        }
        self.last = taken;
        self.woken += 1;
    }

    fn wake_waiters(&mut self, token: Token) {
        let mut next = self.first.take();
        let mut wakes = Wakes::new();
        while let Some(node) = next {
            // SAFETY: this thread took the waiter out, and wakes it once.
            next = unsafe { Node::wake(node, token, &mut wakes) };
        }
    }

    /// Tells the tasks and watchers that were chosen. Runs code of the user: nothing is locked.
    #[inline]
    fn tell(self, key: Key) {
        if !self.told.is_empty() {
            self.told.tell(key);
        }
    }
}

/// Tasks and watchers that have to be told of a wake-up, once the queue is unlocked.
#[derive(Default)]
struct Told {
    watchers: ArrayVec<&'static Sleeper, ROOM>,
    tasks: ArrayVec<Waker, ROOM>,
    /// The number of threads among those that were told.
    threads: usize,
    /// The number of tasks for which there was no room. They are marked as told, and still have their wakers.
    rest: usize,
}

/// How many tasks and how many watchers are told in one go.
const ROOM: usize = 8;

impl Told {
    fn is_empty(&self) -> bool {
        self.watchers.is_empty() && self.tasks.is_empty()
    }

    /// Marks a node as told. The queue is locked.
    fn add(&mut self, node: &Node, place: &mut Place) {
        place.is_told = true;
        if node.ends().is_some() {
            // Its wait is ended by `end`.
        } else if node.sort() == Sort::Watcher {
            let Some(sleeper) = node.tell() else { return };
            self.threads += 1;
            // A watcher for which there is no room is woken at once: that runs no code of the user.
            if let Err(rest) = self.watchers.try_push(sleeper) {
                rest.element().sleep.wake();
            }
        } else if self.tasks.is_full() {
            self.rest += 1;
        } else {
            self.tasks.extend(place.waker.take());
        }
    }

    /// Runs the wakers. A panic of one is reported by the panic hook and ends there: the current thread may stand in a queue itself,
    /// or be dropping a guard, and the others still have to be woken.
    #[cold]
    fn tell(mut self, key: Key) {
        self.watchers.iter().for_each(|it| it.sleep.wake());
        let wake = |waker: Waker| drop(catch(|| waker.wake()));
        self.tasks.drain(..).for_each(wake);
        while self.rest > 0 {
            let mut tasks = Vec::with_capacity(self.rest);
            self.rest = collect_rest(key, &mut tasks);
            tasks.into_iter().for_each(wake);
        }
    }
}

/// Collects the wakers of tasks for which there was no room before, as many as `tasks` has room for. Returns how many are left.
fn collect_rest(key: Key, tasks: &mut Vec<Waker>) -> usize {
    let _at_work = AtWork::begin();
    let list = table::locked(key);
    let mut left = 0;
    // SAFETY: the bucket is locked, and nothing is taken out.
    let mut next = unsafe { list.first(key) };
    while let Some(node) = next {
        // SAFETY: as above, and the node is in the list.
        next = unsafe { list.next(node, key) };
        // SAFETY: the bucket is locked, and there is no other reference.
        let place = unsafe { node.place() };
        if place.is_told && place.waker.is_some() {
            if tasks.len() < tasks.capacity() {
                tasks.extend(place.waker.take());
            } else {
                left += 1;
            }
        }
    }
    left
}
