//! Switching the lines on.

use std::{error::Error, fmt};

use tracing_subscriber::layer::SubscriberExt;

use crate::lines::Lines;

/// Prints the lines of all threads that are started from now on, for the rest of the program.
///
/// It installs a subscriber that has only [`Lines`]; a program that installs one of its own adds that layer to it instead.
///
/// # Errors
///
/// If the program already has a subscriber, from an earlier call or of its own. Nothing is changed then.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_diagnostics as diagnostics;
/// assert!(diagnostics::init().is_ok());
/// assert_eq!(
///     diagnostics::init().unwrap_err().to_string(),
///     "diagnostics cannot be switched on, because this program already has a `tracing` subscriber; \
///      call `init` once, or add the layer `Lines` to your own subscriber",
/// );
/// ```
pub fn init() -> Result<(), InitError> {
    let subscriber = tracing_subscriber::registry().with(Lines::new().filtered());
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError(()))
}

/// The program already has a subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitError(());

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "diagnostics cannot be switched on, because this program already has a `tracing` subscriber; \
             call `init` once, or add the layer `Lines` to your own subscriber",
        )
    }
}

impl Error for InitError {}
