//! Words that disturb the schedule: under `--cfg threadwork_noise` a thread sometimes lets other threads run before and after an operation
//! on a word, so that a stress test reaches interleavings that are rare otherwise.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU8, AtomicUsize, Ordering},
    thread,
};

thread_local! {
    static RANDOM: Cell<u64> = const { Cell::new(0) };
}

/// Lets other threads run, one time in eight, and then up to seven times.
fn noise() {
    static SEEDS: AtomicUsize = AtomicUsize::new(1);
    let mut random = RANDOM.get();
    if random == 0 {
        random =
            (SEEDS.fetch_add(1, Ordering::Relaxed) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    }
    // Marsaglia's xorshift (G. Marsaglia, "Xorshift RNGs", 2003).
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    RANDOM.set(random);
    if random.is_multiple_of(8) {
        (0..random >> 3 & 7).for_each(|_| thread::yield_now());
    }
}

/// Defines a word with noise, and each of its operations with noise before and after it.
macro_rules! noisy {
    (
        $(#[$attribute:meta])* $visibility:vis $word:ident($atomic:ty) of $value:ty;
        $($operation:ident($($argument:ident: $type:ty),*) -> $result:ty;)*
    ) => {
        $(#[$attribute])*
        #[derive(Debug)]
        $visibility struct $word($atomic);

        impl $word {
            /// Creates a word with this value.
            $visibility const fn new(value: $value) -> $word {
                $word(<$atomic>::new(value))
            }

            $(
                #[inline]
                $visibility fn $operation(&self, $($argument: $type),*) -> $result {
                    noise();
                    let result = self.0.$operation($($argument),*);
                    noise();
                    result
                }
            )*
        }
    };
}

noisy! {
    /// An `AtomicUsize` with noise.
    pub Word(AtomicUsize) of usize;
    load(order: Ordering) -> usize;
    store(value: usize, order: Ordering) -> ();
    swap(value: usize, order: Ordering) -> usize;
    fetch_add(value: usize, order: Ordering) -> usize;
    fetch_sub(value: usize, order: Ordering) -> usize;
    fetch_and(value: usize, order: Ordering) -> usize;
    fetch_or(value: usize, order: Ordering) -> usize;
    compare_exchange(old: usize, new: usize, success: Ordering, failure: Ordering) -> Result<usize, usize>;
    compare_exchange_weak(old: usize, new: usize, success: Ordering, failure: Ordering) -> Result<usize, usize>;
}

noisy! {
    /// An `AtomicU8` with noise.
    pub(crate) Byte(AtomicU8) of u8;
    load(order: Ordering) -> u8;
    store(value: u8, order: Ordering) -> ();
    compare_exchange(old: u8, new: u8, success: Ordering, failure: Ordering) -> Result<u8, u8>;
}

impl Word {
    pub fn fetch_update(
        &self,
        set: Ordering,
        fetch: Ordering,
        update: impl FnMut(usize) -> Option<usize>,
    ) -> Result<usize, usize> {
        noise();
        let result = self.0.fetch_update(set, fetch, update);
        noise();
        result
    }
}
