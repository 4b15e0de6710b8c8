//! What a thread inherits: from the thread that starts it, or as it was kept before.

use std::{
    fmt,
    num::NonZeroU64,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use crate::local::{self, InheritedValues, KeptValues};

mod trace;

pub(crate) use self::trace::{TARGET, TraceContext};

/// What a thread inherits instead of what the thread has that starts it: Python's `Context`, to be given to [`Builder::context`].
///
/// A context has a value for each [`Local`](crate::Local) that is [inheritable](crate::Local::inheritable), and the current span and
/// dispatcher of [`tracing`](https://docs.rs/tracing). [`copy_context`] keeps those of the current thread; [`Context::new`] has nothing, so
/// the thread begins as if nothing had been set.
///
/// A clone is the same context. It can be given to any number of threads, and each has values of its own: a context hands its values down as
/// a thread does, by the function of the `Local`. Two threads that start with one context at once take their values one after the
/// other, so that function must not wait for another start with this context.
///
/// The functions of [`add_spawn_hook`](crate::add_spawn_hook) are no part of it: the starting thread calls them at every start.
///
/// # Differences from Python
///
/// * Python's `Context` is entered by one thread at a time, and keeps what that thread sets. Here it stays as it was made.
/// * Without a context, a thread inherits from the thread that starts it. In Python that is the default of the free-threaded build alone.
/// * There is no `run`: code runs in a context in a thread of its own.
///
/// # Examples
///
/// The threads of a job keep the context of the thread that asked for it, whoever starts them:
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::cell::Cell;
/// use threadwork::{Context, Local, Thread, copy_context};
///
/// static USER: Local<Cell<&str>> = Local::inheritable(|| Cell::new("nobody"), Cell::clone);
///
/// USER.set("Guido");
/// let context = copy_context();
/// USER.set("Ada");
///
/// let user = || USER.get();
/// let kept = Thread::builder().context(&context).spawn_my_thread(user)?;
/// let fresh = Thread::builder().context(&Context::new()).spawn_my_thread(user)?;
/// let inherited = Thread::builder().spawn_my_thread(user)?;
/// assert_eq!(kept.into_result()?, "Guido");
/// assert_eq!(fresh.into_result()?, "nobody");
/// assert_eq!(inherited.into_result()?, "Ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Builder::context`]: crate::Builder::context
#[derive(Clone, Default)]
pub struct Context {
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    values: KeptValues,
    /// The span and the dispatcher, if there was a subscriber.
    trace: Option<TraceContext>,
}

/// Keeps what a thread would inherit if the current thread started it now: Python's `contextvars.copy_context`. See [`Context`].
///
/// The values and the span are kept until the last clone of the context is dropped, and the last handle of a thread that was given it.
///
/// # Panics
///
/// Panics if the function of an inheritable [`Local`](crate::Local) panics.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::cell::Cell;
/// use threadwork::{Local, Thread, copy_context};
///
/// static DEPTH: Local<Cell<u32>> =
///     Local::inheritable(|| Cell::new(0), |parent| Cell::new(parent.get() + 1));
///
/// DEPTH.set(1);
/// let context = copy_context();
/// let depth = Thread::builder().context(&context).spawn_my_thread(|| DEPTH.get())?;
/// // A context stands where a thread would stand: it is below this thread, and above the one that it is given to.
/// assert_eq!(depth.into_result()?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a context does nothing until it is given to a thread"]
pub fn copy_context() -> Context {
    let values = local::inherit().keep();
    Context { kept: Arc::new(Kept { values, trace: TraceContext::here() }) }
}

impl Context {
    /// Creates an empty context. A thread that is given it inherits no values, and its span has no parent. Its dispatcher is that of the
    /// thread that starts it: where a program's records go is no part of what is in them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::cell::Cell;
    /// use threadwork::{Context, Local, Thread};
    ///
    /// static USER: Local<Cell<&str>> = Local::inheritable(|| Cell::new("nobody"), Cell::clone);
    ///
    /// USER.set("Guido");
    /// let user = Thread::builder().context(&Context::new()).spawn_my_thread(|| USER.get())?;
    /// assert_eq!(user.into_result()?, "nobody");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new() -> Context {
        Context::default()
    }

    /// Computes the values for a new thread. This runs user code, whose panic is passed on to the caller.
    pub(crate) fn values(&self) -> InheritedValues {
        self.kept.values.inherit()
    }

    /// Creates the span of a new thread, as a child of the one in this context.
    pub(crate) fn of_thread(&self, name: &str, ident: NonZeroU64, daemon: bool) -> TraceContext {
        match &self.kept.trace {
            Some(trace) => {
                let _entered = trace.enter();
                TraceContext::of_thread(name, ident, daemon)
            }
            None => TraceContext::of_root(name, ident, daemon),
        }
    }
}

// Values are only handed out by functions whose panics are the caller's, and they do not change here.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("n_values", &self.kept.values.len())
            .field("is_traced", &self.kept.trace.is_some())
            .finish()
    }
}
