//! The floor of models: words, locks and time that loom explores.
#![expect(unsafe_code, reason = "a value is protected by a lock outside of it")]

use std::{
    cell::Cell,
    ops::Deref,
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

pub use loom::sync::Arc;
pub(crate) use loom::sync::MutexGuard;
use loom::{
    cell::UnsafeCell,
    sync::{
        Condvar,
        atomic::{AtomicU8, AtomicUsize},
    },
};

macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility fn $($rest)*
    };
}
pub(crate) use const_new;

macro_rules! process_wide {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        loom::lazy_static! {
            $(#[$attribute])* static ref $name: $type = $value;
        }
    };
}
pub(crate) use process_wide;

/// Two buckets: which one a key has must be the same in each execution, so it depends on a flag of the key and not on an address.
pub(crate) const BUCKETS: usize = 2;

macro_rules! buckets {
    ($bucket:expr) => {
        [$bucket, $bucket]
    };
}
pub(crate) use buckets;

pub(crate) fn bucket_of(key: usize) -> usize {
    key & 1
}

macro_rules! real_only {
    ($($item:item)*) => {};
}
pub(crate) use real_only;

/// Declares values of the threads of a model.
pub(crate) use loom::thread_local as thread_values;

loom::thread_local! {
    static THREAD_WORD: Cell<usize> = Cell::new(0);
}

pub(crate) fn thread_word() -> usize {
    THREAD_WORD.with(Cell::get)
}

pub(crate) fn set_thread_word(word: usize) {
    THREAD_WORD.with(|it| it.set(word));
}

/// Returns the current time. No time is measured in models.
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Only the model decides when time passes.
pub(crate) fn is_past(_: Instant) -> bool {
    false
}

