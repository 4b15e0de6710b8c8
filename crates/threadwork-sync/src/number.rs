//! Numbers of threads.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::{floor, os};

#[cfg(test)]
mod tests;

/// The number of low bits that are free for flags in a word that names a thread.
pub(crate) const FLAG_BITS: u32 = 2;

/// The number of the main thread, known even before that thread first asks for it.
pub const MAIN_IDENT: NonZeroU64 = NonZeroU64::MIN;

/// The largest number that fits into a word beside the flags.
const MAX_IDENT: usize = usize::MAX >> FLAG_BITS;

static NEXT: AtomicUsize = AtomicUsize::new(2);

/// Whether a thread has been given the number of the main thread, in this process or in one that it was forked from.
static MAIN_IS_GIVEN: AtomicBool = AtomicBool::new(false);

/// A number that no thread has yet. Adopting it consumes it, so at most one thread gets it.
#[derive(Debug)]
pub struct ReservedIdent(NonZeroU64);

impl ReservedIdent {
    /// Returns the number.
    #[must_use]
    pub const fn get(&self) -> NonZeroU64 {
        self.0
    }
}

/// Returns the number of the current thread: it is not zero, is assigned at the first call, and is never given to another thread.
///
/// # Differences from Python
///
/// * Python recycles the ident of a thread that has ended; these numbers are not recycled.
///
/// # Panics
///
/// Panics if the process has used up all numbers: after 2⁶² threads, or 2³⁰ on a 32-bit target.
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
    from_word(current_word()).expect("a thread that asks for its number has one")
}

/// Returns the current thread's number, shifted past the flags. A lock stores this word to name its holder.
#[inline]
pub(crate) fn current_word() -> usize {
    let word = floor::thread_word();
    if word != 0 { word } else { assign() }
}

/// Returns the number of the thread that a word names; `None` if it names no thread.
#[inline]
pub(crate) fn from_word(word: usize) -> Option<NonZeroU64> {
    NonZeroU64::new((word >> FLAG_BITS) as u64)
}

/// Returns the word that names a thread.
pub(crate) fn word_of(ident: NonZeroU64) -> usize {
    usize::try_from(ident.get()).unwrap_or(0) << FLAG_BITS
}

#[cold]
fn assign() -> usize {
    // In the child of a fork, the operating system takes the forking thread for the main thread.
    let is_main = os::is_main_thread() && !MAIN_IS_GIVEN.swap(true, Ordering::Relaxed);
    number_current(if is_main { MAIN_IDENT } else { reserve_ident().0 })
}

fn number_current(ident: NonZeroU64) -> usize {
    let ident = usize::try_from(ident.get()).expect("numbers fit into a word");
    floor::set_thread_word(ident << FLAG_BITS);
    floor::thread_word()
}

/// Reserves a number for a thread that is about to be started.
///
/// # Panics
///
/// Panics like [`get_ident`].
#[must_use]
pub fn reserve_ident() -> ReservedIdent {
    ReservedIdent(take_number(&NEXT))
}

fn take_number(next: &AtomicUsize) -> NonZeroU64 {
    // The counter stops after the last number. If it continued, it would wrap around and give out numbers that are in use.
    let take = |ident: usize| (ident <= MAX_IDENT).then_some(ident + 1);
    let Ok(ident) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) else {
        panic!("this process has used up all thread numbers");
    };
    NonZeroU64::new(ident as u64).expect("the counter starts at 2")
}

/// Gives the operating system's current thread another number: it goes on as another thread.
pub(crate) fn change(ident: NonZeroU64) {
    number_current(ident);
}

/// Gives the current thread the number that was reserved for it.
///
/// # Panics
///
/// Panics if the thread already has a number: it may hold a lock that stores that number.
pub fn adopt_ident(ident: ReservedIdent) {
    assert!(
        floor::thread_word() == 0,
        "a thread that has a number cannot adopt another; adopt before anything in the thread uses a lock or asks for the number"
    );
    number_current(ident.0);
}
