//! The configuration of a thread before it is built.

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use threadwork_sync::{StopSource, StopToken};

use crate::{
    context::Context,
    group::ThreadGroup,
    life::{AtStart, Data, Life, Marks, Role, Settings, ThreadHandle, next_number},
    outcome::{Failure, Handlers},
    panic::Panic,
    registry::current,
    tell::handling::in_its_thread,
};

/// Configures a thread and then builds it. See [`Thread::builder`](crate::Thread::builder).
///
/// The builder checks nothing; an impossible setting is an error of [`start`](crate::Thread::start).
///
/// | What the thread runs | Built, to be started later | Started at once |
/// |---|---|---|
/// | an object: any [`Runnable`](crate::Runnable) | [`build`](Self::build) | [`start`](Self::start) |
/// | a closure or function that returns `()` or a `Result<(), E>` | [`build`](Self::build), for an `FnMut` | [`spawn`](Self::spawn), for any `FnOnce` |
/// | the same, with `?` on any error | [`build_fallible`](Self::build_fallible) | [`spawn_fallible`](Self::spawn_fallible) |
/// | one with a result to keep, any `FnOnce` | [`build_my_thread`](Self::build_my_thread) | [`spawn_my_thread`](Self::spawn_my_thread) |
/// | the same, with `?` on any error | [`build_my_thread_fallible`](Self::build_my_thread_fallible) | [`spawn_my_thread_fallible`](Self::spawn_my_thread_fallible) |
/// | a function with arguments | [`my_thread`](Self::my_thread) | |
///
/// Only a closure that owns all it uses fits: `move || …`. For closures that borrow there is a [`scope`](crate::scope()).
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use threadwork::Thread;
///
/// let worker = Thread::builder().daemon(true).stack_size(256 * 1024).verbose(false);
/// let threads = ["left", "right"].map(|name| worker.clone().name(name).build(|| ()));
/// for thread in &threads {
///     thread.start()?;
/// }
/// for thread in &threads {
///     thread.join()?;
/// }
/// assert_eq!(threads[0].name(), "left");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    name: Option<String>,
    daemon: Option<bool>,
    at_start: AtStart,
    stop_token: Option<StopToken>,
    /// `None` if the group is not set; `Some(None)` if it is set to no group.
    group: Option<Option<ThreadGroup>>,
    handlers: Handlers,
    marks: Marks,
    data: Option<Data>,
}

impl Builder {
    /// Returns a builder for a thread of the library's own, which ends with the program or when it is requested to stop.
    /// It is in the registry, and whoever lists or counts the program's threads leaves it out.
    pub(crate) fn of_helper(name: &str) -> Builder {
        let builder = Builder { marks: Marks::OF_HELPER, ..Builder::default() };
        let apart = builder.name(name).daemon(true).group(None);
        apart.stop_token(&StopSource::new().token())
    }

    /// Sets the name. An empty name counts as none, as in Python: the thread is then called `Thread-N (…)`.
    pub fn name(self, name: impl Into<String>) -> Builder {
        Builder { name: Some(name.into()).filter(|name| !name.is_empty()), ..self }
    }

    /// Sets whether the program ends without waiting for the thread. By default the thread is a daemon if the building thread is one.
    ///
    /// # Differences from Python
    ///
    /// None: the main thread is not a daemon. A foreign thread (not started by this library) is a daemon, and so are the threads it builds.
    pub fn daemon(self, daemon: bool) -> Builder {
        Builder { daemon: Some(daemon), ..self }
    }

    /// Sets the size of the stack in bytes; 0 means the default, which is [`stack_size`](crate::stack_size).
    pub fn stack_size(self, bytes: usize) -> Builder {
        Builder { at_start: AtStart { stack_size: bytes, ..self.at_start }, ..self }
    }

