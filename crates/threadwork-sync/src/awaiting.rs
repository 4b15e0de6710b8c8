//! The fifth form of a blocking operation, `x_async()`: for tasks of async programs, under any executor.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::door::{Key, Parking, Subject, TaskPlace};

/// An operation that a task may have to wait for.
///
/// A wake-up tells the task, which then tries. It is handed nothing, because nobody knows when it is polled, or whether it ever is.
///
/// Scenario "the task that is told and tries" in docs/architecture.md.
pub(crate) trait Awaited {
    /// What a successful operation returns.
    type Got;

    /// Attempts the operation. `place` is where the task stands, if it has waited before.
    fn attempt(&mut self, place: Option<&TaskPlace>) -> Option<Self::Got>;

    /// Returns the key of the queue.
    fn key(&self) -> Key;

    /// Returns how much the task wants; the meaning is defined by the object.
    fn amount(&self) -> usize {
        0
    }

    /// Returns what the wait is for.
    fn subject(&self) -> Subject;

    /// Announces a waiter in the word of the object, so that the next change visits the queue. Returns `false` if the operation has to be
    /// attempted again.
    fn announce(&self) -> bool;

    /// Returns `true` if nothing has changed since the announcement, so that the task has to wait. The queue is locked.
    fn must_wait(&self) -> bool;

    /// Runs after the task has entered the queue, which is not locked any more.
    fn has_entered(&self) {}

    /// Runs when the task has left the queue, which is locked. `was_last` says that nobody is left there.
    fn has_left(&self, _was_last: bool) {}

    /// Passes a wake-up on which the task was told of, and perhaps has not used.
    fn pass_on(&self) {}
}

pin_project! {
    /// A task that waits for an operation.
    pub(crate) struct Awaiting<A: Awaited> {
        operation: A,
        // Created when an attempt fails for the first time.
        #[pin]
        place: Option<TaskPlace>,
    }

    impl<A: Awaited> PinnedDrop for Awaiting<A> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            leave(this.operation, this.place.as_ref());
        }
    }
}

impl<A: Awaited> Awaiting<A> {
    pub(crate) fn new(operation: A) -> Awaiting<A> {
        Awaiting { operation, place: None }
    }

    /// Attempts the operation, and stands in the queue if it fails.
    ///
    /// What was got is returned by value, so it is released if the drop of a waker panics on the way.
    pub(crate) fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<A::Got> {
        let mut this = self.project();
        loop {
            let place = this.place.as_ref().as_pin_ref();
            if let Some(got) = this.operation.attempt(place.map(Pin::get_ref)) {
                leave(this.operation, this.place.as_ref());
                return Poll::Ready(got);
            }
            if !this.operation.announce() {
                continue;
            }
            if this.place.is_none() {
                let subject = this.operation.subject();
                let (key, amount) = (this.operation.key(), this.operation.amount());
                let parking = Parking { key, amount, subject: &subject, overtaken: false };
                this.place.set(Some(TaskPlace::new(&parking)));
            }
            let Some(place) = this.place.as_ref().as_pin_ref() else { continue };
            if place.stand(context.waker(), || this.operation.must_wait()) {
                this.operation.has_entered();
                return Poll::Pending;
            }
        }
    }
}

/// Takes the task out of the queue, if it stands there.
fn leave<A: Awaited>(operation: &A, place: Pin<&Option<TaskPlace>>) {
    if let Some(place) = place.as_pin_ref()
        && place.leave(|was_last| operation.has_left(was_last))
    {
        operation.pass_on();
    }
}

impl<A: Awaited> fmt::Debug for Awaiting<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awaiting")
            .field("kind", &self.operation.subject().kind)
            .field("has_waited", &self.place.is_some())
            .finish_non_exhaustive()
    }
}

/// Declares the public future of an operation, which has the same lifetime and the same value, whose bound stands in brackets.
macro_rules! future {
    (
        $(#[$attribute:meta])*
        $future:ident<$lifetime:lifetime $(, $value:ident [$($bound:tt)+])?> of $operation:ty => $got:ty;
    ) => {
        pin_project_lite::pin_project! {
            $(#[$attribute])*
            #[must_use = "a future does nothing until it is awaited"]
            pub struct $future<$lifetime $(, $value)?>
            $(where $value: $($bound)+)?
            {
                #[pin]
                awaiting: $crate::awaiting::Awaiting<$operation>,
            }
        }

        impl<$lifetime $(, $value: $($bound)+)?> $future<$lifetime $(, $value)?> {
            fn of(operation: $operation) -> Self {
                $future { awaiting: $crate::awaiting::Awaiting::new(operation) }
            }
        }

        impl<$lifetime $(, $value: $($bound)+)?> std::future::Future for $future<$lifetime $(, $value)?> {
            type Output = $got;

            fn poll(
                self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<$got> {
                self.project().awaiting.poll(context)
            }
        }

        impl<$lifetime $(, $value: $($bound)+)?> std::fmt::Debug for $future<$lifetime $(, $value)?> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($future))
                    .field("awaiting", &self.awaiting)
                    .finish()
            }
        }
    };
}
pub(crate) use future;
