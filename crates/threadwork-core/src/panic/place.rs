//! The place and the message of a panic.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    fmt,
    panic::PanicHookInfo,
};

/// The place of a [`Panic`](crate::Panic) in the source code.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::{Outcome, Thread};
///
/// let thread = Thread::new(|| panic!("out of paper"));
/// thread.start()?;
/// thread.join().unwrap_err();
/// let Some(Outcome::Panicked(panic)) = thread.outcome() else { unreachable!() };
/// let place = panic.place().unwrap();
/// assert_eq!(place.to_string(), format!("{}:{}:{}", place.file, place.line, place.column));
/// # Ok::<(), threadwork::StartError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PanicPlace {
    /// The path of the file, as the compiler was given it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
}

impl fmt::Display for PanicPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Returns the message in a panic's payload.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> &str {
    if let Some(message) = payload.downcast_ref::<&'static str>() {
        message
    } else if let Some(message) = payload.downcast_ref::<String>() {
        message
    } else {
        "a payload that is not a string"
    }
}

thread_local! {
    /// The place and the message of the current thread's last panic.
    static PLACE: RefCell<Option<(PanicPlace, String)>> = const { RefCell::new(None) };
    /// Whether panics are noted in the current thread: `true` in threads that this library started.
    static ARE_NOTED: Cell<bool> = const { Cell::new(false) };
}

/// Takes the noted place of the current thread's last panic, if its message was `message`.
///
/// With another message, the noted place belongs to an earlier panic that was caught inside the thread, and this panic came from elsewhere.
pub(super) fn take_place(message: &str) -> Option<PanicPlace> {
    let (place, said) = PLACE.try_with(RefCell::take).ok().flatten()?;
    (said == message).then_some(place)
}

/// Calls `f`, and keeps the noted place of an earlier panic even if `f` catches a panic of its own.
pub(crate) fn keeping_place<R>(f: impl FnOnce() -> R) -> R {
    let before = PLACE.try_with(RefCell::take).ok().flatten();
    let returned = f();
    let _ = PLACE.try_with(|it| it.replace(before));
    returned
}

/// Forgets the noted place of the current thread's last panic.
pub(crate) fn forget_place() {
    let _ = PLACE.try_with(RefCell::take);
}

/// Sets whether panics in the current thread are noted from now on.
pub(crate) fn note_places_here(are_noted: bool) {
    ARE_NOTED.set(are_noted);
}

/// Notes the place of a panic of the current thread, if its panics are noted.
pub(super) fn note(panic: &PanicHookInfo<'_>) {
    if ARE_NOTED.get()
        && let Some(place) = panic.location()
    {
        let (file, line, column) = (place.file().to_owned(), place.line(), place.column());
        let place = PanicPlace { file, line, column };
        let message = message_of(panic.payload()).to_owned();
        let _ = PLACE.try_with(|it| it.replace(Some((place, message))));
    }
}
