//! Measurements of Threadwork beside its rivals. `src/main.rs` makes the page of them, `benches` has them one by one.

#![forbid(unsafe_code)]
#![expect(clippy::missing_panics_doc, reason = "a measurement that fails ends the program")]

pub mod spread;
pub mod contest;
pub mod board;
mod together;
mod rivals;
pub mod contests;
pub mod timers;
pub mod fairness;
pub mod wakes;
pub mod growth;
pub mod report;
