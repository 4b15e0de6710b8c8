//! The filter that the environment gives.

use std::env;

use tracing_subscriber::EnvFilter;

/// Reads the filter from `RUST_LOG`; `None` if that is unset or empty.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn read() -> Result<Option<EnvFilter>, String> {
    let Some(text) = env::var_os(EnvFilter::DEFAULT_ENV).filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    let text = text.into_string().map_err(|it| format!("{it:?}: not valid Unicode"))?;
    let filter = EnvFilter::builder().parse(&text).map_err(|it| format!("`{text}`: {it}"))?;
    Ok(Some(filter))
}
