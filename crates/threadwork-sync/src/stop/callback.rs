//! What is called when a stop is requested.

use std::{fmt, sync::atomic::Ordering};

use super::StopToken;
use crate::{
    event::Event,
    ident,
    park::{self, Mutex, Shared, Word},
};

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
            let _inside = park::inside();
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
        let inside = park::inside();
        let unregistered = token.state.listeners.lock().callbacks.remove(number);
        drop(inside);
        drop(unregistered);
        if self.callback.take().is_none()
            && self.callback.caller.load(Ordering::Relaxed) != ident::current_word()
        {
            self.callback.returned.wait();
        }
    }
}

pub(super) struct Callback {
    /// Taken by whoever comes first: the call, or the drop that takes it back.
    function: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// The word of the thread that calls it. Only compared by a thread with its own word, which it stored itself or not at all.
    caller: Word,
    returned: Event,
}

impl Callback {
    fn take(&self) -> Option<Box<dyn FnOnce() + Send>> {
        let _inside = park::inside();
        self.function.lock().take()
    }

    pub(super) fn run(&self) {
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
