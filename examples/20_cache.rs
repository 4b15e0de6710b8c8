//! A cache that many threads read at the same time. What is missing is computed once, while the others go on reading.

use std::{
    collections::HashMap,
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use threadwork::{RwLock, RwLockUpgradableGuard, scope};

const NUMBERS: u64 = 20;
const READERS: u64 = 4;

/// The steps from each number to 1, by the rule of Collatz.
struct Cache {
    entries: RwLock<HashMap<u64, u64>>,
    computed: AtomicU64,
}

impl Cache {
    fn new() -> Cache {
        Cache { entries: RwLock::named("cache", HashMap::new()), computed: AtomicU64::new(0) }
    }

    fn get(&self, n: u64) -> u64 {
        if let Some(&found) = self.entries.read().get(&n) {
            return found;
        }
        // One thread at a time has this guard, beside any number of readers. So nobody else computes the same.
        let entries = self.entries.upgradable_read();
        if let Some(&found) = entries.get(&n) {
            return found;
        }
        self.computed.fetch_add(1, Ordering::Relaxed);
        let steps = steps(n);
        // Waits for the readers. Between the look and the change no other thread can write.
        RwLockUpgradableGuard::upgrade(entries).insert(n, steps);
        steps
    }
}

/// As if it took long.
fn steps(n: u64) -> u64 {
    std::thread::sleep(Duration::from_millis(1));
    let next = |it: &u64| if it.is_multiple_of(2) { it / 2 } else { 3 * it + 1 };
    let path = std::iter::successors(Some(n), |it| Some(next(it)));
    path.take_while(|it| *it != 1).map(|_| 1).sum()
}

fn main() -> Result<(), Box<dyn Error>> {
    let cache = Cache::new();
    // All want the same at the same time.
    let sums = scope(|scope| {
        let read = || (1..=NUMBERS).map(|it| cache.get(it)).sum();
        let threads = (0..READERS).map(|_| scope.call(read)).collect::<Result<Vec<_>, _>>()?;
        let sums = threads.into_iter().map(|it| it.into_result());
        Ok::<Vec<u64>, Box<dyn Error>>(sums.collect::<Result<_, _>>()?)
    })?;
    println!("sums: {sums:?}");

    let computed = cache.computed.into_inner();
    assert_eq!(computed, NUMBERS);
    println!("{} answers, {computed} computed", NUMBERS * READERS);
    Ok(())
}
