//! A node: the place of a thread or a task in a queue, and the record of its wait.
#![expect(unsafe_code, reason = "what a bucket protects is not inside its lock")]

use std::{
    cell::Cell,
    fmt,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
    task::Waker,
    time::Instant,
};

use crate::{
    door::{
        Key, Subject,
        bucket::{
            sleeper::Sleeper,
            terms::{Parking, Sort, Ticket, Token},
            watch::Watch,
        },
        reads,
    },
    floor::{Moment, Protected, Wakes, Word},
    number,
};

/// The place of a thread or a task in a queue.
///
/// It is in the memory of the one that waits: on the stack of a thread, or in a future. It neither moves nor ends
/// while it is in a queue, nor while a waking thread has taken it out and has not yet stored the token.
pub(crate) struct Node {
    /// The key of the queue. Changed only with the buckets of both keys locked.
    key: AtomicUsize,
    role: Role,
    pub(crate) amount: usize,
    /// What the wait is for; `None` if that is never shown.
    pub(crate) subject: Option<Subject>,
    /// Since when the wait of a waiter or a task is shown.
    since: Moment,
    /// [`STANDING`], or one more than the number of the token with which a waiter was woken.
    left: Word,
    pub(in crate::door) chained: Chained,
    place: Protected<Place>,
}

