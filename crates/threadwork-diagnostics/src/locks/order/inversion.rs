//! Locks that are acquired in different orders.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Two locks, or more in a circle, are acquired in different orders at different places. Threads that do this at the same time may wait for each
/// other forever. The inversion is found even if no thread has blocked.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_sync::Lock;
/// use std::sync::OnceLock;
///
/// static STOCK: Lock<u32> = Lock::named("stock", 0);
/// static ORDERS: Lock<u32> = Lock::named("orders", 0);
/// static SEEN: OnceLock<String> = OnceLock::new();
///
/// diagnostics::watch_lock_order(|inversion| _ = SEEN.set(inversion.to_string()));
/// {
///     let _stock = STOCK.acquire();
///     *ORDERS.acquire() += 1;
/// }
/// {
///     let _orders = ORDERS.acquire();
///     *STOCK.acquire() += 1;
/// }
/// assert!(SEEN.get().unwrap().starts_with("locks are acquired in different orders"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LockInversion {
    /// Each lock is acquired while the lock of the step before is held; the last step leads back to the first.
    pub steps: Vec<LockStep>,
}

/// One lock that is acquired while another is held: a part of [`LockInversion`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LockStep {
    /// The name of the lock that is held, or its address.
    pub held: String,
    /// The source line that acquired it, as `file:line:column`.
    pub held_at: String,
    /// The name of the lock that is acquired, or its address.
    pub acquired: String,
    /// The source line that acquires it.
    pub acquired_at: String,
}

impl fmt::Display for LockInversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("locks are acquired in different orders, which may lead to a deadlock:")?;
        for LockStep { held, held_at, acquired, acquired_at } in &self.steps {
            write!(
                f,
                "\n  '{acquired}' is acquired at {acquired_at} while '{held}' is held, acquired at {held_at}"
            )?;
        }
        Ok(())
    }
}
