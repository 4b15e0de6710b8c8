//! Where a thread has panicked, and what it said.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    fmt,
    panic::PanicHookInfo,
};

/// A place in the source: a part of [`Panic`](crate::Panic).
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
    /// The file, as the compiler was told it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl fmt::Display for PanicPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What a payload says.
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
    /// Where the current thread has panicked last, and what it said.
    static PLACE: RefCell<Option<(PanicPlace, String)>> = const { RefCell::new(None) };
    /// Whether that is to be known: the current thread is one of this library's.
    static ARE_NOTED: Cell<bool> = const { Cell::new(false) };
}

/// Where the current thread has panicked with this message, if that is known; once.
///
/// Another message is that of a panic that came from elsewhere, after one that was caught here.
pub(super) fn take_place(message: &str) -> Option<PanicPlace> {
    let (place, said) = PLACE.try_with(RefCell::take).ok().flatten()?;
    (said == message).then_some(place)
}

/// Calls a function whose panic, if it is caught there, does not hide where this thread has panicked before.
pub(crate) fn keeping_place<R>(f: impl FnOnce() -> R) -> R {
    let before = PLACE.try_with(RefCell::take).ok().flatten();
    let returned = f();
    let _ = PLACE.try_with(|it| it.replace(before));
    returned
}

/// Says whether the places of panics in the current thread are noted from now on.
pub(crate) fn note_places_here(are_noted: bool) {
    ARE_NOTED.set(are_noted);
}

/// The current thread panics: notes where, if that is to be known.
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
