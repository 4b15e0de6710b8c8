//! Callbacks of stop requests.

use crate::{
    floor::{self, Arc},
    wait::stop::{function::Function, token::StopToken},
};

/// A function that is called when a stop is requested.
///
/// It is called once: by the thread that requests the stop, or at once by the current thread if the stop was already requested. Dropping
/// the callback unregisters it. If another thread is calling the function at that moment, the drop waits until the function has returned;
/// if the current thread itself is calling it, the drop does not wait. A callback takes 24 bytes, besides the function.
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
#[must_use = "if unused, the callback is unregistered at once"]
#[derive(Debug)]
pub struct StopCallback {
    callback: Arc<Function>,
    /// The token at which it is registered, and its number there; `None` if it was called at once.
    registered: Option<(StopToken, u64)>,
}

impl StopCallback {
    /// Calls `f` when the stop of `token` is requested, or at once if it already was.
    ///
    /// # Panics
    ///
    /// Panics if the stop has already been requested and `f` panics.
    pub fn new(token: &StopToken, f: impl FnOnce() + Send + 'static) -> StopCallback {
        let function = Arc::new(Function::new(Box::new(f)));
        let registered = {
            let _inside = floor::inside();
            let mut callbacks = token.share().callbacks.lock();
            (!token.stop_requested()).then(|| {
                let number = callbacks.next;
                callbacks.next += 1;
                callbacks.by_number.insert(number, Arc::clone(&function));
                (token.clone(), number)
            })
        };
        if registered.is_none() {
            function.run();
        }
        StopCallback { callback: function, registered }
    }
}

impl Drop for StopCallback {
    fn drop(&mut self) {
        let Some((token, number)) = &self.registered else {
            return;
        };
        let inside = floor::inside();
        let unregistered = token.share().callbacks.lock().by_number.remove(number);
        drop(inside);
        drop(unregistered);
        self.callback.take_back();
    }
}
