//! Asking others to stop.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Weak},
};

use crate::{
    event::Event,
    ident,
    park::{self, Key, Mutex, Shared, Token, Word},
};
use std::sync::atomic::Ordering;

#[cfg(test)]
mod tests;

/// The side that asks for a stop.
///
/// Every clone, and every [`StopToken`] taken from one, speaks of the same request, which can be made once and not taken back.
/// A source is a pointer of 8 bytes, and so is a token.
/// The name and the meaning are those of C++20's `std::stop_source`.
///
/// # Happens-before
///
/// What the stopping thread did before [`request_stop`](Self::request_stop) is seen by whoever learns of the stop.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, StopSource, Wait, WaitError};
///
/// let stop = StopSource::new();
/// let token = stop.token();
/// let worker = std::thread::spawn(move || Event::new().wait_with(&Wait::forever().or_stop(&token)));
/// assert!(stop.request_stop());
/// assert_eq!(worker.join().unwrap(), Err(WaitError::Stopped));
/// ```
#[derive(Clone, Debug, Default)]
pub struct StopSource {
    state: Arc<StopState>,
}

/// What is stopped, who waits for it, and what is to be called.
struct StopState {
    /// Zero until a stop is requested, then one.
    requested: Word,
    listeners: Mutex<Listeners>,
    /// Each passes a stop of a parent on to this.
    parents: Mutex<Vec<StopCallback>>,
}

#[derive(Default)]
struct Listeners {
    /// Blocked threads by their words. A thread waits for one thing at a time.
    waiters: BTreeMap<usize, Key>,
    callbacks: BTreeMap<u64, Shared<Callback>>,
    next_callback: u64,
}

impl StopSource {
    /// A source whose stop has not been requested.
    #[must_use]
    pub fn new() -> StopSource {
        StopSource::default()
    }

    /// A source that is stopped by its own request and by that of `parent`, whichever comes first.
    ///
    /// Its own request does not reach the parent.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::StopSource;
    ///
    /// let all = StopSource::new();
    /// let one = StopSource::child_of(&all.token());
    /// let other = StopSource::child_of(&all.token());
    /// one.request_stop();
    /// assert!(!all.stop_requested() && !other.stop_requested());
    /// all.request_stop();
    /// assert!(other.stop_requested());
    /// ```
    #[must_use]
    pub fn child_of(parent: &StopToken) -> StopSource {
        StopSource::child_of_all([parent])
    }

    /// A source that is stopped by its own request and by that of any of `parents`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::StopSource;
    ///
    /// let [program, group] = [StopSource::new(), StopSource::new()];
    /// let worker = StopSource::child_of_all([&program.token(), &group.token()]);
    /// group.request_stop();
    /// assert!(worker.stop_requested());
    /// assert!(!program.stop_requested());
    /// ```
    #[must_use]
    pub fn child_of_all<'a>(parents: impl IntoIterator<Item = &'a StopToken>) -> StopSource {
        let child = StopSource::new();
        let callbacks = parents.into_iter().map(|parent| {
            let state: Weak<StopState> = Arc::downgrade(&child.state);
            StopCallback::new(parent, move || {
                if let Some(state) = state.upgrade() {
                    StopSource { state }.request_stop();
                }
            })
        });
        let callbacks: Vec<_> = callbacks.collect();
        *child.state.parents.lock() = callbacks;
        child
    }

    /// What waits and loops are given, so that they learn of the stop.
    #[must_use]
    pub fn token(&self) -> StopToken {
        StopToken { state: Arc::clone(&self.state) }
    }

    /// Requests the stop: wakes every wait that was given a token of it, then runs the callbacks, in order of registration, in this thread.
    ///
    /// Returns whether this was the first request; any other does nothing.
    ///
    /// # Panics
    ///
    /// If a callback panics, the others still run; then the first panic goes on in this thread.
    #[expect(clippy::must_use_candidate, reason = "most callers do not mind who was first")]
    pub fn request_stop(&self) -> bool {
        let callbacks = {
            let mut listeners = self.state.listeners.lock();
            if self.state.requested.swap(1, Ordering::AcqRel) != 0 {
                return false;
            }
            // Under the lock: a waiter that leaves meanwhile for another reason waits in `StopToken::leave`, so
            // that it cannot be taken for a waiter by this stop when it stands in the same queue again.
            for (thread, key) in std::mem::take(&mut listeners.waiters) {
                park::unpark_thread(key, thread, Token::STOPPED);
            }
            std::mem::take(&mut listeners.callbacks)
        };
        let mut panic = None;
        for callback in callbacks.into_values() {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| callback.run())) {
                panic.get_or_insert(payload);
            }
        }
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
        true
    }

    /// Whether a stop has been requested. One load.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.state.stop_requested()
    }
}

