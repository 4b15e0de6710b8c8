//! The names that nearly every program needs: `use threadwork::prelude::*;`.
//!
//! They are the threads, what they run and return, what they share and wait with, and how a thread learns that it should stop.
//! A name of your own takes precedence over one of these.

pub use crate::{
    Condition, Event, Failure, Lock, MyThread, Prototype, Runnable, Semaphore, StopToken, Task,
    Thread, ThreadGroup, ThreadHandle, Timer, Wait, current_stop_token, current_thread, scope,
    sleep, stop_requested,
};
