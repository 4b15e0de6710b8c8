//! The current thread's number for `lock_api`.
#![expect(unsafe_code, reason = "the trait is unsafe to implement")]

use std::num::NonZeroUsize;

use crate::number;

/// Tells `lock_api` the current thread's number, for re-entrant mutexes based on [`RawLock`](crate::RawLock).
///
/// It needs the feature `lock_api` or `lock_api_0_4`.
///
/// # Examples
///
#[cfg_attr(feature = "lock_api", doc = "```")]
#[cfg_attr(not(feature = "lock_api"), doc = "```\n# use lock_api_0_4 as lock_api;")]
/// # use threadwork_sync as threadwork;
/// use threadwork::{CurrentIdent, RawLock};
///
/// type Mutex<T> = lock_api::Mutex<RawLock, T>;
/// type ReentrantMutex<T> = lock_api::ReentrantMutex<RawLock, CurrentIdent, T>;
///
/// static TOTAL: Mutex<u32> = Mutex::new(0);
/// static NAMES: ReentrantMutex<[&str; 2]> = ReentrantMutex::new(["a", "b"]);
///
/// *TOTAL.lock() += 1;
/// let (outer, inner) = (NAMES.lock(), NAMES.lock());
/// assert_eq!(outer[0], inner[0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CurrentIdent(());

/// The trait is the same in each version.
macro_rules! get_thread_id {
    ($lock_api:ident) => {
        // SAFETY: a thread keeps its number, and the number is never given to another thread (`number`).
        unsafe impl $lock_api::GetThreadId for CurrentIdent {
            const INIT: CurrentIdent = CurrentIdent(());

            #[inline]
            fn nonzero_thread_id(&self) -> NonZeroUsize {
                NonZeroUsize::new(number::current_word()).expect("the current thread has a number")
            }
        }
    };
}

#[cfg(feature = "lock_api")]
get_thread_id!(lock_api);
#[cfg(feature = "lock_api_0_4")]
get_thread_id!(lock_api_0_4);