impl StopState {
    fn stop_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire) != 0
    }
}

impl Default for StopState {
    fn default() -> Self {
        StopState {
            requested: Word::new(0),
            listeners: Mutex::default(),
            parents: Mutex::default(),
        }
    }
}

impl fmt::Debug for StopState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopState")
            .field("stop_requested", &self.stop_requested())
            .finish_non_exhaustive()
    }
}

/// The side that learns of a stop.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::StopSource;
///
/// let stop = StopSource::new();
/// let token = stop.token();
/// let worker = std::thread::spawn(move || {
///     let mut rounds = 0;
///     while !token.stop_requested() {
///         rounds += 1;
///     }
///     rounds
/// });
/// stop.request_stop();
/// worker.join().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct StopToken {
    state: Arc<StopState>,
}

impl StopToken {
    /// Whether a stop has been requested. One load.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.state.stop_requested()
    }

    /// Announces that the current thread is about to wait in the queue of `key`; false if the stop has been requested.
    pub(crate) fn enter(&self, key: Key) -> bool {
        let mut listeners = self.state.listeners.lock();
        if self.state.stop_requested() {
            return false;
        }
        listeners.waiters.insert(ident::current_word(), key);
        true
    }

    /// Takes the announcement back; not needed after a wake-up by the stop itself.
    pub(crate) fn leave(&self) {
        self.state.listeners.lock().waiters.remove(&ident::current_word());
    }
}

/// A function that is called when a stop is requested.
///
/// It is called once: in the thread that requests the stop, or at once, in this one, if it already was.
/// Dropping the callback takes it back. If it is being called by another thread at that moment, the drop waits until it has returned;
/// if it is being called by this very thread, the drop does not wait. A callback takes 24 bytes, besides the function.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use threadwork::{StopCallback, StopSource};
///
/// static CALLS: AtomicU32 = AtomicU32::new(0);
///
/// let stop = StopSource::new();
/// let kept = StopCallback::new(&stop.token(), || _ = CALLS.fetch_add(1, Ordering::Relaxed));
/// let taken_back = StopCallback::new(&stop.token(), || _ = CALLS.fetch_add(10, Ordering::Relaxed));
/// drop(taken_back);
/// stop.request_stop();
/// assert_eq!(CALLS.load(Ordering::Relaxed), 1);
/// # drop(kept);
/// ```
#[must_use = "if unused the callback is taken back at once"]
#[derive(Debug)]
pub struct StopCallback {
    callback: Shared<Callback>,
    /// Where it is registered and under which number; `None` if it was called at once.
    registered: Option<(StopToken, u64)>,
}

impl StopCallback {
    /// Calls `f` when the stop of `token` is requested, or now if it has been.
    ///
    /// # Panics
    ///
    /// If the stop has been requested and `f` panics.
    pub fn new(token: &StopToken, f: impl FnOnce() + Send + 'static) -> StopCallback {
        let callback = Shared::new(Callback {
            function: Mutex::new(Some(Box::new(f))),
            caller: Word::new(0),
            returned: Event::new(),
        });
        let registered = {
            let mut listeners = token.state.listeners.lock();
            (!token.stop_requested()).then(|| {
                let number = listeners.next_callback;
                listeners.next_callback += 1;
                listeners.callbacks.insert(number, Shared::clone(&callback));
                (token.clone(), number)
            })
        };
        if registered.is_none() {
            callback.run();
        }
        StopCallback { callback, registered }
    }
}

impl Drop for StopCallback {
    fn drop(&mut self) {
        let Some((token, number)) = &self.registered else {
            return;
        };
        let unregistered = token.state.listeners.lock().callbacks.remove(number);
        drop(unregistered);
        if self.callback.take().is_none()
            && self.callback.caller.load(Ordering::Relaxed) != ident::current_word()
        {
            self.callback.returned.wait();
        }
    }
}

struct Callback {
    /// Taken by whoever comes first: the call, or the drop that takes it back.
    function: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// The word of the thread that calls it. Only compared by a thread with its own word, which it stored itself or not at all.
    caller: Word,
    returned: Event,
}

impl Callback {
    fn take(&self) -> Option<Box<dyn FnOnce() + Send>> {
        self.function.lock().take()
    }

    fn run(&self) {
        struct Returned<'a>(&'a Event);
        impl Drop for Returned<'_> {
            fn drop(&mut self) {
                self.0.set();
            }
        }

        self.caller.store(ident::current_word(), Ordering::Relaxed);
        if let Some(function) = self.take() {
            let _returned = Returned(&self.returned);
            function();
        }
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("returned", &self.returned.is_set())
            .finish_non_exhaustive()
    }
}
