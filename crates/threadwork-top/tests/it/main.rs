//! The tests of the table: on screens in memory, and of the program from outside.

mod dumps;
mod error_texts;
mod faults;
mod once;
mod screen;
mod small;
