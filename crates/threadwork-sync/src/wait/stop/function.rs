//! A function that is called at most once, or unregistered before.

use std::{fmt, panic::Location, sync::atomic::Ordering};

use crate::{
    door::{self, Holder, Key, Parking, Subject, Token, Until, WaitKind},
    floor::{self, Mutex, Word},
    number,
};

type Boxed = Box<dyn FnOnce() + Send>;

/// The function that a stop request calls.
pub(super) struct Function {
    /// Taken by the first to come: the call, or the callback that unregisters it.
    function: Mutex<Option<Boxed>>,
    /// The word of the thread that calls it. A thread compares it only with its own word, which no other thread stores here.
    caller: Word,
    /// Zero, [`AWAITED`] or [`RETURNED`].
    end: Word,
}

/// A thread waits until the function has returned, or is about to wait.
const AWAITED: usize = 1;
/// The function has returned.
const RETURNED: usize = 2;

impl Function {
    pub(super) fn new(function: Boxed) -> Function {
        Function { function: Mutex::new(Some(function)), caller: Word::new(0), end: Word::new(0) }
    }

    /// Calls the function, unless it was already taken.
    pub(super) fn run(&self) {
        struct Returned<'a>(&'a Function);
        impl Drop for Returned<'_> {
            fn drop(&mut self) {
                self.0.has_returned();
            }
        }

        self.caller.store(number::current_word(), Ordering::Relaxed);
        if let Some(function) = self.take() {
            let _returned = Returned(self);
            function();
        }
    }

    /// Drops the function. If another thread is calling it at this moment, waits until it has returned.
    pub(super) fn take_back(&self) {
        if self.take().is_none() && self.caller.load(Ordering::Relaxed) != number::current_word() {
            self.wait_until_returned();
        }
    }

    fn take(&self) -> Option<Boxed> {
        let _inside = floor::inside();
        self.function.lock().take()
    }

    fn has_returned(&self) {
        let key = Key::of(&self.end);
        if self.end.swap(RETURNED, Ordering::AcqRel) == AWAITED {
            door::unpark_all(key, Token::RETRY);
        }
    }

    /// Waits for one word at the door. An event would do, but an event waits with a [`Wait`](crate::Wait), which may have a token of this
    /// stop.
    fn wait_until_returned(&self) {
        let subject = Subject {
            kind: WaitKind::Event,
            name: None,
            holder: Holder::Nobody,
            location: Location::caller(),
        };
        let parking =
            Parking { key: Key::of(&self.end), amount: 0, subject: &subject, overtaken: false };
        while self.end.load(Ordering::Acquire) != RETURNED {
            // Fails if the function has returned meanwhile, or if the thread was woken before it returned.
            let _ = self.end.compare_exchange(0, AWAITED, Ordering::Relaxed, Ordering::Relaxed);
            let validate = || self.end.load(Ordering::Relaxed) == AWAITED;
            door::park(&parking, Until::default(), validate, || (), |_, _| ());
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("returned", &(self.end.load(Ordering::Relaxed) == RETURNED))
            .finish_non_exhaustive()
    }
}
