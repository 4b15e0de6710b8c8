//! The pages: their programs run, print what the pages show, and their links lead somewhere.

mod output;
mod programs;
mod links;
mod python_names;
