//! What each error says. Every variant is reached by the calls that users make.

mod starts;
mod ends;
mod executors;
mod programs;
