//! The object-oriented threading framework: the whole of Python's `threading` with Rust's guarantees.
//!
//! ```
//! use threadwork::prelude::*;
//!
//! struct Download {
//!     url: &'static str,
//!     size: usize,
//! }
//!
//! impl Runnable for Download {
//!     fn run(&mut self) {
//!         self.size = self.url.len();
//!     }
//! }
//!
//! let thread = Thread::new(Download { url: "https://example.org", size: 0 });
//! thread.start()?;
//! thread.join()?;
//! assert_eq!(thread.runnable().unwrap().size, 19);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! Threads as objects:
//!
//! * [`Runnable`]: what a thread runs, as an object of yours; closures are runnables too.
//! * [`Thread`]: create, configure, start and join it; it gives its runnable back.
//!   [`Thread::spawn`] starts a closure at once, [`Builder`] names and configures a thread.
//! * [`MyThread`]: a function with its arguments, or a closure, and [`get_result`](MyThread::get_result).
//!   [`MyThread::fallible`] and [`Thread::spawn_fallible`] take closures with `?`.
//! * [`Task`]: a result that is on its way, to be kept in a struct or a list, whatever the function; it can be awaited.
//! * [`Executor`]: a number of threads that run jobs one after the other; each job is a [`Task`].
//!   [`Executor::map`] gives the results of many in order; [`Executor::after`] and [`Executor::every`] run jobs later, and again and again.
//! * [`Timer`]: a function that runs later, or [periodically](Timer::every), unless it is cancelled.
//! * [`ThreadHandle`]: any thread, without its runnable; what [`enumerate`] lists.
//! * [`Prototype`]: a runnable that can be restarted and [replicated](Thread::replicate).
//! * [`current_thread`], [`main_thread`], [`enumerate`], [`active_count`], [`get_ident`], [`get_native_id`].
//! * [`as_completed`]: threads and tasks in the order in which they end. [`wait`]: until the first has ended, has failed, or all have ended.
//! * [`ThreadGroup`], [`scope`](scope()), [`Supervisor`]: threads that belong together, that borrow local variables, that are restarted when they fail.
//!   [`ScopeBuilder`] gives a scope a rule, and [`Scope::submit`] lends jobs to an executor.
//! * [`SupervisorHandle`], [`ChildSpec`], [`notify_ready`]: ask a running supervisor for its children, change them, wait until they are ready.
//! * [`sleep`], [`checkpoint`], [`stop_requested`], [`current_stop_token`]: how a thread notices a stop request.
//! * [`set_excepthook`], [`set_failure_handler`], [`set_trace`], [`set_profile`], [`add_spawn_hook`]: functions that are called for every thread.
//! * [`faults`](faults()): the last threads that panicked or failed, and how many there were.
//! * [`Local`]: an object with a separate value for each thread. [`Context`], [`copy_context`]: what a thread inherits.
//! * [`main`](main()), [`Program`]: run a program and wait for its threads at the end. [`at_exit`], [`exit`], [`request_exit`].
//!
//! Sharing and waiting, always in the forms `x`, `try_x`, `x_timeout` and `x_with(&Wait)`:
//!
//! * [`Lock`], [`RLock`], [`RwLock`] guard a value; [`RawLock`] and [`RawRLock`] are Python's locks and guard none.
//! * [`Condition`] works with a [`Lock`] or an [`RLock`]; [`RawCondition`] has its own lock.
//! * [`Event`], [`Semaphore`], [`BoundedSemaphore`], [`Barrier`], [`Latch`].
//! * [`Queue`], [`LifoQueue`], [`PriorityQueue`], [`DelayQueue`]; [`Sender`] and [`Receiver`] are the ends of a queue.
//! * [`SerializeIterator`], [`ConcurrentTee`]: an iterator shared by threads, each item for one of them or for all.
//! * [`Wait`], [`Deadline`]: how long to wait. [`StopSource`], [`StopToken`], [`StopCallback`]: stop requests.
//! * [`wait_any`]: whichever of several objects, threads and timers ([`Waitable`]) is ready first.
//! * `x_async()`: the same waits as [tasks of any executor](#async).
//! * [`waits`]: every blocked thread, what it waits for, since when, and which thread holds it.
//!
//! Looking at threads, in [`diagnostics`]:
//!
//! * [`diagnostics::init`]: prints `starting loop at: …` and `loop finished at: …`; [`diagnostics::Setup`] changes their form and destination.
//! * [`diagnostics::dump`](diagnostics::dump()): every thread, what it waits for, and which thread holds that; and the last panics and failures. [`diagnostics::dump_on_quit`]: a dump on SIGQUIT.
//! * [`diagnostics::find_deadlocks`]: looks once. [`diagnostics::Watchdog`]: looks now and then, also for waits and runs that take too long.
//! * [`diagnostics::Timeline`]: a chart of what threads do and which thread wakes which, for the browser and for `ui.perfetto.dev`.
//! * [`diagnostics::DumpServer`]: hands dumps out to other programs on the same machine. `threadwork-top`, a crate of its own, shows them as a live table in the terminal.
//! * `diagnostics::Contention`, `diagnostics::watch_lock_order`: where locks are waited for, and in which order they are acquired. They need the feature `lock_probe`.
//! * `diagnostics::MetricsLayer`, `diagnostics::record_metrics`: threads as metrics. They need the feature `metrics`.
//! * [`events`]: the span of each thread and its events, for a subscriber of `tracing` of your own.
//!
//! # Guides
//!
//! * [The cookbook](guides::cookbook): recipes named by the problem, each a complete program.
//! * Coming from [Python](guides::coming_from_python), [Java](guides::coming_from_java), [std and parking_lot](guides::coming_from_std).
//! * [A service](guides::service) of long-lived threads, and its [supervision](guides::supervision); what to do when [a program hangs](guides::hanging).
//! * [Platforms](guides::platforms): what works where, what is tested, and what each fallback loses.
//! * [The comparison](guides::comparison) with other libraries, and when to use these instead; [the benchmarks](guides::benchmarks). [Many machines](guides::many_machines).
//! * [How it is built](guides::architecture), and [why](guides::design). [How to contribute](guides::contributing).
//!
//! # Coming from Python
//!
//! All names are in [a guide](guides::coming_from_python).
//!
//! | Python | here |
//! |---|---|
//! | `Thread(target=f, args=(1, 2))` | [`Thread::with_args(f, (1, 2))`](Thread::with_args) |
//! | `class Job(Thread)` with `run` | `impl Runnable for Job`, [`Thread::new(job)`](Thread::new) |
//! | `Thread(name="loop", daemon=True, …)` | [`Thread::builder()`](Thread::builder)`.name("loop").daemon(true).build(…)` |
//! | `t.start()` raises `RuntimeError` | [`t.start()`](Thread::start)`?` gives a [`StartError`] |
//! | `t.join(2.0)`, then `t.is_alive()` | [`t.join_timeout(…)`](ThreadHandle::join_timeout) says how it ended |
//! | `Timer(30.0, f)`, `t.cancel()` | [`Timer::new(Duration::from_secs(30), f)`](Timer::new), [`t.cancel()`](Timer::cancel) |
//! | `t.getResult()` of a subclass that keeps its result | [`t.get_result()`](MyThread::get_result) |
//! | `with lock:` | `let guard = lock.`[`acquire()`](Lock::acquire) |
//! | `with condition:`, `condition.wait_for(f)` | [`condition.wait_for(&mut guard, f)`](Condition::wait_for) |
//! | `with semaphore:` | `let permit = semaphore.`[`acquire()`](Semaphore::acquire) |
//! | `barrier.wait()` raises `BrokenBarrierError` | [`barrier.wait()`](Barrier::wait)`?` gives a [`BrokenBarrierError`] |
//! | `ThreadPoolExecutor(4)`, `executor.submit(f)`, `future.result()` | [`Executor::new(4)`](Executor::new), [`executor.submit(f)`](Executor::submit), [`task.into_result()`](Task::into_result)`?` |
//! | `executor.map(f, xs)` | [`executor.map(f, xs)`](Executor::map) |
//! | `concurrent.futures.as_completed(…)`, `wait(…)` | [`as_completed(&tasks)`](as_completed)`?`, [`wait(&tasks, …)`](wait)`?` |
//! | `queue.Queue(8)`, `q.put(x)`, `q.get_nowait()` | [`Queue::bounded(8)`](Queue::bounded), [`q.put(x)`](Queue::put)`?`, [`q.try_get()`](Queue::try_get)`?` |
//! | `event.wait(2.0)` | [`event.wait_timeout(…)`](Event::wait_timeout) gives a [`WaitError`] if it was not set |
//! | `serialize_iterator(it)`, `concurrent_tee(it)` (3.15) | [`SerializeIterator::new(it)`](SerializeIterator), [`concurrent_tee(it)`](concurrent_tee) |
//! | `local()`, `class Mine(local)` with `__init__` | [`Local::new(\|\| …)`](Local::new) |
//! | `threading.excepthook = f` | [`set_excepthook(f)`](set_excepthook) for panics, [`set_failure_handler(f)`](set_failure_handler) for errors |
//! | `settrace(f)`, `setprofile(f)` | [`set_trace`], [`set_profile`] |
//! | `stack_size(n)` | [`set_stack_size(n)`](set_stack_size)`?` |
//! | exit waits for threads | [`threadwork::main(\|\| …)`](main()) |
//!
//! # Recipes
//!
//! ## Stop a worker
//!
//! ```
//! use threadwork::prelude::*;
//!
//! let worker = Thread::new(|| {
//!     let stop = current_stop_token();
//!     let work = Event::new();
//!     while work.wait_with(&Wait::forever().or_stop(&stop)).is_ok() {
//!         work.clear();
//!     }
//! });
//! worker.start()?;
//! worker.request_stop();
//! worker.join()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Wait for an event, a stop or the end of a thread
//!
//! ```
//! use threadwork::{prelude::*, StopSource, wait_any};
//!
//! static READY: Event = Event::new();
//!
//! let stop = StopSource::new();
//! let server = Thread::spawn(|| READY.set())?;
//! match wait_any(&[&READY, &stop.token(), &server], &Wait::forever())? {
//!     0 => println!("it is ready"),
//!     1 => println!("stopped before it was ready"),
//!     _ => println!("it ended before it was ready: {:?}", server.outcome()),
//! }
//! # assert!(READY.is_set());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Handle results as they come
//!
//! ```
//! use threadwork::{as_completed, prelude::*};
//!
//! let mut tasks: Vec<Task<usize>> = Vec::new();
//! for word in ["a", "bb", "ccc"] {
//!     tasks.push(Task::spawn(move || word.len())?);
//! }
//! let mut total = 0;
//! for task in as_completed(&tasks)? {
//!     total += task.get_result()?;
//! }
//! assert_eq!(total, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Share work out by a queue
//!
//! ```
//! use threadwork::{prelude::*, Queue};
//!
//! static JOBS: Queue<&str> = Queue::bounded(16);
//!
//! let workers = [(); 3].map(|()| MyThread::new(|| JOBS.iter().map(str::len).sum::<usize>()));
//! for worker in &workers {
//!     worker.start()?;
//! }
//! for job in ["a", "bb", "ccc"] {
//!     JOBS.put(job)?;
//! }
//! JOBS.shutdown(); // The workers take what is left, and end.
//! let mut total = 0;
//! for worker in &workers {
//!     total += worker.wait_result()?;
//! }
//! assert_eq!(total, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Find out why a thread failed
//!
//! ```
//! use threadwork::prelude::*;
//!
//! let thread = Thread::builder().name("parser").build(|| panic!("no input"));
//! thread.start()?;
//! assert_eq!(thread.join().unwrap_err().to_string(), "thread 'parser' panicked: no input");
//!
//! let thread = Thread::builder().name("parser").build(|| "seven".parse::<u32>().map(drop));
//! thread.start()?;
//! assert_eq!(thread.join().unwrap_err().to_string(), "thread 'parser' failed: invalid digit found in string");
//! # Ok::<(), threadwork::StartError>(())
//! ```
//!
//! ## Find out why a program hangs
//!
//! ```
//! # #[cfg(feature = "diagnostics")]
//! println!("{}", threadwork::diagnostics::dump());
//! ```
//!
//! # Async
//!
//! A task of an async program can wait for the same objects, under any executor: [`Event::wait_async`], [`Latch::wait_async`],
//! [`Semaphore::acquire_async`], [`Lock::acquire_async`], [`Queue::get_async`], [`StopToken::stopped_async`], [`ThreadHandle::join_async`], [`MyThread::wait_result_async`].
//! A [`Task`] is awaited itself, by value or by reference.
//! There is no runtime here: a deadline, a stop, or the first of several comes from the executor's own combinators, and dropping a future ends its wait.
//!
//! ```
//! # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}};
//! # struct Unpark(std::thread::Thread);
//! # impl Wake for Unpark {
//! #     fn wake(self: Arc<Self>) {
//! #         self.0.unpark();
//! #     }
//! # }
//! # fn block_on<F: Future>(future: F) -> F::Output {
//! #     let mut future = pin!(future);
//! #     let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
//! #     loop {
//! #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
//! #             Poll::Ready(it) => return it,
//! #             Poll::Pending => std::thread::park(),
//! #         }
//! #     }
//! # }
//! use threadwork::{Lock, MyThread};
//!
//! static TOTAL: Lock<u64> = Lock::new(0);
//!
//! async fn add_in_a_thread(n: u64) -> Result<(), Box<dyn std::error::Error>> {
//!     let thread = MyThread::with_args(|n: u64| (1..=n).sum(), (n,));
//!     thread.start()?;
//!     let sum: &u64 = thread.wait_result_async().await?;
//!     *TOTAL.acquire_async().await += sum;
//!     Ok(())
//! }
//!
//! block_on(add_in_a_thread(4))?;
//! assert_eq!(*TOTAL.acquire(), 10);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A task is woken and tries; it is never handed a lock or a permit, since nobody knows when it will be polled. A lock belongs to the thread that polls
//! the task, and its guard does not leave that thread, so the compiler refuses a guard across an `await` in a task that several threads may poll.
//! [`RLock`] and [`RwLock`] have no async form: they count the levels and the reads of threads, so they could not tell two tasks of one thread apart.
//!
//! # What a thread inherits
//!
//! * From the thread that builds it: the daemon flag, the group, and the stop token that the building thread was given, if any.
//!   The [`Builder`] can override each of them.
//! * From the thread that starts it: the values of [inheritable](Local::inheritable) locals, the current span and dispatcher of
//!   [`tracing`](https://docs.rs/tracing), and what spawn hooks hand over.
//!   To give it another span or dispatcher, start it inside that one. A [`Context`] keeps all of it but the hooks, for later starts, or is empty:
//!   [`Builder::context`].
//!
//! # After a fork
//!
//! Only the thread that called `fork(2)` survives in the child. It is the [`main_thread`] there and keeps its name and number.
//! All other threads have ended: they are not listed, groups do not count them, and joining them returns at once.
//! Pending timers have ended, too.
//!
//! What the other threads held stays held for ever: your own locks, and standard output. Of this library nothing stays held: its own locks
//! are released in the child, and its queues are empty and unlocked there, whatever the other threads were doing. So every object that no
//! other thread held can be used in the child.
//! A [`scope`](scope()) that the forking thread was inside waits for ever for those of its threads that were running, and for its jobs.
//!
//! So a child should do little more than replace itself with another program. It can start threads, as far as the C library and std allow that:
//! std takes a lock of its own while a thread begins and while it ends, and if another thread held it at the fork, the start of a thread in
//! the child hangs.
//! It does not listen for signals until it asks for that itself ([`Program::stop_on_signals`]).
//!
//! # Panics and errors
//!
//! A thread's panic is data: it is caught, reported by the process's panic hook, handed to the [excepthook](set_excepthook), and returned to every joiner.
//! By default it is printed once, by the panic hook. A panic does not poison locks; it releases them.
//!
//! Work that [can fail](Runnable::try_run) returns an error. That is the [`Failure`] of its thread: it is handed to the
//! [failure handler](set_failure_handler), which by default prints one line, and returned to every joiner. Where Python raises, a method returns a `Result` with a small error that says what to do.
//!
//! # What this crate does not do
//!
//! It does not kill threads, set priorities, or have a runtime for async code. Each thread is one operating system thread, started by `std`.
//!
//! # Crate features
//!
//! On by default are `diagnostics` and its parts; each part switches `diagnostics` on.
//!
//! * `diagnostics`: the module [`diagnostics`]; without it `tracing-subscriber` is not built.
//! * `env-filter`, `json`, `ansi`: filters from the environment, and the formats `Json` and `Pretty` of the printed lines.
//! * `timeline`, `server`: `diagnostics::Timeline` and `diagnostics::DumpServer`.
//!
//! Off by default:
//!
//! * `metrics`: `diagnostics::MetricsLayer` and `diagnostics::record_metrics`, which report to the `metrics` facade how many threads there are and how they end.
//! * `lock_probe`: `diagnostics::Contention`, statistics for each named lock, and `diagnostics::watch_lock_order`. It adds a load to the fast path of
//!   every lock.
//! * `lock_api`, `lock_api_0_4`: [`RawLock`] has the traits of `lock_api` 0.5, and of 0.4, which `parking_lot` 0.12 uses. `CurrentIdent` is for re-entrant mutexes.
//!
//! # Minimum Rust version
//!
//! 1.95.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod prelude;

