//! A group, whichever threads it has.

use std::{
    fmt,
    hash::{Hash, Hasher},
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use once_cell::race::OnceBox;
use threadwork_sync::{
    Lock, StopSource, StopToken,
    internal::{fork::inside, lock::own_lock},
};

use super::count::Count;
use crate::{error::StartError, panic::OnPanic};

/// Threads that belong together: listed, counted, joined, limited and stopped as one. What Python reserves `group` for.
///
/// Groups form a tree, and what is said of a group goes for those below it. A thread belongs to the group it was built for
/// ([`builder`](Self::builder), [`Builder::group`](crate::Builder::group)), or else to that of the thread that has built it, if that one has any.
/// A handle is cheap to clone; two are equal if they speak of the same group.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::ThreadGroup;
///
/// let pool = ThreadGroup::new("pool");
/// for _ in 0..3 {
///     let worker = pool.builder().build(|| _ = threadwork::sleep(Duration::from_secs(3600)));
///     worker.start()?;
/// }
/// let names: Vec<_> = pool.list().iter().map(|it| it.name()).collect();
/// assert_eq!(names, ["pool/worker-1", "pool/worker-2", "pool/worker-3"]);
///
/// let late = pool.join_all_timeout(Duration::ZERO).unwrap_err();
/// assert_eq!(late.alive().len(), 3);
/// pool.request_stop();
/// pool.join_all()?;
/// assert_eq!(pool.count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ThreadGroup(Arc<Node>);

struct Node {
    /// Without those of the groups above.
    own_name: String,
    /// With them, once somebody has asked: the names of a deep tree take more room than all else.
    name: OnceBox<String>,
    parent: Option<ThreadGroup>,
    stop: StopSource,
    /// What is replaced is dropped after this is unlocked.
    panic_handler: Lock<Option<OnPanic>>,
    limit: AtomicUsize,
    /// Threads that are alive, here and below.
    count: Count,
    n_named: AtomicU32,
}

impl ThreadGroup {
    /// A group of no other.
    #[must_use]
    pub fn new(name: impl Into<String>) -> ThreadGroup {
        ThreadGroup::with_parent(name.into(), None)
    }

    /// A group below this one; its name is `parent/name`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ThreadGroup;
    ///
    /// let server = ThreadGroup::new("server");
    /// let readers = server.child("readers");
    /// assert_eq!(readers.name(), "server/readers");
    /// assert_eq!(readers.parent(), Some(&server));
    /// server.request_stop();
    /// assert!(readers.stop_requested());
    /// ```
    #[must_use]
    pub fn child(&self, name: impl AsRef<str>) -> ThreadGroup {
        ThreadGroup::with_parent(name.as_ref().to_owned(), Some(self.clone()))
    }

    fn with_parent(own_name: String, parent: Option<ThreadGroup>) -> ThreadGroup {
        let stop = StopSource::child_of_all(parent.as_ref().map(ThreadGroup::stop_token).as_ref());
        ThreadGroup(Arc::new(Node {
            own_name,
            name: OnceBox::new(),
            parent,
            stop,
            panic_handler: own_lock("the panic handler of a group", None),
            limit: AtomicUsize::new(usize::MAX),
            count: Count::new(),
            n_named: AtomicU32::new(1),
        }))
    }

    /// The name, with those of the groups above.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.0.parent.is_none() {
            return &self.0.own_name;
        }
        self.0.name.get_or_init(|| {
            let mut names: Vec<_> =
                self.with_ancestors().map(|it| it.0.own_name.as_str()).collect();
            names.reverse();
            Box::new(names.join("/"))
        })
    }

    /// The group above.
    #[must_use]
    pub fn parent(&self) -> Option<&ThreadGroup> {
        self.0.parent.as_ref()
    }

    /// This group and those above, the nearest first.
    pub(crate) fn with_ancestors(&self) -> impl Iterator<Item = &ThreadGroup> {
        std::iter::successors(Some(self), |it| it.parent())
    }

    /// The name of the next thread that has none of its own.
    pub(crate) fn next_name(&self) -> String {
        format!("{}/worker-{}", self.name(), self.0.n_named.fetch_add(1, Ordering::Relaxed))
    }

    /// How many threads of this group, and of those below, are alive.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count.get()
    }

    /// Limits how many threads of this group, and of those below, are alive at a time. More are refused by
    /// [`start`](crate::Thread::start); those that are alive already stay. One whose runnable has returned makes room just before it has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{StartError, ThreadGroup};
    ///
    /// let pool = ThreadGroup::new("pool");
    /// pool.set_limit(0);
    /// let thread = pool.builder().build(|| ());
    /// let error = thread.start().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "group 'pool' is limited to 0 threads at a time; start the thread again once others have ended",
    /// );
    /// pool.set_limit(1);
    /// thread.start()?;
    /// thread.join().unwrap();
    /// # Ok::<(), StartError>(())
    /// ```
    pub fn set_limit(&self, limit: usize) {
        self.0.limit.store(limit, Ordering::Relaxed);
    }

    /// Sets what takes the panics of its threads.
    pub(crate) fn set_on_panic(&self, handler: OnPanic) {
        let inside = inside();
        let old = self.0.panic_handler.acquire().replace(handler);
        drop(inside);
        drop(old);
    }

    /// The nearest panic handler, from here upwards.
    pub(crate) fn panic_handler(&self) -> Option<OnPanic> {
        let _inside = inside();
        self.with_ancestors().find_map(|it| it.0.panic_handler.acquire().clone())
    }

    /// Asks all threads of this group and of those below to stop, also those that are started later. Returns whether this was the first request.
    #[expect(clippy::must_use_candidate, reason = "most callers do not mind who was first")]
    pub fn request_stop(&self) -> bool {
        self.0.stop.request_stop()
    }

    /// Whether the group was asked to stop.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.0.stop.stop_requested()
    }

    /// What the threads of the group learn of the request by.
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.0.stop.token()
    }

    /// Counts a thread that is about to be started, here and above.
    pub(crate) fn enter(&self) -> Result<(), StartError> {
        for (n_entered, group) in self.with_ancestors().enumerate() {
            let limit = group.0.limit.load(Ordering::Relaxed);
            if !group.0.count.enter(limit) {
                self.with_ancestors().take(n_entered).for_each(ThreadGroup::discount);
                return Err(StartError::GroupFull { group: group.name().to_owned(), limit });
            }
        }
        Ok(())
    }

    /// A thread that was counted has ended, or was not started after all.
    pub(crate) fn leave(&self) {
        self.with_ancestors().for_each(ThreadGroup::discount);
    }

    fn discount(&self) {
        self.0.count.leave();
    }

    /// In the child of a fork: the thread that has forked belongs to this group, and is the only one that is alive, here and above.
    pub(crate) fn keep_one(&self) {
        self.with_ancestors().for_each(|it| it.0.count.keep_one());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // One after the other: a tree may be deeper than the stack.
        let mut next = self.parent.take();
        while let Some(ThreadGroup(group)) = next {
            next = Arc::into_inner(group).and_then(|mut it| it.parent.take());
        }
    }
}

impl PartialEq for ThreadGroup {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for ThreadGroup {}

impl Hash for ThreadGroup {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

// A panic handler is only called, and its panics are caught.
impl UnwindSafe for ThreadGroup {}
impl RefUnwindSafe for ThreadGroup {}

impl fmt::Debug for ThreadGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadGroup")
            .field("name", &self.name())
            .field("count", &self.count())
            .field("stop_requested", &self.stop_requested())
            .finish_non_exhaustive()
    }
}
