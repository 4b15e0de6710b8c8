//! The names that most programs need: `use threadwork::prelude::*;`.

pub use crate::{MyThread, Prototype, Runnable, Thread};