    /// Lets the thread inherit from `context`, and not from the thread that starts it: Python's `Thread(context=…)`. See [`Context`].
    ///
    /// The daemon flag, the group and the stop token are no part of a context: the builder has a method for each of them.
    ///
    /// # Differences from Python
    ///
    /// * Threads with one context do not share its values: each has its own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::cell::Cell;
    /// use threadwork::{Local, Thread, copy_context};
    ///
    /// static USER: Local<Cell<&str>> = Local::inheritable(|| Cell::new("nobody"), Cell::clone);
    ///
    /// USER.set("Guido");
    /// let worker = Thread::builder().context(&copy_context());
    /// USER.set("Ada");
    /// let user = worker.spawn_my_thread(|| USER.get())?;
    /// assert_eq!(user.into_result()?, "Guido");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn context(self, context: &Context) -> Builder {
        let context = Some(context.clone());
        Builder { at_start: AtStart { context, ..self.at_start }, ..self }
    }

    /// Makes a stop of `token` also a stop of the thread. The thread can still be stopped alone.
    ///
    /// By default the thread inherits the token that the building thread was given, if any. So a stop of that token also stops
    /// the threads that the threads with this token build. A stop of one thread is for that thread alone: to stop others with it, give them
    /// [its token](crate::current_stop_token).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::Thread;
    /// # use threadwork_sync::StopSource;
    ///
    /// let all = StopSource::new();
    /// let thread = Thread::builder().stop_token(&all.token()).build(|| ());
    /// all.request_stop();
    /// assert!(thread.stop_requested());
    /// ```
    pub fn stop_token(self, token: &StopToken) -> Builder {
        Builder { stop_token: Some(token.clone()), ..self }
    }

    /// Puts the thread into a group, or with `None` into no group. By default it is in the group of the building thread, if that has one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Thread, ThreadGroup};
    ///
    /// let pool = ThreadGroup::new("pool");
    /// assert_eq!(Thread::builder().group(&pool).build(|| ()).group(), Some(pool));
    /// assert_eq!(Thread::builder().group(None).build(|| ()).group(), None);
    /// ```
    pub fn group<'a>(self, group: impl Into<Option<&'a ThreadGroup>>) -> Builder {
        Builder { group: Some(group.into().cloned()), ..self }
    }

    /// Sets the handler that is called if the thread panics, in that thread, instead of the handler of its group or of
    /// [the process](crate::set_excepthook).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::OnceLock;
    /// use threadwork::Thread;
    ///
    /// static MESSAGE: OnceLock<String> = OnceLock::new();
    ///
    /// let thread = Thread::builder()
    ///     .on_panic(|_, panic| MESSAGE.set(panic.message().to_owned()).unwrap())
    ///     .build(|| panic!("out of paper"));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// assert_eq!(MESSAGE.get().unwrap(), "out of paper");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn on_panic(
        self,
        handler: impl Fn(&ThreadHandle, &Panic) + Send + Sync + 'static,
    ) -> Builder {
        let on_panic = Some(in_its_thread(handler));
        Builder { handlers: Handlers { on_panic, ..self.handlers }, ..self }
    }

    /// Sets the handler that is called if the thread [fails](crate::Failure), in that thread, instead of the handler of its group or of
    /// [the process](crate::set_failure_handler).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use std::sync::OnceLock;
    /// use threadwork::Thread;
    ///
    /// static MESSAGE: OnceLock<String> = OnceLock::new();
    ///
    /// let thread = Thread::builder()
    ///     .on_failure(|_, failure| MESSAGE.set(failure.message().to_owned()).unwrap())
    ///     .build(|| Err::<(), _>("out of paper"));
    /// thread.start()?;
    /// thread.join().unwrap_err();
    /// assert_eq!(MESSAGE.get().unwrap(), "out of paper");
    /// # Ok::<(), threadwork::StartError>(())
    /// ```
    pub fn on_failure(
        self,
        handler: impl Fn(&ThreadHandle, &Failure) + Send + Sync + 'static,
    ) -> Builder {
        let on_failure = Some(in_its_thread(handler));
        Builder { handlers: Handlers { on_failure, ..self.handlers }, ..self }
    }

    /// Sets whether diagnostics, if they are on, print the lines of this thread. By default they do.
    pub fn verbose(self, verbose: bool) -> Builder {
        Builder { marks: Marks { quiet: !verbose, ..self.marks }, ..self }
    }

    /// Sets whether the thread runs in an operating system thread that is used again, which starts several times faster. By default
    /// [its group](ThreadGroup::set_recycled) decides, and without that the answer is no.
    ///
    /// An operating system thread whose thread has ended then waits for up to ten seconds for another one with the same stack size; at most
    /// 256 of them wait at a time. They are the library's own, named `threadwork-idle`, and the end of the program does not wait for them.
    ///
    /// Every thread still has its own name (which the operating system's tools show, too), number, stop token, group, span, dispatcher, hooks,
    /// processor time and values of [`Local`](crate::Local)s, which are dropped before a join returns. A panic ends the thread alone.
    /// What stays from one thread to the next is what others keep for the operating system's thread:
    ///
    /// * `std`'s [`thread_local!`] values, [`thread::current`](std::thread::current) with its name and its id, and the
    ///   [native id](ThreadHandle::native_id). What `std` itself says of a panic or of a stack overflow has the name `threadwork-idle`; so the
    ///   [default excepthook](crate::default_excepthook) prints a line with the name of the thread.
    /// * What the operating system has of it: priority, signal mask, processors. They are inherited from the thread that was there first.
    /// * A guard of a lock that was kept in a `thread_local!`. Nobody could release that lock for a while, so this is reported, and the
    ///   operating system's thread ends at once. Guards of [`RwLock`](threadwork_sync::RwLock)s for reading are always noticed, the others in
    ///   builds with debug assertions and with the feature `lock_probe`: to count them costs each acquisition.
    ///
    /// The threads of a [`scope`](crate::scope()) always have an operating system thread of their own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Thread, current_thread};
    ///
    /// let builder = Thread::builder().recycled(true);
    /// for number in 0..100 {
    ///     let name = format!("request {number}");
    ///     let thread = builder.clone().name(&name).spawn_my_thread(|| current_thread().name())?;
    ///     assert_eq!(thread.into_result()?, name);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recycled(self, recycled: bool) -> Builder {
        Builder { marks: Marks { recycled: Some(recycled), ..self.marks }, ..self }
    }

    /// Gives the thread a value of yours, which all its handles show: [`ThreadHandle::data`]. A thread has one such value. A second call
    /// replaces it; to keep several things, make a struct of them.
    ///
    /// The threads of a cloned builder share the value. A thread does not inherit the value of the thread that builds it.
    /// It is dropped with the last handle of the thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Thread, current_thread};
    ///
    /// struct Connection {
    ///     peer: &'static str,
    /// }
    ///
    /// let server = Thread::builder().data(Connection { peer: "10.0.0.7" }).spawn(|| {
    ///     assert_eq!(current_thread().data::<Connection>().unwrap().peer, "10.0.0.7");
    ///     threadwork::sleep(std::time::Duration::MAX).unwrap_err();
    /// })?;
    /// let peers: Vec<_> = threadwork::enumerate()
    ///     .iter()
    ///     .filter_map(|thread| thread.data::<Connection>())
    ///     .map(|connection| connection.peer)
    ///     .collect();
    /// assert_eq!(peers, ["10.0.0.7"]);
    /// # server.request_stop();
    /// # server.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data(self, value: impl Any + Send + Sync) -> Builder {
        Builder { data: Some(Arc::new(value)), ..self }
    }

    /// Makes the thread essential: if it panics or fails, all threads are asked to stop, and the process ends with the code 70 (`EX_SOFTWARE`)
    /// when they have ended, as after [`request_exit(70)`](crate::request_exit). If it returns, or is stopped, nothing more happens.
    ///
    /// A restart hides a failure from the program, so an essential thread is not a supervisor's child but the supervisor: it fails when it
    /// gives up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_core as threadwork;
    /// use threadwork::{Program, Restart, Supervisor, Thread};
    ///
    /// let answer = Program::new().run(|| {
    ///     let services = Supervisor::new().child("set-up", Restart::Never, || ());
    ///     let thread = Thread::builder().name("services").essential().build(services);
    ///     thread.start().unwrap();
    ///     thread.join().is_ok()
    /// });
    /// assert!(answer, "after a failure the process would have ended with the code 70");
    /// ```
    pub fn essential(self) -> Builder {
        Builder { marks: Marks { role: Role::Essential, ..self.marks }, ..self }
    }

    /// Sets [`stop_token`](Self::stop_token), unless it is already set.
    pub(crate) fn or_stop_token(self, token: &StopToken) -> Builder {
        let stop_token = self.stop_token.or_else(|| Some(token.clone()));
        Builder { stop_token, ..self }
    }

    /// Creates the life of a thread that will run something with this name.
    pub(crate) fn life<'a>(self, runnable_name: impl FnOnce() -> Cow<'a, str>) -> Life {
        let mut settings = self.inherit();
        let default = || format!("Thread-{} ({})", next_number(), runnable_name());
        let name = settings.name.take().unwrap_or_else(default);
        Life::new(name, settings)
    }

    /// Takes over from the current thread what is not set, and the next name from the group if there is one.
    pub(crate) fn inherit(self) -> Settings {
        let maker = current::with(|maker| {
            let life = maker.life();
            (life.is_daemon(), life.given_stop_token().cloned(), life.group().cloned())
        });
        // A foreign thread builds daemons, and has nothing else to hand down.
        let (is_daemon, stop_parent, group) = maker.unwrap_or((true, None, None));
        let group = self.group.unwrap_or(group);
        Settings {
            name: self.name.or_else(|| group.as_ref().map(ThreadGroup::next_name)),
            daemon: self.daemon.unwrap_or(is_daemon),
            at_start: self.at_start,
            stop_parent: self.stop_token.or(stop_parent),
            group,
            handlers: self.handlers,
            marks: self.marks,
            data: self.data,
        }
    }
}

// A builder only stores handlers: they are called elsewhere, and their panics are caught.
impl UnwindSafe for Builder {}
impl RefUnwindSafe for Builder {}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .field("daemon", &self.daemon)
            .field("stack_size", &self.at_start.stack_size)
            .field("stop_token", &self.stop_token)
            .field("group", &self.group)
            .field("quiet", &self.marks.quiet)
            .field("recycled", &self.marks.recycled)
            .finish_non_exhaustive()
    }
}