// Pages only. Their programs are run by a crate of their own, which has what they use.
#[cfg(all(doc, not(doctest)))]
pub mod guides;

#[cfg(feature = "diagnostics")]
#[doc(inline)]
pub use threadwork_diagnostics as diagnostics;

#[doc(inline)]
pub use threadwork_core::{
    AccessError, AsCompleted, AtExitError, AutoShutdown, Builder, Call, Callable, ChildInfo,
    ChildSpec, ChildState, Context, DaemonError, Ending, Ends, Executor, ExecutorBuilder, Failure,
    FailureHandler, Fallible, Fault, Faults, GaveUpError, JobBuilder, JoinAllError, JoinError,
    Local, LocalIter, LocalRef, Map, MapBuilder, Moment, MyThread, NameError, Outcome, Panic,
    PanicHandler, PanicPlace, Period, ProfileHook, Program, Prototype, Refusal, Restart,
    ResultError, ResultWait, ReturnWhen, Runnable, Schedule, Scope, ScopeBuilder, ScopeError,
    ScopedTask, ScopedThread, Spent, StackSizeError, StartError, StopRequested, Strategy,
    SubmitError, Supervisor, SupervisorError, SupervisorHandle, Task, TaskFuture, TaskWait, Thread,
    ThreadGroup, ThreadHandle, ThreadJoin, ThreadState, Timer, TraceHook, Waited, WhenFull,
    WithArgs, active_count, add_spawn_hook, as_completed, at_exit, checkpoint, copy_context,
    current_stop_token, current_thread, default_excepthook, default_failure_handler, enumerate,
    events, excepthook, exit, failure_handler, faults, main, main_thread, notify_ready,
    pending_timers, profile, request_exit, scope, set_excepthook, set_failure_handler, set_profile,
    set_profile_all_threads, set_stack_size, set_trace, set_trace_all_threads, sleep, stack_size,
    stop_requested, trace, wait, wait_timeout, wait_with,
};
#[doc(inline)]
pub use threadwork_sync::{
    ArriveError, Barrier, BarrierWaitResult, BoundedSemaphore, BrokenBarrierError, BrokenReason,
    ConcurrentTee, Condition, ConditionWaitError, Deadline, DelayQueue, Event, EventWait, Fill,
    GetError, Guard, HeldLock, Latch, LatchWait, LifoQueue, Lock, LockAcquire, LockGuard,
    MappedLockGuard, NotHolderError, PriorityQueue, PutError, Queue, QueueGet, QueueIter,
    QueueJoin, QueuePut, RLock, RLockGuard, RawCondition, RawLock, RawRLock, Receiver,
    ReleaseError, RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, Semaphore,
    SemaphoreAcquire, SemaphorePermit, Sender, SerializeIterator, StopCallback, StopSource,
    StopToken, StopWait, TaskDoneError, Wait, WaitError, WaitKind, Waitable, Waiter, Waiting,
    WaitingThread, concurrent_tee, get_ident, get_native_id, synchronized_iterator, wait_any,
    waits,
};

#[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
#[doc(inline)]
pub use threadwork_sync::CurrentIdent;

/// The programs of the package's page, which are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
