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
//! * [`Timer`]: a function that runs later, or [periodically](Timer::every), unless it is cancelled.
//! * [`ThreadHandle`]: any thread, without its runnable; what [`enumerate`] lists.
//! * [`Prototype`]: a runnable that can be restarted and [replicated](Thread::replicate).
//! * [`current_thread`], [`main_thread`], [`enumerate`], [`active_count`], [`get_ident`], [`get_native_id`].
//! * [`as_completed`]: threads in the order in which they end.
//! * [`ThreadGroup`], [`scope`](scope()), [`Supervisor`]: threads that belong together, that borrow local variables, that are restarted when they fail.
//! * [`SupervisorHandle`], [`ChildSpec`], [`notify_ready`]: ask a running supervisor for its children, change them, wait until they are ready.
//! * [`sleep`], [`checkpoint`], [`stop_requested`], [`current_stop_token`]: how a thread notices a stop request.
//! * [`set_excepthook`], [`set_failure_handler`], [`set_trace`], [`set_profile`], [`add_spawn_hook`]: functions that are called for every thread.
//! * [`faults`](faults()): the last threads that panicked or failed, and how many there were.
//! * [`Local`]: an object with a separate value for each thread.
//! * [`main`](main()), [`Program`]: run a program and wait for its threads at the end. [`at_exit`], [`exit`], [`request_exit`].
//!
//! Sharing and waiting, always in the forms `x`, `try_x`, `x_timeout` and `x_with(&Wait)`:
//!
//! * [`Lock`], [`RLock`], [`RwLock`] guard a value; [`RawLock`] and [`RawRLock`] are Python's locks and guard none.
//! * [`Condition`] works with a [`Lock`] or an [`RLock`]; [`RawCondition`] has its own lock.
//! * [`Event`], [`Semaphore`], [`BoundedSemaphore`], [`Barrier`], [`Latch`].
//! * [`Queue`], [`LifoQueue`], [`PriorityQueue`], [`DelayQueue`]; [`Sender`] and [`Receiver`] are the ends of a queue.
//! * [`Wait`], [`Deadline`]: how long to wait. [`StopSource`], [`StopToken`], [`StopCallback`]: stop requests.
//! * [`wait_any`]: whichever of several objects, threads and timers ([`Waitable`]) is ready first.
//! * `x_async()`: the same waits as [tasks of any executor](#async).
//! * [`waits`]: every blocked thread, what it waits for, since when, and which thread holds it.
//!
//! Looking at threads, in [`diagnostics`]:
//!
//! * [`diagnostics::init`]: prints `starting loop at: …` and `loop finished at: …`; [`diagnostics::Setup`] changes their form and destination.
//! * [`diagnostics::dump`](diagnostics::dump()): every thread, what it waits for, and which thread holds that; and the last panics and failures. [`diagnostics::dump_on_quit`]: a dump on SIGQUIT.
//! * [`diagnostics::find_deadlocks`], [`diagnostics::Watchdog`].
//!
//! # Guides
//!
//! * [The cookbook](guides::cookbook): recipes named by the problem, each a complete program.
//! * Coming from [Python](guides::coming_from_python), [Java](guides::coming_from_java), [std and parking_lot](guides::coming_from_std).
//! * [A service](guides::service) of long-lived threads, and its [supervision](guides::supervision); what to do when [a program hangs](guides::hanging).
//! * [The comparison](guides::comparison) with other libraries, and when to use these instead; [the benchmarks](guides::benchmarks).
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
//! | `t.getResult()` of the book | [`t.get_result()`](MyThread::get_result) |
//! | `with lock:` | `let guard = lock.`[`acquire()`](Lock::acquire) |
//! | `with condition:`, `condition.wait_for(f)` | [`condition.wait_for(&mut guard, f)`](Condition::wait_for) |
//! | `with semaphore:` | `let permit = semaphore.`[`acquire()`](Semaphore::acquire) |
//! | `barrier.wait()` raises `BrokenBarrierError` | [`barrier.wait()`](Barrier::wait)`?` gives a [`BrokenBarrierError`] |
//! | `executor.submit(f)`, `future.result()` | [`Task::spawn(f)`](Task::spawn)`?`, [`task.wait_result()`](Task::wait_result)`?` |
//! | `concurrent.futures.as_completed(…)` | [`as_completed(&threads)`](as_completed)`?` |
//! | `queue.Queue(8)`, `q.put(x)`, `q.get_nowait()` | [`Queue::bounded(8)`](Queue::bounded), [`q.put(x)`](Queue::put)`?`, [`q.try_get()`](Queue::try_get)`?` |
//! | `event.wait(2.0)` | [`event.wait_timeout(…)`](Event::wait_timeout) gives a [`WaitError`] if it was not set |
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
//! * `diagnostics` (on by default): the module [`diagnostics`]; without it `tracing-subscriber` is not built.
//! * `metrics`: `diagnostics::MetricsLayer` and `diagnostics::record_metrics`, which report to the `metrics` facade how many threads there are and how they end.
//! * `lock_probe`: `diagnostics::Contention`, statistics for each named lock, and `diagnostics::watch_lock_order`. It adds a load to the fast path of
//!   every lock, so it is off by default.
//!
//! # Minimum Rust version
//!
//! 1.95.

#![forbid(unsafe_code)]

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
    ChildSpec, ChildState, DaemonError, Ending, Ends, Failure, FailureHandler, Fallible, Fault,
    Faults, GaveUpError, JoinAllError, JoinError, Local, LocalRef, Moment, MyThread, NameError,
    Outcome, Panic, PanicHandler, PanicPlace, Period, ProfileHook, Program, Prototype, Restart,
    ResultError, ResultWait, Runnable, Scope, ScopeBuilder, ScopeError, ScopedThread, Spent,
    StackSizeError, StartError, StopRequested, Strategy, Supervisor, SupervisorError,
    SupervisorHandle, Task, TaskFuture, TaskWait, Thread, ThreadGroup, ThreadHandle, ThreadJoin,
    ThreadState, Timer, TraceHook, active_count, add_spawn_hook, as_completed, at_exit, checkpoint,
    current_stop_token, current_thread, default_excepthook, default_failure_handler, enumerate,
    excepthook, exit, failure_handler, faults, main, main_thread, notify_ready, pending_timers,
    profile, request_exit, scope, set_excepthook, set_failure_handler, set_profile,
    set_profile_all_threads, set_stack_size, set_trace, set_trace_all_threads, sleep, stack_size,
    stop_requested, trace,
};
#[doc(inline)]
pub use threadwork_sync::{
    ArriveError, Barrier, BarrierWaitResult, BoundedSemaphore, BrokenBarrierError, BrokenReason,
    Condition, ConditionWaitError, CurrentIdent, Deadline, DelayQueue, Event, EventWait, Fill,
    GetError, Guard, HeldLock, Latch, LatchWait, LifoQueue, Lock, LockAcquire, LockGuard,
    MappedLockGuard, NotHolderError, PriorityQueue, PutError, Queue, QueueGet, QueueIter,
    QueueJoin, QueuePut, RLock, RLockGuard, RawCondition, RawLock, RawRLock, Receiver,
    ReleaseError, RwLock, RwLockReadGuard, RwLockUpgradableGuard, RwLockWriteGuard, Semaphore,
    SemaphoreAcquire, SemaphorePermit, Sender, StopCallback, StopSource, StopToken, StopWait,
    TaskDoneError, Wait, WaitError, WaitKind, Waitable, Waiter, Waiting, WaitingThread, get_ident,
    get_native_id, wait_any, waits,
};