/// What stands at a node.
#[derive(Clone, Copy)]
enum Role {
    /// A thread that waits for its turn, and whether it has notes about its reads.
    Waiter(&'static Sleeper, bool),
    Task,
    /// A thread that watches with this, which outlives the node.
    Watcher(*const Watch),
    /// The end of the wait of this waiter, which outlives the node.
    Ending(*const Node),
}

/// The neighbours of a node, other than those in its queue.
pub(in crate::door) struct Chained {
    /// The next waiter that the same wake-up has taken out. Used by the waking thread alone.
    pub(in crate::door) taken_next: AtomicPtr<Node>,
    /// The node that the same watch was told of before, once it was told of this one.
    pub(in crate::door) told_before: AtomicUsize,
    /// The next node of the same thread.
    pub(in crate::door) of_same: Cell<Option<NonNull<Node>>>,
}

thread_local! {
    /// The first of the nodes with which the current thread stands in queues; null if it stands in none.
    static MINE: Cell<*const Node> = const { Cell::new(ptr::null()) };
}

/// The value of `left` while a thread stands in a queue, or was just taken out of it.
const STANDING: usize = 0;

/// The number of forks between the first process and this one.
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// Counts a fork, in the child: none of the nodes is in a queue any more.
#[cfg(not(threadwork_loom))]
pub(in crate::door) fn has_forked() {
    FORKS.store(FORKS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// What changes while a node is in a queue: protected by the bucket of the queue.
pub(in crate::door) struct Place {
    pub(in crate::door) before: Option<NonNull<Node>>,
    pub(in crate::door) behind: Option<NonNull<Node>>,
    /// The number of forks before it was put into a queue; `None` if it is in none.
    linked: Option<usize>,
    /// Whether the task or the watcher was told of a wake-up after it last looked.
    /// Of a waiter: whether another thread has taken it out, to give it a token or to move it.
    pub(in crate::door) is_told: bool,
    /// The word of the thread that stands here, or that polled the task last.
    pub(in crate::door) thread: usize,
    /// Wakes the task. Taken by the wake-up.
    pub(in crate::door) waker: Option<Waker>,
}

impl Place {
    /// Returns `true` if the node is in a queue of this process.
    pub(in crate::door) fn is_linked(&self) -> bool {
        self.linked == Some(FORKS.load(Ordering::Relaxed))
    }

    pub(in crate::door) fn set_linked(&mut self, is_linked: bool) {
        self.linked = is_linked.then(|| FORKS.load(Ordering::Relaxed));
    }
}

impl Node {
    fn at(key: Key, role: Role, amount: usize, subject: Option<Subject>) -> Node {
        Node {
            key: AtomicUsize::new(key.number()),
            role,
            amount,
            subject,
            since: Moment::none(),
            left: Word::new(STANDING),
            chained: Chained {
                taken_next: AtomicPtr::new(ptr::null_mut()),
                told_before: AtomicUsize::new(0),
                of_same: Cell::new(None),
            },
            place: Protected::new(Place {
                before: None,
                behind: None,
                linked: None,
                is_told: false,
                thread: number::current_word(),
                waker: None,
            }),
        }
    }

    /// Creates the node of a thread that waits for its turn.
    pub(in crate::door) fn waiter(parking: &Parking<'_>, sleeper: &'static Sleeper) -> Node {
        let Parking { key, amount, subject, .. } = *parking;
        Node::at(key, Role::Waiter(sleeper, reads::are_any()), amount, Some(*subject))
    }

    /// Creates the node with which a waiter stands in the queue of a signal that ends its wait. It is never shown.
    ///
    /// Its amount is the key of the queue that the waiter is about to enter.
    pub(in crate::door) fn ending(key: Key, waiter: &Node) -> Node {
        Node::at(key, Role::Ending(waiter), waiter.key().number(), None)
    }

    /// Creates the node of a watcher. The record names the thread of the watch.
    pub(in crate::door) fn watcher(parking: &Parking<'_>, watch: &Watch) -> Node {
        let Parking { key, amount, subject, .. } = *parking;
        Node::at(key, Role::Watcher(watch), amount, Some(*subject))
    }

    /// Creates the node with which a watcher stands in the queue of a signal that ends its wait. It is never shown.
    pub(in crate::door) fn ending_of(key: Key, watch: &Watch) -> Node {
        Node::at(key, Role::Watcher(watch), 0, None)
    }

    /// Creates the node of a task.
    pub(in crate::door) fn task(parking: &Parking<'_>) -> Node {
        let Parking { key, amount, subject, .. } = *parking;
        Node::at(key, Role::Task, amount, Some(*subject))
    }

    pub(crate) fn sort(&self) -> Sort {
        match self.role {
            Role::Waiter(..) => Sort::Waiter,
            Role::Task => Sort::Task,
            Role::Watcher(_) | Role::Ending(_) => Sort::Watcher,
        }
    }

    /// Where the beginning of the wait of a waiter or a task is kept.
    pub(in crate::door) fn since(&self) -> &Moment {
        &self.since
    }

    /// Returns since when the wait is shown; `None` while it is not.
    pub(in crate::door) fn shown_since(&self) -> Option<Instant> {
        self.watch().map_or_else(|| self.since.get(), Watch::shown_since)
    }

    /// Returns what a watcher watches with.
    pub(in crate::door) fn watch(&self) -> Option<&Watch> {
        let Role::Watcher(watch) = self.role else { return None };
        // SAFETY: the watch outlives the node.
        Some(unsafe { &*watch })
    }

    /// Returns the sleeper of the thread that stands here; `None` for a task, and for a watch that no thread uses at this moment.
    pub(in crate::door) fn sleeper(&self) -> Option<&'static Sleeper> {
        match self.role {
            Role::Waiter(sleeper, _) => Some(sleeper),
            _ => self.watch().and_then(Watch::sleeper),
        }
    }

    /// Returns `true` if the thread that stands here may have made notes about its reads.
    pub(in crate::door) fn has_notes(&self) -> bool {
        !matches!(self.role, Role::Waiter(_, false))
    }

    /// Returns `true` if the thread that stands here cannot end while the bucket is locked.
    pub(in crate::door) fn keeps_thread(&self) -> bool {
        self.watch().is_none_or(|watch| watch.is_scoped)
    }

    /// Tells the watch of this node, and returns the sleeper that has to be woken. The bucket is locked.
    pub(in crate::door) fn tell(&self) -> Option<&'static Sleeper> {
        let watch = self.watch()?;
        watch.tell(ptr::from_ref(self).expose_provenance(), &self.chained.told_before);
        watch.sleeper()
    }

    /// Returns the node of the waiter whose wait this one ends.
    pub(in crate::door) fn ends(&self) -> Option<&Node> {
        let Role::Ending(waiter) = self.role else { return None };
        // SAFETY: the waiter outlives this node.
        Some(unsafe { &*waiter })
    }

    /// Returns the key of the queue. It may change unless the bucket is locked.
    pub(crate) fn key(&self) -> Key {
        Key::from_number(self.key.load(Ordering::Relaxed))
    }

    /// Changes the key. The buckets of both keys are locked.
    pub(in crate::door) fn set_key(&self, key: Key) {
        self.key.store(key.number(), Ordering::Relaxed);
    }

    pub(in crate::door) fn pointer(&self) -> NonNull<Node> {
        NonNull::from(self)
    }

    /// Returns `true` if the node has this address.
    pub(in crate::door) fn is_at(&self, address: usize) -> bool {
        ptr::from_ref(self).addr() == address
    }

    /// Returns the token with which the waiter was woken.
    pub(in crate::door) fn token(&self) -> Option<Token> {
        self.left.load(Ordering::Acquire).checked_sub(STANDING + 1).map(Token::from_number)
    }

    /// Returns `true` if the waiter was woken. Says nothing about what the waking thread did before.
    pub(in crate::door) fn is_woken(&self) -> bool {
        self.left.load(Ordering::Relaxed) != STANDING
    }

    /// Gives the token to a waiter that was taken out of its queue, and adds it to those who are woken. Returns the next one that was taken out.
    ///
    /// # Safety
    ///
    /// The current thread took the waiter out, and has not called this for it.
    pub(in crate::door) unsafe fn wake(
        taken: NonNull<Node>,
        token: Token,
        wakes: &mut Wakes,
    ) -> Option<NonNull<Node>> {
        // SAFETY: a waiter waits for its token, so the node still exists.
        let node = unsafe { taken.as_ref() };
        let next = NonNull::new(node.chained.taken_next.load(Ordering::Relaxed));
        let sleeper = node.sleeper();
        // From here on the thread may return, so the node may be gone.
        node.left.store(token.number() + STANDING + 1, Ordering::Release);
        if let Some(sleeper) = sleeper {
            wakes.add(&sleeper.sleep);
        }
        next
    }

    /// Returns what the bucket protects.
    ///
    /// # Safety
    ///
    /// The bucket of the queue is locked, or the node is in no queue and no other thread knows it; and there is no other reference to this.
    #[expect(clippy::mut_from_ref, reason = "the caller promises that there is no other reference")]
    pub(in crate::door) unsafe fn place(&self) -> &mut Place {
        // SAFETY: the caller's promise.
        unsafe { self.place.get() }
    }

    /// Returns `true` if the node of the current thread waits, after a fork in a signal handler of the thread.
    ///
    /// Another thread may just have taken it out of its queue. That thread does not exist in the child, so its wake-up is lost.
    ///
    /// # Safety
    ///
    /// As for [`place`](Self::place).
    #[cfg(not(threadwork_loom))]
    pub(in crate::door) unsafe fn waits_after_fork(&self) -> bool {
        // SAFETY: the caller's promise.
        let place = unsafe { self.place() };
        let was_taken = self.sort() == Sort::Waiter && std::mem::take(&mut place.is_told);
        place.linked.is_some() || was_taken && !self.is_woken()
    }

    /// Returns what a search of the queue learns.
    pub(in crate::door) fn ticket(&self, place: &Place) -> Ticket {
        let thread = match self.sort() {
            Sort::Watcher => self.sleeper().map_or(0, Sleeper::owner),
            Sort::Waiter | Sort::Task => place.thread,
        };
        let is_awake = self.since.get().is_none();
        Ticket { thread, amount: self.amount, sort: self.sort(), is_awake }
    }
}

/// Keeps the nodes of the current thread known to the child of a fork, until this is dropped.
///
/// Scenario "the waiters that are not there" in docs/architecture.md.
///
/// A thread may stand in a queue while it releases a lock, and the waker of a task that waits for that lock may block. So a thread may begin
/// this again before it has ended.
pub(in crate::door) struct Standing {
    /// The first node before that.
    before: *const Node,
}

impl Standing {
    /// `first` is followed by `last` or by others that end with it ([`Chained::of_same`]). They exist until this is dropped.
    pub(in crate::door) fn begin(first: NonNull<Node>, last: &Node) -> Standing {
        let before = MINE.replace(first.as_ptr());
        last.chained.of_same.set(NonNull::new(before.cast_mut()));
        Standing { before }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        MINE.set(self.before);
    }
}

/// Calls `look` for each node of the current thread.
#[cfg(not(threadwork_loom))]
pub(in crate::door) fn for_each_of_mine(mut look: impl FnMut(&Node)) {
    let mut next = NonNull::new(MINE.get().cast_mut());
    while let Some(node) = next {
        // SAFETY: `Standing` keeps the pointers to nodes that exist.
        let node = unsafe { node.as_ref() };
        look(node);
        next = node.chained.of_same.get();
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("key", &self.key())
            .field("sort", &self.sort())
            .finish_non_exhaustive()
    }
}
