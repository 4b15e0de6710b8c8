//! The data of a dump.

use serde::{Deserialize, Serialize};

use crate::deadlock::Deadlock;

/// All threads: their names and numbers, what they do and what they wait for. Made by [`dump`](crate::dump()).
///
/// Its `Display` is a report for people. By `serde`'s `Serialize` and `Deserialize` the same data is for programs,
/// also for other ones, which get it from a [`DumpServer`](crate::DumpServer).
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// # use threadwork_sync::Event;
/// use threadwork::Thread;
///
/// static GO: Event = Event::new().named("go");
///
/// let thread = Thread::builder().name("runner").build(|| GO.wait());
/// thread.start()?;
/// let report = loop {
///     let report = diagnostics::dump().to_string();
///     if report.contains("waits for event 'go'") {
///         break report;
///     }
/// };
/// assert!(report.contains("'runner'"));
/// GO.set();
/// thread.join()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dump {
    /// The process id.
    pub pid: u32,
    /// When the dump was made, in the format of [`ctime`](crate::ctime()).
    pub time: String,
    /// The number of threads in `root`, without those in `own_threads` and `others`.
    pub count: usize,
    /// The threads without a group, and the groups that have threads.
    pub root: GroupDump,
    /// The tasks of async programs that wait for something in this library.
    #[serde(default)]
    pub tasks: Vec<TaskDump>,
    /// The library's own threads: they serve timers, signals, dumps and watchdogs.
    #[serde(default)]
    pub own_threads: Vec<ThreadDump>,
    /// Threads that only the operating system knows.
    pub others: Vec<OtherDump>,
    /// The deadlocks among the threads.
    pub deadlocks: Vec<Deadlock>,
    /// The threads that have panicked or failed.
    #[serde(default)]
    pub faults: FaultsDump,
}

/// The threads of one group: a part of [`Dump`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupDump {
    /// The full name of the group, with the names of its ancestors; `None` for the root.
    pub name: Option<String>,
    /// The threads of the group, in order of their numbers.
    pub threads: Vec<ThreadDump>,
    /// The child groups that have threads.
    pub groups: Vec<GroupDump>,
}

/// One thread: a part of [`Dump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadDump {
    /// The name of the thread. For a thread that is not listed and only waits in this library, its name in the operating system.
    pub name: String,
    /// The number of the thread.
    pub ident: u64,
    /// The thread's id in the operating system.
    pub native_id: Option<u64>,
    /// Whether the thread is a daemon: the program ends without waiting for it.
    pub daemon: bool,
    /// Whether the thread runs or waits.
    pub state: StateDump,
    /// How long the thread has been in that state, in seconds; `None` before it runs, and for a wait outside this library, of which the
    /// operating system does not tell when it began. Waits that did not block do not count.
    pub seconds_in_state: Option<f64>,
    /// How long ago the thread was started, in seconds; `None` before it runs. For the main thread and foreign threads: how long this library has known them.
    pub age: Option<f64>,
    /// The CPU time that the thread has used, in seconds.
    pub cpu: Option<f64>,
    /// What the thread waits for, if it is blocked in this library. If it waits for any of several objects, this is the first.
    pub waits_for: Option<WaitDump>,
    /// The others, if the thread waits for any of several objects.
    #[serde(default)]
    pub or_for: Vec<WaitDump>,
    /// The system call in which the thread waits outside this library, such as `futex`, `read` or `epoll_wait`, if that is known.
    #[serde(default)]
    pub system_call: Option<String>,
}

/// A waiting task of an async program: a part of [`Dump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskDump {
    /// The name of the thread that polled the task last. The task does not block it.
    pub polled_by: String,
    /// The number of that thread.
    pub polled_by_ident: u64,
    /// What the task waits for. Which thread holds that is not known.
    pub waits_for: WaitDump,
}

