//! Awaiting the result of a task in an async program.

use std::{
    fmt,
    panic::Location,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use threadwork_sync::EventWait;

use super::task::Task;
use crate::error::ResultError;

impl<R> Task<R> {
    /// Waits until the work has ended, as a task of an async program, and returns the result. `(&task).await` does the same.
    ///
    /// A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    ///
    /// # Errors
    ///
    /// As [`wait_result`](Self::wait_result). What keeps the current thread from waiting is checked by each poll, not by the call.
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
    /// use threadwork::{Task, Thread};
    ///
    /// async fn factorial(n: u64) -> u64 {
    ///     let task = Task::spawn(move || (1..=n).product()).expect("there is room for a thread");
    ///     assert!((&task).await.is_ok());
    ///     *task.wait_result_async().await.expect("it does not overflow")
    /// }
    ///
    /// assert_eq!(block_on(factorial(12)), 479_001_600);
    /// ```
    #[track_caller]
    pub fn wait_result_async(&self) -> TaskWait<'_, R> {
        TaskWait { end: TaskEnd { task: self, location: Location::caller(), ended: None } }
    }
}

impl<'a, R: Sync> IntoFuture for &'a Task<R> {
    type Output = Result<&'a R, ResultError>;
    type IntoFuture = TaskWait<'a, R>;

    #[track_caller]
    fn into_future(self) -> TaskWait<'a, R> {
        self.wait_result_async()
    }
}

/// `task.await` waits until the work has ended, and gives the result by value.
impl<R: Send + 'static> IntoFuture for Task<R> {
    type Output = Result<R, ResultError>;
    type IntoFuture = TaskFuture<R>;

    #[track_caller]
    fn into_future(mut self) -> TaskFuture<R> {
        let location = Location::caller();
        TaskFuture(Box::pin(async move {
            TaskEnd { task: &self, location, ended: None }.await?;
            self.take_result()
        }))
    }
}

pin_project! {
    /// The future of [`Task::wait_result_async`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct TaskWait<'a, R> {
        #[pin]
        end: TaskEnd<'a, R>,
    }
}

impl<'a, R: Sync> Future for TaskWait<'a, R> {
    type Output = Result<&'a R, ResultError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.end.task;
        ready!(self.project().end.poll(context))?;
        Poll::Ready(task.get_result())
    }
}

/// The future of a [`Task`] that is awaited by value.
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
/// use threadwork::{ResultError, Task};
///
/// async fn factorial(n: u64) -> Result<u64, ResultError> {
///     Task::spawn(move || (1..=n).product()).expect("there is room for a thread").await
/// }
///
/// assert_eq!(block_on(factorial(12))?, 479_001_600);
/// # Ok::<(), ResultError>(())
/// ```
#[must_use = "a future does nothing until it is awaited"]
pub struct TaskFuture<R>(Pin<Box<dyn Future<Output = Result<R, ResultError>> + Send>>);

impl<R> Future for TaskFuture<R> {
    type Output = Result<R, ResultError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().0.as_mut().poll(context)
    }
}

pin_project! {
    /// Waits for the end of the work.
    struct TaskEnd<'a, R> {
        task: &'a Task<R>,
        location: &'static Location<'static>,
        // The wait for the end, once there is something to wait for.
        #[pin]
        ended: Option<EventWait<'a>>,
    }
}

impl<R> Future for TaskEnd<'_, R> {
    type Output = Result<(), ResultError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let awaited = this.task.awaited(this.location)?;
        ready!(awaited.poll(this.ended, context));
        Poll::Ready(Ok(()))
    }
}

impl<R> fmt::Debug for TaskWait<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskWait").field("task", self.end.task).finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for TaskFuture<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskFuture").finish_non_exhaustive()
    }
}
