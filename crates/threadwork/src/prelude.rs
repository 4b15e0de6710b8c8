//! What most programs name: `use threadwork::prelude::*;`.

pub use crate::{MyThread, Prototype, Runnable, Thread};
