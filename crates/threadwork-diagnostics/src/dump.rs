//! All threads at one moment.

use std::{
    collections::{BTreeSet, HashMap},
    fmt, fs, process,
};

use serde::{Deserialize, Serialize};
use threadwork_core::{ThreadGroup, ThreadHandle};

use crate::{
    ctime::ctime,
    deadlock::{self, Deadlock},
    moment::Moment,
    names::{in_words, one_line, os_name},
};

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
    /// The kind of thing: `Lock`, `Condition`, `Join`, and so on, as [`WaitKind`](threadwork_sync::WaitKind) has them.
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

/// All threads now: those that [`enumerate`](threadwork_core::enumerate) lists, and others that are blocked in this library.
///
/// Nobody is stopped by it, so it is not one moment to the nanosecond: a thread may have gone on while the next was looked at.
#[must_use]
pub fn dump() -> Dump {
    let moment = Moment::now();
    let mut tree = Tree::new();
    for thread in &moment.threads {
        if let Some(ident) = thread.ident() {
            tree.group(thread.group()).threads.push(moment.thread(ident));
        }
    }
    for waiting in moment.waits.iter().filter(|it| moment.names.handle(it.thread.ident).is_none()) {
        tree.group(None).threads.push(moment.thread(waiting.thread.ident));
    }
    let root = tree.into_root();
    Dump {
        pid: process::id(),
        time: ctime(),
        count: root.count(),
        root,
        others: others(&moment),
        deadlocks: deadlock::find_after(&moment.waits),
    }
}

/// The threads of the operating system that are not among those; none where it does not list them.
fn others(moment: &Moment) -> Vec<OtherDump> {
    let listed = moment.threads.iter().filter_map(ThreadHandle::native_id);
    let known: BTreeSet<_> =
        listed.chain(moment.waits.iter().filter_map(|it| it.thread.native_id)).collect();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ids = tasks.filter_map(|it| it.file_name().to_str()?.parse::<u64>().ok());
    let mut others: Vec<_> = ids
        .filter(|id| !known.contains(id))
        .map(|native_id| OtherDump { native_id, name: os_name(native_id).unwrap_or_default() })
        .collect();
    others.sort_by_key(|it| it.native_id);
    others
}

/// The groups while they are filled.
struct Tree {
    /// Each behind the place of the one above it; the root is the first, and a group stands behind the one above it.
    groups: Vec<(usize, GroupDump)>,
    /// Where they are. By the groups themselves: there may be several of one name.
    places: HashMap<Option<ThreadGroup>, usize>,
}

impl Tree {
    fn new() -> Tree {
        Tree { groups: vec![(0, GroupDump::default())], places: HashMap::from([(None, 0)]) }
    }

    /// What there is of the group so far; of the root, if it is none.
    fn group(&mut self, group: Option<ThreadGroup>) -> &mut GroupDump {
        let known = self.places.get(&group).copied();
        let place = known.unwrap_or_else(|| self.add(group.as_ref()));
        &mut self.groups[place].1
    }

    /// Adds the group, and those above it that are missing; returns its place.
    fn add(&mut self, group: Option<&ThreadGroup>) -> usize {
        let line: Vec<_> = std::iter::successors(group, |it| it.parent()).collect();
        line.into_iter().rev().fold(0, |above, group| {
            let next = self.groups.len();
            let place = *self.places.entry(Some(group.clone())).or_insert(next);
            if place == next {
                let name = Some(group.name().to_owned());
                self.groups.push((above, GroupDump { name, ..GroupDump::default() }));
            }
            place
        })
    }

    fn into_root(mut self) -> GroupDump {
        loop {
            let Some((above, mut group)) = self.groups.pop() else { return GroupDump::default() };
            // The last was put there first.
            group.groups.reverse();
            match self.groups.get_mut(above) {
                Some((_, above)) => above.groups.push(group),
                None => return group,
            }
        }
    }
}

impl GroupDump {
    fn count(&self) -> usize {
        self.threads.len() + self.groups.iter().map(GroupDump::count).sum::<usize>()
    }
}

impl WaitDump {
    /// Who holds it, in words that go on after [`what`](Self::what): `, held by 'clerk' #3`, `, read by 'clerk' #3, 'agent' #4`,
    /// for a join `, #3`; empty if nobody is known.
    #[must_use]
    pub fn by_whom(&self) -> String {
        match (&self.holder, self.holder_ident) {
            (Some(_), Some(ident)) if self.kind == "Join" => format!(", #{ident}"),
            (Some(holder), Some(ident)) => format!(", held by '{}' #{ident}", one_line(holder)),
            _ if self.readers.is_empty() => String::new(),
            _ => {
                let reader = |it: &ReaderDump| format!("'{}' #{}", one_line(&it.name), it.ident);
                let readers: Vec<_> = self.readers.iter().map(reader).collect();
                format!(", read by {}", readers.join(", "))
            }
        }
    }

    /// What it is in words: `lock 'orders'`, `the end of 'clerk'`, `the end of its sleep`.
    #[must_use]
    pub fn what(&self) -> String {
        match (&*self.kind, &self.name, &self.holder) {
            ("Join", _, Some(holder)) => format!("the end of '{}'", one_line(holder)),
            ("Sleep", ..) => "the end of its sleep".to_owned(),
            (kind, Some(name), _) => format!("{} '{}'", in_words(kind), one_line(name)),
            (kind, None, _) => format!("{} at {:#x}", in_words(kind), self.address),
        }
    }
}

impl fmt::Display for StateDump {
    /// In a word: `started`, `running`, `waiting`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            StateDump::Started => "started",
            StateDump::Running => "running",
            StateDump::Waiting => "waiting",
        })
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.count == 1 { "thread" } else { "threads" };
        writeln!(f, "{} {threads} of process {} at {}", self.count, self.pid, self.time)?;
        self.root.print(f, 0)?;
        if !self.others.is_empty() {
            writeln!(f, "\nother threads of the operating system")?;
            for OtherDump { native_id, name } in &self.others {
                writeln!(f, "  '{}' tid {native_id}", one_line(name))?;
            }
        }
        self.deadlocks.iter().try_for_each(|it| writeln!(f, "\n{it}"))
    }
}

impl GroupDump {
    fn print(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        if let Some(name) = &self.name {
            writeln!(f, "\n{indent}group '{}'", one_line(name))?;
        }
        for thread in &self.threads {
            thread.print(f, &format!("{indent}  "))?;
            writeln!(f)?;
        }
        self.groups.iter().try_for_each(|it| it.print(f, depth + 1))
    }
}

impl fmt::Display for ThreadDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, "")
    }
}

impl ThreadDump {
    fn print(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        write!(f, "{indent}'{}' #{}", one_line(&self.name), self.ident)?;
        if let Some(native_id) = self.native_id {
            write!(f, " tid {native_id}")?;
        }
        if self.daemon {
            f.write_str(" daemon")?;
        }
        write!(f, " {}", self.state)?;
        if let Some(seconds) = self.seconds_in_state {
            write!(f, " for {seconds:.3} s")?;
        }
        if let Some(age) = self.age {
            write!(f, ", age {age:.3} s")?;
        }
        if let Some(cpu) = self.cpu {
            write!(f, ", cpu {cpu:.3} s")?;
        }
        let Some(wait) = &self.waits_for else { return Ok(()) };
        let (what, location, by_whom) = (wait.what(), one_line(&wait.location), wait.by_whom());
        write!(f, "\n{indent}  waits for {what} at {location}{by_whom}")
    }
}
