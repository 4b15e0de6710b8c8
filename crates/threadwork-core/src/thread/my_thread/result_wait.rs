//! Waiting for the result of a thread as a task of an async program.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::MyThread;
use crate::{error::ResultError, life::ThreadJoin};

impl<F, R> MyThread<F, R> {
    /// Waits until the function has returned, as a task of an async program, and returns its result.
    ///
    /// A deadline or a stop comes from the combinators of the executor; dropping the future ends the wait.
    ///
    /// # Errors
    ///
    /// As [`get_result`](Self::get_result), except `StillRunning`. Returns [`CurrentThread`](ResultError::CurrentThread)
    /// if the thread itself polls the future.
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
    /// use threadwork::MyThread;
    ///
    /// async fn factorial(n: u64) -> u64 {
    ///     let thread = MyThread::new(move || (1..=n).product());
    ///     thread.start().expect("there is room for a thread");
    ///     *thread.wait_result_async().await.expect("it does not overflow")
    /// }
    ///
    /// assert_eq!(block_on(factorial(12)), 479_001_600);
    /// ```
    #[track_caller]
    pub fn wait_result_async(&self) -> ResultWait<'_, F, R> {
        ResultWait { thread: self, join: self.thread.join_async() }
    }
}

pin_project! {
    /// The future of [`MyThread::wait_result_async`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct ResultWait<'a, F, R> {
        thread: &'a MyThread<F, R>,
        #[pin]
        join: ThreadJoin<'a>,
    }
}

impl<'a, F: Send, R: Sync> Future for ResultWait<'a, F, R> {
    type Output = Result<&'a R, ResultError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let thread = *this.thread;
        this.join.poll(context).map(|joined| thread.result_after(joined))
    }
}

impl<F, R> fmt::Debug for ResultWait<'_, F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultWait").field("thread", self.thread).finish_non_exhaustive()
    }
}
