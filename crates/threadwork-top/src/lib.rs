//! A live table of a program's threads in the terminal, for Threadwork.
//!
//! The program opens a socket on purpose,
//!
//! ```
//! use threadwork::diagnostics::DumpServer;
//!
//! # #[cfg(unix)]
//! # {
//! # let path = std::env::temp_dir().join(format!("top-{}", std::process::id()));
//! let guard = DumpServer::unix(&path).start()?;
//! # guard.stop();
//! # }
//! # Ok::<(), threadwork::diagnostics::DumpServerError>(())
//! ```
//!
//! and `threadwork-top unix:/path` looks at it once a second. A program can show its own threads too, by [`run`] with [`Source::Here`].
//!
//! * [`Source`]: where dumps come from.
//! * [`App`]: what is known of the program, and how the user wants to see it.
//! * [`render`]: draws that, on any terminal of `ratatui`.
//! * [`run`]: all of it, on this terminal.

#![forbid(unsafe_code)]

mod source;
mod text;
mod app;
mod rows;
mod columns;
mod screen;
mod run;

pub use crate::{
    app::{App, Sort},
    run::run,
    screen::{page, render},
    source::{LookError, Source, SourceError},
};