/// What a thread does: a part of [`ThreadDump`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StateDump {
    /// It was started and does not run yet.
    Started,
    /// It runs, or waits for a processor. Where the operating system does not tell whether a thread sleeps (everywhere but on Linux and
    /// Android), this also is the state of a thread that waits outside this library.
    Running,
    /// It is blocked in this library.
    Waiting,
    /// It sleeps in a call outside this library: for a socket, a file, a lock or a channel of others.
    WaitsElsewhere,
}

/// What a thread waits for: a part of [`ThreadDump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WaitDump {
    /// The kind of wait: the name of a [`WaitKind`](threadwork_sync::WaitKind), such as `Lock`, `Condition` or `Join`.
    pub kind: String,
    /// The name of the object, if it has one.
    pub name: Option<String>,
    /// The address of the object.
    pub address: usize,
    /// The source line that waits, as `file:line:column`. The path of a dependency begins with the folder of its package.
    pub location: String,
    /// How long the thread has been waiting, in seconds.
    pub seconds: f64,
    /// The name of the thread that holds the object; for a join, of the thread that is joined.
    pub holder: Option<String>,
    /// The number of that thread.
    pub holder_ident: Option<u64>,
    /// The readers that hold a read-write lock, if the thread waits for them; only those that are blocked themselves.
    #[serde(default)]
    pub readers: Vec<ReaderDump>,
    /// How full the queue is, if a thread waits at one of its ends.
    #[serde(default)]
    pub fill: Option<FillDump>,
    /// The executor that has to go on so that the wait ends; its name is that of the object.
    #[serde(default)]
    pub executor: Option<ExecutorDump>,
}

/// An executor for which a thread waits: a part of [`WaitDump`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExecutorDump {
    /// The number of its workers.
    pub workers: usize,
    /// The largest possible number of workers.
    pub max_workers: usize,
    /// The number of workers that wait for a job.
    pub idle: usize,
    /// The number of jobs that wait for a worker.
    pub pending: usize,
}

/// How full a queue is: a part of [`WaitDump`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FillDump {
    /// The number of items.
    pub len: usize,
    /// The largest possible number of items, if there is one.
    pub limit: Option<usize>,
}

/// A thread that holds a read-write lock for reading: a part of [`WaitDump`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReaderDump {
    /// The name of the thread.
    pub name: String,
    /// The number of the thread.
    pub ident: u64,
}

/// A thread that only the operating system knows: a part of [`Dump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OtherDump {
    /// The thread's id in the operating system.
    pub native_id: u64,
    /// The thread's name in the operating system.
    pub name: String,
    /// Whether the thread runs or waits elsewhere; `None` if that is not known.
    #[serde(default)]
    pub state: Option<StateDump>,
    /// The system call in which the thread waits, if that is known.
    #[serde(default)]
    pub system_call: Option<String>,
}

/// The threads that have panicked or failed since the start of the program, which are in no other list: a part of [`Dump`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaultsDump {
    /// The number of threads that have panicked.
    pub panicked: u64,
    /// The number of threads that have failed.
    pub failed: u64,
    /// The last of them, the latest first.
    pub recent: Vec<FaultDump>,
}

/// A thread that has panicked or failed: a part of [`FaultsDump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaultDump {
    /// The name of the thread.
    pub name: String,
    /// The number of the thread.
    pub ident: u64,
    /// The full name of its group, with the names of the ancestors, if it had one.
    pub group: Option<String>,
    /// How it has ended: `panicked` or `failed`.
    pub outcome: String,
    /// How long ago that was, in seconds.
    pub seconds_ago: f64,
    /// The message of the panic, or that of the error and its sources. A long one is cut.
    pub message: String,
    /// The source line that panicked, as `file:line:column`, if that is known. The path of a dependency begins with the folder of its package.
    pub location: Option<String>,
}

impl GroupDump {
    pub(super) fn count(&self) -> usize {
        self.threads.len() + self.groups.iter().map(GroupDump::count).sum::<usize>()
    }
}
