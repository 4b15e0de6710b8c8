//! A group as a node of the tree, without the list of its threads.

use std::{
    fmt,
    hash::{Hash, Hasher},
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
};

use once_cell::race::OnceBox;
use threadwork_sync::{
    Lock, StopSource, StopToken,
    internal::{fork::inside, lock::own_lock},
};

use super::count::Count;
use crate::{error::StartError, outcome::Handlers};

/// A group of threads that are listed, counted, joined, limited and stopped together.
///
/// This is what Python reserves the argument `group` for.
/// Groups form a tree, and what applies to a group also applies to the groups below it. A thread belongs to the group that it was built for
/// ([`builder`](Self::builder), [`Builder::group`](crate::Builder::group)), or else to the group of the thread that builds it, if that has
/// one. A handle is cheap to clone. Two handles are equal if they refer to the same group. A group is displayed as `group 'server/readers'`.
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
    /// Without the names of the groups above.
    own_name: String,
    /// With the names of the groups above, made at the first use: in a deep tree the names take more memory than everything else.
    name: OnceBox<String>,
    parent: Option<ThreadGroup>,
    stop: StopSource,
    /// A replaced handler is dropped after this lock is released.
    handlers: Lock<Handlers>,
    rules: Rules,
    /// The number of live threads of this group and of the groups below it.
    count: Count,
    n_named: AtomicU32,
}

/// What applies to threads that are started.
struct Rules {
    limit: AtomicUsize,
    is_recycled: AtomicBool,
}

impl ThreadGroup {
    /// Creates a group without a parent.
    #[must_use]
    pub fn new(name: impl Into<String>) -> ThreadGroup {
        ThreadGroup::with_parent(name.into(), None)
    }

    /// Creates a group below this one, with the name `parent/name`.
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
        // Scenario "the stop that spreads" in docs/architecture.md.
        let stop = StopSource::child_of_all(parent.as_ref().map(ThreadGroup::stop_token).as_ref());
        ThreadGroup(Arc::new(Node {
            own_name,
            name: OnceBox::new(),
            parent,
            stop,
            handlers: own_lock("the handlers of a group", Handlers::default()),
            rules: Rules {
                limit: AtomicUsize::new(usize::MAX),
                is_recycled: AtomicBool::new(false),
            },
            count: Count::new(),
            n_named: AtomicU32::new(1),
        }))
    }

    /// Returns the name, preceded by the names of the groups above: `parent/name`.
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

    /// Returns the group above this one.
    #[must_use]
    pub fn parent(&self) -> Option<&ThreadGroup> {
        self.0.parent.as_ref()
    }

    /// Iterates over this group and the groups above it, nearest first.
    pub(crate) fn with_ancestors(&self) -> impl Iterator<Item = &ThreadGroup> {
        std::iter::successors(Some(self), |it| it.parent())
    }

    /// Returns the name for the next thread that was not given one.
    pub(crate) fn next_name(&self) -> String {
        format!("{}/worker-{}", self.name(), self.0.n_named.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the number of live threads of this group and of the groups below it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count.get()
    }

    /// Limits how many threads of this group and of the groups below it may be alive at a time.
    ///
    /// [`start`](crate::Thread::start) refuses a thread beyond the limit; threads that are already alive are not affected.
    /// A thread whose runnable has returned makes room just before it ends.
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
        self.0.rules.limit.store(limit, Ordering::Relaxed);
    }

    /// Sets whether the threads of this group and of the groups below it run in operating system threads that are used again, which start
    /// several times faster: see [`Builder::recycled`](crate::Builder::recycled), which can decide otherwise for one thread.
    ///
    /// It applies to threads that are started from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::ThreadGroup;
    ///
    /// let requests = ThreadGroup::new("requests");
    /// requests.set_recycled(true);
    /// for _ in 0..100 {
    ///     let request = requests.builder().spawn_my_thread(|| threadwork::current_thread().name())?;
    ///     assert!(request.into_result()?.starts_with("requests/worker-"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_recycled(&self, recycled: bool) {
        self.0.rules.is_recycled.store(recycled, Ordering::Relaxed);
    }

    /// Returns `true` if the threads of this group run in operating system threads that are used again.
    pub(crate) fn is_recycled(&self) -> bool {
        self.with_ancestors().any(|it| it.0.rules.is_recycled.load(Ordering::Relaxed))
    }

    /// Changes the handlers of the group. What `change` returns is dropped with nothing locked.
    pub(crate) fn change_handlers<D>(&self, change: impl FnOnce(&mut Handlers) -> D) {
        let inside = inside();
        let old = change(&mut self.0.handlers.acquire());
        drop(inside);
        drop(old);
    }

    /// Returns the nearest handler that `of` finds: of this group, or else of the groups above it.
    pub(crate) fn handler<H>(&self, of: impl Fn(&Handlers) -> Option<H>) -> Option<H> {
        let _inside = inside();
        self.with_ancestors().find_map(|it| of(&it.0.handlers.acquire()))
    }

    /// Asks all threads of this group and of the groups below it to stop, including threads that are started later.
    ///
    /// Returns `true` if this was the first request.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers do not ask whether they were first"
    )]
    pub fn request_stop(&self) -> bool {
        self.0.stop.request_stop()
    }

    /// Returns `true` if this group was asked to stop, by itself or with a group above it.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.0.stop.stop_requested()
    }

    /// Returns the token through which the threads of the group notice a stop request.
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.0.stop.token()
    }

    /// Counts a thread that is about to be started, in this group and the groups above it.
    pub(crate) fn enter(&self) -> Result<(), StartError> {
        for (n_entered, group) in self.with_ancestors().enumerate() {
            let limit = group.0.rules.limit.load(Ordering::Relaxed);
            if !group.0.count.enter(limit) {
                self.with_ancestors().take(n_entered).for_each(ThreadGroup::discount);
                return Err(StartError::GroupFull { group: group.name().to_owned(), limit });
            }
        }
        Ok(())
    }

    /// Uncounts a thread that has ended, or that was not started after all.
    pub(crate) fn leave(&self) {
        self.with_ancestors().for_each(ThreadGroup::discount);
    }

    fn discount(&self) {
        self.0.count.leave();
    }

    /// Counts the forking thread alone, in the child of a fork: it belongs to this group, and no other thread is alive here or above.
    pub(crate) fn keep_one(&self) {
        self.with_ancestors().for_each(|it| it.0.count.keep_one());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A loop instead of recursion: a tree may be deeper than the stack.
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

// Its handlers are only called, and their panics are caught.
impl UnwindSafe for ThreadGroup {}
impl RefUnwindSafe for ThreadGroup {}

impl fmt::Display for ThreadGroup {
    /// The name: `group 'server/readers'`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "group '{}'", self.name())
    }
}

impl fmt::Debug for ThreadGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadGroup")
            .field("name", &self.name())
            .field("count", &self.count())
            .field("stop_requested", &self.stop_requested())
            .finish_non_exhaustive()
    }
}
