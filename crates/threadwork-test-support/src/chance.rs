//! Repeatable random numbers.

/// A generator of random numbers that are the same for the same seed: Marsaglia's xorshift.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// Creates a generator. Nearby seeds give unrelated sequences.
    #[must_use]
    pub fn new(seed: u64) -> Chance {
        // The state must not be zero.
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Returns the next number, from 0 up to and without `n`.
    ///
    /// # Panics
    ///
    /// Panics if `n` is zero.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The upper bits are better than the lower ones.
        (self.0 >> 16) % n
    }

    /// Returns a random place in a list of this length.
    ///
    /// # Panics
    ///
    /// Panics if the list is empty.
    pub fn place(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }
}
