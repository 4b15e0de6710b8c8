//! Counts the words of a file.

use std::{fs::File, io::Read, path::Path};

use threadwork::{Failure, checkpoint};

/// How much is read between two looks whether the job should stop.
const PART: usize = 256 * 1024;

/// Counts what stands between spaces, as `wc -w` does. It fails if the file cannot be read, or if it is stopped.
pub(crate) fn count(path: &Path) -> Result<u64, Failure> {
    let mut file = File::open(path)?;
    let mut part = vec![0; PART];
    let (mut words, mut in_word) = (0, false);
    loop {
        checkpoint()?;
        let length = file.read(&mut part)?;
        if length == 0 {
            return Ok(words);
        }
        for byte in &part[..length] {
            let is_space = byte.is_ascii_whitespace();
            words += u64::from(!is_space && !in_word);
            in_word = !is_space;
        }
    }
}
