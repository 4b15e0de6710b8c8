//! The operating system's thread for a thread that is started.

use std::thread::{self, JoinHandle};

use super::{newborn::Newborn, room::check_maps};
use crate::{
    error::StartError,
    life::{Ran, ThreadHandle},
    process::{run_in_idle, spawn_to_be_used_again},
};

/// A thread that is ready to be run by an operating system thread.
pub(crate) struct Spawn {
    pub(super) name: String,
    /// Zero means the default of `std`.
    pub(super) stack_size: usize,
    /// Whether it is to be one that is used again.
    pub(super) is_recycled: bool,
    pub(super) newborn: Newborn,
}

/// The handle by which the operating system's thread is joined, or `None` if it is not to be joined.
pub(crate) struct Spawned(pub(super) Option<JoinHandle<()>>);

impl Spawn {
    /// Has an operating system thread live the life of the thread. `run` does its work.
    pub(crate) fn run(
        self,
        run: impl FnOnce(&ThreadHandle) -> Ran + Send + 'static,
    ) -> Result<Spawned, StartError> {
        if self.is_recycled {
            return self.run_in_recycled(run);
        }
        let (builder, newborn) = self.into_builder();
        let spawned = builder.spawn(move || newborn.live(run));
        spawned.map(|it| Spawned(Some(it))).map_err(StartError::Os)
    }

    /// Has an operating system thread live the life of the thread that is used again: an idle one, or else a new one.
    fn run_in_recycled(
        self,
        run: impl FnOnce(&ThreadHandle) -> Ran + Send + 'static,
    ) -> Result<Spawned, StartError> {
        let Spawn { stack_size, newborn, .. } = self;
        if let Err(run) = run_in_idle(stack_size, Box::new(move || newborn.live_in_recycled(run))) {
            check_maps()?;
            spawn_to_be_used_again(stack_size, run).map_err(StartError::Os)?;
        }
        Ok(Spawned(None))
    }

    /// As [`run`](Self::run), for work that borrows from outside of a scope of `std`. The operating system's thread is always a new one:
    /// the scope of `std` waits for it.
    pub(crate) fn run_scoped<'scope>(
        self,
        scope: &'scope thread::Scope<'scope, '_>,
        run: impl FnOnce(&ThreadHandle) -> Ran + Send + 'scope,
    ) -> Result<Spawned, StartError> {
        if self.is_recycled {
            check_maps()?;
        }
        let (builder, newborn) = self.into_builder();
        builder.spawn_scoped(scope, move || newborn.live(run)).map_err(StartError::Os)?;
        Ok(Spawned(None))
    }

    fn into_builder(self) -> (thread::Builder, Newborn) {
        let builder = thread::Builder::new().name(self.name);
        let sized = if self.stack_size > 0 { builder.stack_size(self.stack_size) } else { builder };
        (sized, self.newborn)
    }
}