/// Defines a word whose drop loom checks: a use that is not ordered before the drop is an error of the model.
macro_rules! word {
    ($(#[$attribute:meta])* $visibility:vis $word:ident($atomic:ty) of $value:ty;) => {
        $(#[$attribute])*
        #[derive(Debug)]
        $visibility struct $word($atomic);

        impl $word {
            /// Creates a word with this value.
            $visibility fn new(value: $value) -> $word {
                $word(<$atomic>::new(value))
            }
        }

        impl Deref for $word {
            type Target = $atomic;

            fn deref(&self) -> &$atomic {
                &self.0
            }
        }

        impl Drop for $word {
            fn drop(&mut self) {
                // An exclusive access: every use of the word must have happened before it. A model that has failed is over.
                if !std::thread::panicking() {
                    self.0.with_mut(|_| ());
                }
            }
        }
    };
}

word! {
    /// The word that holds the state of a primitive.
    pub Word(AtomicUsize) of usize;
}

/// Stores zero in the word of a lock that the current thread holds, as in real programs.
///
/// A read-modify-write of another thread comes directly behind the value that it read. Loom does not know that for a plain store,
/// and would explore that the store comes before such a change although it comes after. So this is a swap, whose result is not used.
pub(crate) fn free_by_store(word: &Word) {
    word.swap(0, Ordering::Release);
}

word! {
    /// A small word beside it.
    pub(crate) Byte(AtomicU8) of u8;
}

/// The two halves of a fence, which both are full fences: no model knows a fence that one thread executes for another.
pub(crate) mod fence {
    use std::{cell::Cell, sync::atomic::Ordering};

    use loom::sync::atomic::fence;

    // A model runs in one system thread.
    thread_local! {
        static WITHOUT_HEAVY: Cell<bool> = const { Cell::new(false) };
    }

    /// Leaves out the heavy halves from now on, so that a model can show that they are needed.
    pub fn leave_out_heavy_fences() {
        WITHOUT_HEAVY.set(true);
    }

    pub(crate) fn is_asymmetric() -> bool {
        true
    }

    pub(crate) fn light() {
        fence(Ordering::SeqCst);
    }

    pub(crate) fn heavy() {
        if !WITHOUT_HEAVY.get() {
            fence(Ordering::SeqCst);
        }
    }
}

// A model runs in one system thread.
thread_local! {
    static TIME_SINCE: Cell<Duration> = const { Cell::new(Duration::MAX) };
}

/// Keeps locks from being handed over to waiters from now on, unless they are fair: no time passes between two chances.
pub fn leave_out_hand_overs() {
    // As if everything had been done last a moment ago that is shorter than the time between two hand-overs.
    TIME_SINCE.set(Duration::ZERO);
}

/// Whatever is done now and then is always done, except for hand-overs if they are left out.
#[derive(Debug)]
pub(crate) struct Pace;

impl Pace {
    pub(crate) fn new() -> Pace {
        Pace
    }

    pub(crate) fn step(&self) {}

    pub(crate) fn allows(&self, time: Duration) -> bool {
        time >= Duration::from_millis(1) || TIME_SINCE.get() >= time
    }
}

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that is protected by a lock outside of it: an access that is not ordered after all others is an error of the model.
#[derive(Debug)]
pub(crate) struct Protected<T>(UnsafeCell<T>);

impl<T> Protected<T> {
    pub(crate) fn new(value: T) -> Self {
        Protected(UnsafeCell::new(value))
    }

    /// As in real programs.
    #[expect(clippy::mut_from_ref, reason = "the caller promises that there is no other reference")]
    pub(crate) unsafe fn get(&self) -> &mut T {
        // SAFETY: the caller's promise.
        self.0.with_mut(|value| unsafe { &mut *value })
    }
}

/// Models do not fork.
pub(crate) type Renewable<T> = Mutex<T>;

/// How one thread sleeps, and how others wake it. A thread that sleeps with a deadline may time out at any moment: a model that wants to
/// explore this spawns a thread that calls [`let_time_pass`].
#[derive(Debug)]
pub(crate) struct Sleep {
    state: Mutex<SleepState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SleepState {
    woken: bool,
    has_deadline: bool,
    is_time_up: bool,
}

loom::lazy_static! {
    /// The sleeps that had a deadline.
    static ref SLEEPS: std::sync::Mutex<Vec<&'static Sleep>> = std::sync::Mutex::default();
}

impl Sleep {
    pub(crate) fn new() -> Sleep {
        Sleep { state: Mutex::default(), changed: Condvar::new() }
    }

    pub(crate) fn suspend(&'static self, deadline: Option<Instant>) -> bool {
        if deadline.is_some() {
            SLEEPS.lock().unwrap_or_else(PoisonError::into_inner).push(self);
        }
        let mut state = self.state.lock();
        *state = SleepState { has_deadline: deadline.is_some(), ..*state };
        while !state.woken && !state.is_time_up {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::take(&mut *state).woken
    }

    pub(crate) fn suspend_shared(&'static self) -> bool {
        self.suspend(None)
    }

    pub(crate) fn wake(&self) {
        self.state.lock().woken = true;
        self.changed.notify_one();
    }
}

/// Wakes each thread at once.
#[derive(Debug)]
pub(crate) struct Wakes;

impl Wakes {
    pub(crate) fn new() -> Wakes {
        Wakes
    }

    pub(crate) fn add(&mut self, sleep: &Sleep) {
        sleep.wake();
    }
}

/// Lets the deadlines of all sleeping threads pass.
pub fn let_time_pass() {
    let sleeps = SLEEPS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for sleep in sleeps {
        let mut state = sleep.state.lock();
        if state.has_deadline {
            state.is_time_up = true;
            sleep.changed.notify_one();
        }
    }
}

/// A thread that models do not tell from one that is not at work.
#[derive(Debug)]
pub(crate) struct AtWork;

impl AtWork {
    pub(crate) fn begin() -> AtWork {
        AtWork
    }

    pub(crate) fn is_on() -> bool {
        false
    }
}

/// Does not spin, as [`Spin`].
pub(crate) fn happens_soon(happened: impl Fn() -> bool) -> bool {
    happened()
}

pub(crate) fn happens_at_once(happened: impl Fn() -> bool) -> bool {
    happened()
}

/// Does not look, as [`Spin`].
pub(crate) fn changes_soon(_: impl Fn() -> bool) -> bool {
    false
}

/// Models do not fork.
#[derive(Debug)]
pub struct Inside;

/// Does nothing: models have no gate.
#[must_use]
pub fn inside() -> Inside {
    Inside
}

/// Does not spin, because spinning adds executions and finds nothing.
#[derive(Debug)]
pub(crate) struct Spin;

impl Spin {
    pub(crate) fn new() -> Spin {
        Spin
    }

    pub(crate) fn short() -> Spin {
        Spin
    }

    pub(crate) fn spin(&mut self) -> bool {
        false
    }
}

/// Lets no burst pass, as [`Spin`].
#[derive(Debug)]
pub(crate) struct Bursts;

impl Bursts {
    pub(crate) fn new() -> Bursts {
        Bursts
    }

    pub(crate) fn pass(&mut self, _: impl FnOnce() -> usize) -> bool {
        false
    }
}

pub(crate) fn back_off() {}

pub(crate) fn let_others_run() {}
