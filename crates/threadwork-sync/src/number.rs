//! The number of a thread.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::{floor, os};

#[cfg(test)]
mod tests;

/// The low bits of a word that names a thread are free for flags.
pub(crate) const FLAG_BITS: u32 = 2;

/// The number of the main thread, known before that thread has ever asked for it.
pub const MAIN_IDENT: NonZeroU64 = NonZeroU64::MIN;

/// The largest number that fits into a word beside the flags.
const MAX_IDENT: usize = usize::MAX >> FLAG_BITS;

static NEXT: AtomicUsize = AtomicUsize::new(2);

/// Whether a thread has the number of the main thread, here or in a process that this one was forked from.
static MAIN_IS_GIVEN: AtomicBool = AtomicBool::new(false);

/// A number that no thread has. It is given up to be adopted, so one thread at most gets it.
#[derive(Debug)]
pub struct ReservedIdent(NonZeroU64);

impl ReservedIdent {
    /// The number.
    #[must_use]
    pub const fn get(&self) -> NonZeroU64 {
        self.0
    }
}

/// The number of the current thread: not zero, given at the first call, and never given to another thread.
///
/// # Differences from Python
///
/// * Python's idents are recycled as soon as a thread ends; these are not.
///
/// # Panics
///
/// If the process has used up all numbers: after 2⁶² threads, or 2³⁰ on a 32-bit target.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// let here = threadwork::get_ident();
/// let there = std::thread::spawn(threadwork::get_ident).join().unwrap();
/// assert_ne!(here, there);
/// assert_eq!(here, threadwork::get_ident());
/// ```
#[must_use]
#[inline]
pub fn get_ident() -> NonZeroU64 {
    from_word(current_word()).expect("a thread that has asked has a number")
}

/// The current thread's number, shifted past the flags; what a lock keeps of its holder.
#[inline]
pub(crate) fn current_word() -> usize {
    let word = floor::thread_word();
    if word != 0 { word } else { assign() }
}

/// The thread that a word names; `None` if it names none.
#[inline]
pub(crate) fn from_word(word: usize) -> Option<NonZeroU64> {
    NonZeroU64::new((word >> FLAG_BITS) as u64)
}

/// The word that names a thread.
pub(crate) fn word_of(ident: NonZeroU64) -> usize {
    usize::try_from(ident.get()).unwrap_or(0) << FLAG_BITS
}

#[cold]
fn assign() -> usize {
    // In the child of a fork the operating system takes the thread that has forked for the main one.
    let is_main = os::is_main_thread() && !MAIN_IS_GIVEN.swap(true, Ordering::Relaxed);
    number_current(if is_main { MAIN_IDENT } else { reserve_ident().0 })
}

fn number_current(ident: NonZeroU64) -> usize {
    let ident = usize::try_from(ident.get()).expect("numbers fit into a word");
    floor::set_thread_word(ident << FLAG_BITS);
    floor::thread_word()
}

/// Takes a number for a thread that is about to be started.
///
/// # Panics
///
/// As [`get_ident`].
#[must_use]
pub fn reserve_ident() -> ReservedIdent {
    ReservedIdent(take_number(&NEXT))
}

fn take_number(next: &AtomicUsize) -> NonZeroU64 {
    // The counter stays behind the last number: one that went on would start over, and pass through numbers in use.
    let take = |ident: usize| (ident <= MAX_IDENT).then_some(ident + 1);
    let Ok(ident) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) else {
        panic!("this process has used up all thread numbers");
    };
    NonZeroU64::new(ident as u64).expect("the counter begins with 2")
}

/// Gives the current thread the number that was reserved for it.
///
/// # Panics
///
/// If the thread has one already: it may hold a lock that knows it by that.
pub fn adopt_ident(ident: ReservedIdent) {
    assert!(
        floor::thread_word() == 0,
        "a thread that has a number cannot adopt another; adopt before anything in the thread uses a lock or asks for the number"
    );
    number_current(ident.0);
}
