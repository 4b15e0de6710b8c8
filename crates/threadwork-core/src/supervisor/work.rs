//! What the thread of a child runs.

use std::{cell::RefCell, sync::Arc};

use threadwork_sync::{get_ident, internal::panic::catch};

use super::board::{Board, Signal};
use crate::{
    outcome::Failure,
    panic::{keeping_place, reported},
    work::Runnable,
};

thread_local! {
    /// The board of the supervisor that the current thread is a child of, while it runs its work.
    static BOARD: RefCell<Option<Arc<Board>>> = const { RefCell::new(None) };
}

/// Tells the supervisor of the current thread that this child is ready, so that the children after it are started.
///
/// It is for a child that [tells when it is ready](crate::ChildSpec::tells_when_ready), and must be called in the child's own thread.
/// Elsewhere it does nothing. A supervisor that is itself a child does this when all its children are ready for the first time.
///
/// # Happens-before
///
/// What a child did before this call happens before the start of the children after it, and before
/// [`wait_ready`](crate::SupervisorHandle::wait_ready) returns.
///
/// # Differences from Python
///
/// * Python has no supervisors. In Erlang, a child is ready when its `init` has returned.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::{sync::OnceLock, time::Duration};
/// use threadwork::{ChildSpec, Restart, Supervisor, Thread, notify_ready};
///
/// static ADDRESS: OnceLock<&str> = OnceLock::new();
///
/// let server = ChildSpec::new("server", || {
///     ADDRESS.set("127.0.0.1:8080").unwrap();
///     notify_ready();
///     let _ = threadwork::sleep(Duration::MAX);
/// });
/// let supervisor = Supervisor::new()
///     .add_child(server.tells_when_ready())
///     .child("client", Restart::Never, || assert!(ADDRESS.get().is_some()));
/// let handle = supervisor.handle();
/// let thread = Thread::new(supervisor);
/// thread.start()?;
/// handle.wait_ready()?;
/// assert!(handle.child("client").unwrap().last_fault().is_none());
/// thread.request_stop();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn notify_ready() {
    let board = BOARD.try_with(|it| it.borrow().clone()).ok().flatten();
    if let Some(board) = board {
        board.tell(Signal::IsReady(get_ident()));
    }
}

/// The runnable of a child's thread. It runs once.
pub(super) struct Supervised {
    pub(super) work: Option<Box<dyn Runnable>>,
    pub(super) board: Arc<Board>,
}

impl Runnable for Supervised {
    fn try_run(&mut self) -> Result<(), Failure> {
        let _told = Told::enter(&self.board);
        let Some(mut work) = self.work.take() else { return Ok(()) };
        // The work is dropped here, in its own thread, so that what it holds is free when the child is started again.
        match catch(|| work.try_run()) {
            Ok(ended) => {
                drop(work);
                ended
            }
            Err(payload) => {
                keeping_place(|| reported("drop of a supervised runnable", || drop(work)));
                payload.resume()
            }
        }
    }
}

/// Lets the thread tell its supervisor that it is ready, and on drop tells that its work is done, even if that panics.
struct Told<'a>(&'a Board);

impl<'a> Told<'a> {
    fn enter(board: &'a Arc<Board>) -> Told<'a> {
        BOARD.set(Some(Arc::clone(board)));
        Told(board)
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        drop(BOARD.take());
        self.0.tell(Signal::Returns(get_ident()));
    }
}
