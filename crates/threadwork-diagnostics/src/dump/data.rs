//! The data of a dump.

use serde::{Deserialize, Serialize};

use crate::deadlock::Deadlock;

/// All threads at one moment: who they are, what they do, what they wait for.
///
/// To print it is to get a report; to serialise it (it has `serde`'s `Serialize` and `Deserialize`) is to get the same for a program,
/// also for another one, as a [`DumpServer`](crate::DumpServer) hands it out.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// # use threadwork_core as threadwork;
/// # use threadwork_core::sync::Event;
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
    /// The number of the process.
    pub pid: u32,
    /// When it was made, in the form of [`ctime`](crate::ctime()).
    pub time: String,
    /// How many threads there are in it, those of the operating system apart.
    pub count: usize,
    /// The threads that belong to no group, and the groups that have threads.
    pub root: GroupDump,
    /// Threads of the operating system that this library knows nothing else of.
    pub others: Vec<OtherDump>,
    /// The deadlocks among the threads.
    pub deadlocks: Vec<Deadlock>,
}

/// The threads of one group: a part of [`Dump`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupDump {
    /// Its name, with those of the groups above; none for the root.
    pub name: Option<String>,
    /// Its threads, in order of their numbers.
    pub threads: Vec<ThreadDump>,
    /// The groups below that have threads.
    pub groups: Vec<GroupDump>,
}

/// One thread: a part of [`Dump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadDump {
    /// Its name; that of the operating system, if it is not listed and only waits in this library.
    pub name: String,
    /// Its number.
    pub ident: u64,
    /// The operating system's number.
    pub native_id: Option<u64>,
    /// Whether the program ends without waiting for it.
    pub daemon: bool,
    /// Whether it runs or waits.
    pub state: StateDump,
    /// For how long it has been in that state, in seconds; `None` before it runs. Waits that are over at once do not count.
    pub seconds_in_state: Option<f64>,
    /// How long ago it was started, in seconds, if it runs; for the main thread and those of others, for how long it has been known.
    pub age: Option<f64>,
    /// The processor's time that it has used, in seconds.
    pub cpu: Option<f64>,
    /// What it waits for.
    pub waits_for: Option<WaitDump>,
}

/// What a thread does: a part of [`ThreadDump`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StateDump {
    /// It is started, and does not run yet.
    Started,
    /// It runs, or waits for something that this library does not know.
    Running,
    /// It is blocked in this library.
    Waiting,
}

/// What a thread waits for: a part of [`ThreadDump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WaitDump {
    /// The kind of thing: `Lock`, `Condition`, `Join`, and so on, as [`WaitKind`](threadwork_core::sync::WaitKind) has them.
    pub kind: String,
    /// The name of the thing, if it was given one.
    pub name: Option<String>,
    /// Where it is.
    pub address: usize,
    /// The line that waits, as `file:line:column`.
    pub location: String,
    /// For how long, in seconds.
    pub seconds: f64,
    /// The name of the thread that holds the thing, or, for a join, that is waited for.
    pub holder: Option<String>,
    /// Its number.
    pub holder_ident: Option<u64>,
    /// Where it waits until others have read: those of them that wait for something themselves.
    #[serde(default)]
    pub readers: Vec<ReaderDump>,
}

/// A thread that reads under a read-write lock: a part of [`WaitDump`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReaderDump {
    /// Its name.
    pub name: String,
    /// Its number.
    pub ident: u64,
}

/// A thread of the operating system: a part of [`Dump`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OtherDump {
    /// The operating system's number.
    pub native_id: u64,
    /// The operating system's name.
    pub name: String,
}

impl GroupDump {
    pub(super) fn count(&self) -> usize {
        self.threads.len() + self.groups.iter().map(GroupDump::count).sum::<usize>()
    }
}
