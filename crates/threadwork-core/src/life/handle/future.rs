//! Joining a thread as a task of an async program.

use std::{
    fmt,
    panic::Location,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use threadwork_sync::EventWait;

use super::ThreadHandle;
use crate::error::JoinError;

pin_project! {
    /// The future of [`ThreadHandle::join_async`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct ThreadJoin<'a> {
        thread: &'a ThreadHandle,
        location: &'static Location<'static>,
        // The wait for the end, once there is something to wait for.
        #[pin]
        ended: Option<EventWait<'a>>,
    }
}

impl ThreadHandle {
    /// Waits until the thread has ended, as a task of an async program. Any number of tasks and threads may join it.
    ///
    /// This is ready as soon as the outcome of the thread is known, as [`join_timeout`](Self::join_timeout) is; the operating system's
    /// thread may still be dropping its thread-local values. A deadline or a stop comes from the combinators of the executor; dropping
    /// the future ends the wait.
    ///
    /// # Errors
    ///
    /// Returns [`JoinError::Panicked`] if the thread has panicked, and [`NotStarted`](JoinError::NotStarted) or
    /// [`ForeignThread`](JoinError::ForeignThread) if there is nothing to wait for. Returns [`CurrentThread`](JoinError::CurrentThread) if
    /// the thread itself polls the future: it would keep itself from ending. All of this is checked by each poll, not by the call.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}};
    /// # struct Unpark(std::thread::Thread);
    /// # impl Wake for Unpark {
    /// #     fn wake(self: Arc<Self>) {
    /// #         self.0.unpark();
    /// #     }
    /// # }
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut future = pin!(future);
    /// #     let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    /// #     loop {
    /// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
    /// #             Poll::Ready(it) => return it,
    /// #             Poll::Pending => std::thread::park(),
    /// #         }
    /// #     }
    /// # }
    /// use threadwork::{JoinError, Thread};
    ///
    /// let thread = Thread::new(|| panic!("out of paper"));
    /// thread.start()?;
    /// block_on(async {
    ///     let Err(JoinError::Panicked(panic)) = thread.join_async().await else { unreachable!() };
    ///     assert_eq!(panic.message(), "out of paper");
    /// });
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    #[track_caller]
    pub fn join_async(&self) -> ThreadJoin<'_> {
        ThreadJoin { thread: self, location: Location::caller(), ended: None }
    }
}

impl Future for ThreadJoin<'_> {
    type Output = Result<(), JoinError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let awaited = this.thread.awaited(this.location)?;
        ready!(awaited.poll(this.ended, context));
        Poll::Ready(this.thread.joined())
    }
}

impl fmt::Debug for ThreadJoin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadJoin").field("thread", self.thread).finish_non_exhaustive()
    }
}
