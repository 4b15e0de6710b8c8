//! Threads that belong together.

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
    Lock, StopSource, StopToken, Wait, get_ident,
    internal::{inside, own_lock},
};

use self::count::Count;
pub use self::join_error::JoinAllError;
use crate::{
    error::StartError,
    life::ThreadHandle,
    panic::{OnPanic, Panic},
    registry,
    tell::excepthook::in_its_thread,
    thread::{Builder, Thread},
    work::Runnable,
};

mod count;
mod join_error;

pub(crate) use self::join_error::names;

/// Threads that belong together: listed, counted, joined, limited and stopped as one. What Python reserves `group` for.
///
/// Groups form a tree, and what is said of a group goes for those below it. A thread belongs to the group it was built for
/// ([`builder`](Self::builder), [`Builder::group`]), or else to that of the thread that has built it, if that one has any.
/// A handle is cheap to clone; two are equal if they speak of the same group.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::ThreadGroup;
/// # use threadwork_sync::Wait;
///
/// let pool = ThreadGroup::new("pool");
/// for _ in 0..3 {
///     let worker = pool.builder().build(|| _ = threadwork::sleep(Duration::from_secs(3600)));
///     worker.start()?;
/// }
/// let names: Vec<_> = pool.list().iter().map(|it| it.name()).collect();
/// assert_eq!(names, ["pool/worker-1", "pool/worker-2", "pool/worker-3"]);
///
/// let late = pool.join_all(&Wait::timeout(Duration::ZERO)).unwrap_err();
/// assert_eq!(late.alive().len(), 3);
/// pool.request_stop();
/// pool.join_all(&Wait::forever())?;
/// assert_eq!(pool.count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ThreadGroup(Arc<Inner>);

struct Inner {
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
        ThreadGroup(Arc::new(Inner {
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
            let mut names: Vec<_> = self.line().map(|it| it.0.own_name.as_str()).collect();
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
    fn line(&self) -> impl Iterator<Item = &ThreadGroup> {
        std::iter::successors(Some(self), |it| it.parent())
    }

    /// Builds threads of this group. One that is not named is called `group/worker-N`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// let pool = threadwork::ThreadGroup::new("pool");
    /// let thread = pool.builder().daemon(true).build(|| ());
    /// assert_eq!(thread.name(), "pool/worker-1");
    /// assert_eq!(thread.group(), Some(pool));
    /// ```
    #[must_use = "a builder does nothing until it builds"]
    pub fn builder(&self) -> Builder {
        Thread::builder().group(self)
    }

    /// Starts `count` threads of this group, each with a copy of `prototype`.
    ///
    /// # Errors
    ///
    /// Why one of them was refused; those that were started before are asked to stop then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// # use threadwork_sync::Wait;
    /// use threadwork::ThreadGroup;
    ///
    /// let pool = ThreadGroup::new("pool");
    /// let workers = pool.replicate(&|| while threadwork::sleep(std::time::Duration::MAX).is_ok() {}, 3)?;
    /// assert_eq!((workers.len(), pool.count()), (3, 3));
    /// pool.request_stop();
    /// pool.join_all(&Wait::forever())?;
    ///
    /// pool.set_limit(0);
    /// assert!(pool.replicate(&|| (), 3).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replicate<P>(&self, prototype: &P, count: usize) -> Result<Vec<Thread<P>>, StartError>
    where
        P: Runnable + Clone + 'static,
    {
        let mut started: Vec<Thread<P>> = Vec::with_capacity(count);
        for _ in 0..count {
            let thread = self.builder().build(prototype.clone());
            if let Err(error) = thread.start() {
                started.iter().for_each(|it| _ = it.request_stop());
                return Err(error);
            }
            started.push(thread);
        }
        Ok(started)
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

    /// The threads of this group, and of those below, that are alive, in order of their numbers.
    #[must_use]
    pub fn list(&self) -> Vec<ThreadHandle> {
        registry::all(|it| self.contains(it))
    }

    /// Whether a thread belongs to this group or to one below.
    #[must_use]
    pub fn contains(&self, thread: &ThreadHandle) -> bool {
        thread.life().group().is_some_and(|group| group.line().any(|it| it == self))
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
    ///     "group 'pool' is limited to 0 threads at a time; start it again once others have ended",
    /// );
    /// pool.set_limit(1);
    /// thread.start()?;
    /// thread.join().unwrap();
    /// # Ok::<(), StartError>(())
    /// ```
    pub fn set_limit(&self, limit: usize) {
        self.0.limit.store(limit, Ordering::Relaxed);
    }

    /// Sets what is called when a thread of this group panics, or one below whose own group has no handler:
    /// see [`set_excepthook`](crate::set_excepthook), which is not called then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::OnceLock;
    /// use threadwork::ThreadGroup;
    ///
    /// static FIRST: OnceLock<String> = OnceLock::new();
    ///
    /// let pool = ThreadGroup::new("pool");
    /// pool.set_panic_handler(|thread, panic| {
    ///     FIRST.set(format!("{}: {}", thread.name(), panic.message())).unwrap();
    /// });
    /// let thread = pool.builder().build(|| panic!("out of paper"));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// assert_eq!(FIRST.get().unwrap(), "pool/worker-1: out of paper");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn set_panic_handler(
        &self,
        handler: impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static,
    ) {
        let inside = inside();
        let old = self.0.panic_handler.acquire().replace(in_its_thread(handler));
        drop(inside);
        drop(old);
    }

    /// The nearest panic handler, from here upwards.
    pub(crate) fn panic_handler(&self) -> Option<OnPanic> {
        let _inside = inside();
        self.line().find_map(|it| it.0.panic_handler.acquire().clone())
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

    /// Waits until no thread of this group, or of one below, is alive, also of those that are started meanwhile; not for the current thread.
    ///
    /// How they end is not told here: see [`set_panic_handler`](Self::set_panic_handler).
    ///
    /// # Errors
    ///
    /// With the threads that are still alive when the wait has ended.
    #[track_caller]
    pub fn join_all(&self, wait: &Wait) -> Result<(), JoinAllError> {
        let here = get_ident();
        registry::join_all(|it| it.ident() != Some(here) && self.contains(it), wait)
            .map_err(|(alive, why)| JoinAllError { alive, why })
    }

    /// Counts a thread that is about to be started, here and above.
    pub(crate) fn enter(&self) -> Result<(), StartError> {
        for (n_entered, group) in self.line().enumerate() {
            let limit = group.0.limit.load(Ordering::Relaxed);
            if !group.0.count.enter(limit) {
                self.line().take(n_entered).for_each(ThreadGroup::discount);
                return Err(StartError::GroupFull { group: group.name().to_owned(), limit });
            }
        }
        Ok(())
    }

    /// A thread that was counted has ended, or was not started after all.
    pub(crate) fn leave(&self) {
        self.line().for_each(ThreadGroup::discount);
    }

    fn discount(&self) {
        self.0.count.leave();
    }

    /// In the child of a fork: the thread that has forked belongs to this group, and is the only one that is alive, here and above.
    pub(crate) fn keep_one(&self) {
        self.line().for_each(|it| it.0.count.keep_one());
    }
}

impl Drop for Inner {
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
