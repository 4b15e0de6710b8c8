//! The panics and failures of threads that the process remembers.

use std::{collections::VecDeque, fmt, num::NonZeroU64, time::Instant};

use threadwork_sync::{
    Lock, LockGuard,
    internal::{clock, lock::own_lock},
};

use crate::{
    life::{ThreadHandle, ThreadState},
    outcome::Outcome,
    panic::PanicPlace,
    process::{LockPart, Part, hold, look_after},
};

/// The number of faults that are remembered.
const KEPT: usize = 8;

/// The texts of users are cut after this number of characters.
const LONGEST_TEXT: usize = 500;

/// The panic or the failure that ended a thread, as the process remembers it: a part of [`Faults`].
///
/// It keeps neither the thread nor its error or payload alive. Texts of more than 500 characters are cut.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use threadwork::{Thread, ThreadState, faults};
///
/// let thread = Thread::builder().name("loop").build(|| Err::<(), _>("no such file"));
/// thread.start()?;
/// thread.join().unwrap_err();
/// let fault = &faults().recent[0];
/// assert_eq!((&*fault.name, Some(fault.ident)), ("loop", thread.ident()));
/// assert_eq!(fault.state, ThreadState::Failed);
/// assert_eq!(fault.to_string(), "thread 'loop' failed: no such file");
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The name of the thread.
    pub name: String,
    /// The number of the thread.
    pub ident: NonZeroU64,
    /// The full name of its group, with the names of the ancestors, if it has one.
    pub group: Option<String>,
    /// How it has ended: [`Panicked`](ThreadState::Panicked) or [`Failed`](ThreadState::Failed).
    pub state: ThreadState,
    /// The message of the panic, or that of the error and its sources.
    pub message: String,
    /// Where the code panicked, if that is known.
    pub place: Option<PanicPlace>,
    /// When its run was over.
    pub at: Instant,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread '{}' {}: {}", self.name, self.state, self.message)
    }
}

/// The panics and failures of threads so far: how many there were, and the last eight. Returned by [`faults`].
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Faults;
///
/// let none = Faults::default();
/// assert!(none.panicked == 0 && none.failed == 0 && none.recent.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faults {
    /// The number of threads that have panicked since the start of the process.
    pub panicked: u64,
    /// The number of threads that have failed since the start of the process.
    pub failed: u64,
    /// The last of them, the latest first.
    pub recent: Vec<Fault>,
}

/// What the process remembers.
struct Memory {
    panicked: u64,
    failed: u64,
    recent: VecDeque<Fault>,
}

impl Memory {
    const EMPTY: Memory = Memory { panicked: 0, failed: 0, recent: VecDeque::new() };

    /// Adds a fault. Returns the one that it displaces, if any.
    fn add(&mut self, fault: Fault) -> Option<Fault> {
        match fault.state {
            ThreadState::Panicked => self.panicked += 1,
            _ => self.failed += 1,
        }
        let displaced = if self.recent.len() == KEPT { self.recent.pop_back() } else { None };
        self.recent.push_front(fault);
        displaced
    }
}

static MEMORY: Lock<Memory> = own_lock("the faults", Memory::EMPTY);

/// Returns the panics and failures of threads so far: the threads of the program, of scopes, supervisors and timers, and the library's own.
/// They are remembered although the threads are gone, so a program can report on its own health.
///
/// The child of a fork begins without any.
///
/// # Happens-before
///
/// The fault of a thread is here before its handler ([`set_excepthook`](crate::set_excepthook),
/// [`set_failure_handler`](crate::set_failure_handler)) is called, and before any join of the thread returns.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use threadwork::{Thread, faults};
///
/// for name in ["reader", "writer"] {
///     let thread = Thread::builder().name(name).build(|| Err::<(), _>("disk full"));
///     thread.start()?;
///     thread.join().unwrap_err();
/// }
/// let faults = faults();
/// assert_eq!((faults.panicked, faults.failed), (0, 2));
/// assert_eq!(faults.recent[0].name, "writer");
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[must_use]
pub fn faults() -> Faults {
    let memory = memory();
    let recent = memory.recent.iter().cloned().collect();
    Faults { panicked: memory.panicked, failed: memory.failed, recent }
}

/// Remembers how the thread has ended, if that is a fault.
///
/// Scenario "the fault that outlives its thread" in docs/architecture.md.
#[cold]
pub(crate) fn remember(thread: &ThreadHandle, outcome: &Outcome) {
    let (state, message, place) = match outcome {
        Outcome::Panicked(it) => (ThreadState::Panicked, it.message(), it.place().cloned()),
        Outcome::Failed(it) => (ThreadState::Failed, it.message(), None),
        Outcome::Finished | Outcome::Stopped => return,
    };
    // A thread that has run has a number, and so has a timer that was due.
    let Some(ident) = thread.ident() else { return };
    let fault = Fault {
        name: shortened(&thread.name()),
        ident,
        group: thread.life().group().map(|it| shortened(it.name())),
        state,
        message: shortened(message),
        place,
        at: clock::now(),
    };
    let _displaced = memory().add(fault);
}

/// The text, cut to the longest length that is kept.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

static LOCKED: LockPart = || hold(&MEMORY, |it| *it = Memory::EMPTY);

fn memory() -> LockGuard<'static, Memory> {
    look_after(Part::Faults, &LOCKED);
    MEMORY.acquire()
}
