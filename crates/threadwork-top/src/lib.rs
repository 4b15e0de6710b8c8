//! A live table of a program's threads in the terminal, for Threadwork.
//!
//! The program opens a socket explicitly,
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
//! and `threadwork-top unix:/path` reads from it once a second. A program can also show its own threads, by [`run`] with [`Source::Here`].
//!
//! # What is here
//!
//! * [`Source`]: where dumps come from.
//! * [`App`]: the state of the table: the newest dump, and how the user wants to see it.
//! * [`render`]: draws the table on any terminal of `ratatui`.
//! * [`run`], [`run_app`]: the whole program, on this terminal.
//!
//! # The program
//!
//! `threadwork-top unix:/path` or `threadwork-top 127.0.0.1:7777` shows the table until `q` is pressed; `s` changes its order, `o` shows the library's own threads.
//! With `--once` it prints one dump, for scripts. A thread in a deadlock is red, one that runs is green.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod source;
mod text;
mod app;
mod rows;
mod columns;
mod screen;
mod run;

pub use crate::{
    app::{App, Sort},
    run::{run, run_app},
    screen::{page, render},
    source::{LookError, Source, SourceError},
};

/// The programs of the package's page, which are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
