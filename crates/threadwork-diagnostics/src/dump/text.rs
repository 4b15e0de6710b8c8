//! A dump as text.

use std::fmt;

use super::data::{
    Dump, ExecutorDump, FaultDump, FaultsDump, FillDump, GroupDump, OtherDump, ReaderDump,
    StateDump, TaskDump, ThreadDump, WaitDump,
};
use crate::words::{in_words, one_line};

#[cfg(test)]
mod tests;

impl WaitDump {
    /// The holder in words that continue [`what`](Self::what): `, held by 'clerk' #3` or `, read by 'clerk' #3, 'agent' #4`,
    /// and for a join `, #3`; empty if no holder is known.
    #[must_use]
    pub fn by_whom(&self) -> String {
        match (&self.holder, self.holder_ident) {
            (Some(holder), Some(ident)) if self.kind == "Task" => {
                format!(", run by '{}' #{ident}", one_line(holder))
            }
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

    /// The object of the wait in words: `lock 'orders'`, `room in queue 'jobs' (64 of 64)`, `the end of 'clerk'`, `the end of its sleep`.
    #[must_use]
    pub fn what(&self) -> String {
        if let (Some(executor), Some(name)) = (&self.executor, &self.name) {
            let noun = match &*self.kind {
                "Task" => "result of a task",
                "QueueGet" => "job",
                "QueuePut" => "room in the backlog",
                _ => "end",
            };
            return format!("{noun} of executor '{}' ({executor})", one_line(name));
        }
        match (&*self.kind, &self.name, &self.holder) {
            ("Join", _, Some(holder)) => format!("the end of '{}'", one_line(holder)),
            ("Sleep", ..) => "the end of its sleep".to_owned(),
            (kind, Some(name), _) => {
                format!("{} '{}'{}", in_words(kind), one_line(name), self.how_full())
            }
            (kind, None, _) => {
                format!("{} at {:#x}{}", in_words(kind), self.address, self.how_full())
            }
        }
    }

    /// How full the queue is, in words that follow its name; empty if this is no wait at a queue.
    fn how_full(&self) -> String {
        match self.fill {
            None => String::new(),
            Some(FillDump { len, limit: Some(limit) }) => format!(" ({len} of {limit})"),
            Some(FillDump { len, limit: None }) => format!(" ({len} without a limit)"),
        }
    }
}

impl fmt::Display for ExecutorDump {
    /// `3 pending, all 2 workers busy`, or `0 pending, 1 of 2 workers busy`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExecutorDump { workers, max_workers, idle, pending } = self;
        match workers.saturating_sub(*idle) {
            busy if busy == *max_workers => write!(f, "{pending} pending, all {busy} workers busy"),
            busy => write!(f, "{pending} pending, {busy} of {max_workers} workers busy"),
        }
    }
}

impl fmt::Display for StateDump {
    /// A word or two: `started`, `running`, `waiting`, `waits elsewhere`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            StateDump::Started => "started",
            StateDump::Running => "running",
            StateDump::Waiting => "waiting",
            StateDump::WaitsElsewhere => "waits elsewhere",
        })
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.count == 1 { "thread" } else { "threads" };
        writeln!(f, "{} {threads} of process {} at {}", self.count, self.pid, self.time)?;
        self.root.print(f, 0)?;
        if !self.tasks.is_empty() {
            writeln!(f, "\ntasks that wait")?;
            for task in &self.tasks {
                task.print(f, "  ")?;
                writeln!(f)?;
            }
        }
        if !self.own_threads.is_empty() {
            writeln!(f, "\nthe library's own threads")?;
            for thread in &self.own_threads {
                thread.print(f, "  ")?;
                writeln!(f)?;
            }
        }
        if !self.others.is_empty() {
            writeln!(f, "\nother threads, known only to the operating system")?;
            self.others.iter().try_for_each(|it| writeln!(f, "  {it}"))?;
        }
        self.faults.print(f)?;
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

/// The maximum number of objects that are named, if a thread waits for any of them. The data of a dump have all.
const NAMED: usize = 8;

impl ThreadDump {
    /// What the thread waits for, in words that can follow "waits for", and who holds that: `lock 'orders', held by 'clerk' #3`, or
    /// `any of: event 'ready'; the end of 'clerk', #3`. `None` if the thread is not blocked in this library.
    #[must_use]
    pub fn waits_for_what(&self) -> Option<String> {
        let first = self.waits_for.as_ref()?;
        let in_words = |it: &WaitDump| it.what() + &it.by_whom();
        if self.or_for.is_empty() {
            return Some(in_words(first));
        }
        let named = [first].into_iter().chain(&self.or_for).take(NAMED);
        let mut words = format!("any of: {}", named.map(in_words).collect::<Vec<_>>().join("; "));
        let rest = (self.or_for.len() + 1).saturating_sub(NAMED);
        if rest > 0 {
            words += &format!("; and {rest} more");
        }
        Some(words)
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        write!(f, "{indent}'{}' #{}", one_line(&self.name), self.ident)?;
        if let Some(native_id) = self.native_id {
            write!(f, " tid {native_id}")?;
        }
        if self.daemon {
            f.write_str(" daemon")?;
        }
        write!(f, ": {}", self.state)?;
        print_call(f, self.system_call.as_deref())?;
        let [in_state, age] = [self.seconds_in_state, self.age].map(|it| it.map(in_seconds));
        if let Some(in_state) = &in_state {
            write!(f, " for {in_state}")?;
        }
        // A thread that has been in its state from the beginning is as old as that.
        if let Some(age) = age.filter(|it| in_state.as_ref() != Some(it)) {
            write!(f, ", age {age}")?;
        }
        if let Some(cpu) = self.cpu {
            write!(f, ", cpu {}", in_seconds(cpu))?;
        }
        let Some(wait) = &self.waits_for else { return Ok(()) };
        let location = one_line(&wait.location);
        if let (false, Some(choices)) = (self.or_for.is_empty(), self.waits_for_what()) {
            return write!(f, "\n{indent}  waits for {choices}; at {location}");
        }
        let (what, by_whom) = (wait.what(), wait.by_whom());
        write!(f, "\n{indent}  waits for {what} at {location}{by_whom}")
    }
}

fn in_seconds(seconds: f64) -> String {
    format!("{seconds:.3} s")
}

/// The system call in which a thread waits, in words that continue its state.
fn print_call(f: &mut fmt::Formatter<'_>, call: Option<&str>) -> fmt::Result {
    call.map_or(Ok(()), |call| write!(f, " in {}", one_line(call)))
}

impl fmt::Display for OtherDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' tid {}", one_line(&self.name), self.native_id)?;
        if let Some(state) = self.state {
            write!(f, ": {state}")?;
        }
        print_call(f, self.system_call.as_deref())
    }
}

impl fmt::Display for TaskDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, "")
    }
}

impl TaskDump {
    fn print(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        let TaskDump { polled_by, polled_by_ident, waits_for } = self;
        let (name, what) = (one_line(polled_by), waits_for.what());
        let (seconds, location) = (waits_for.seconds, one_line(&waits_for.location));
        write!(
            f,
            "{indent}task, last polled by '{name}' #{polled_by_ident}, waiting for {seconds:.3} s\n\
             {indent}  waits for {what} at {location}{}",
            waits_for.by_whom()
        )
    }
}

impl FaultsDump {
    /// How many threads have panicked and failed, in words: `1 panic and 3 failures`, or `3 failures`.
    #[must_use]
    pub fn how_many(&self) -> String {
        let in_words = |count, one: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {one}s"),
        };
        let [panics, failures] =
            [in_words(self.panicked, "panic"), in_words(self.failed, "failure")];
        match (self.panicked, self.failed) {
            (_, 0) => panics,
            (0, _) => failures,
            _ => format!("{panics} and {failures}"),
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.recent.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nrecent faults (so far {})", self.how_many())?;
        self.recent.iter().try_for_each(|it| writeln!(f, "  {it}"))
    }
}

impl fmt::Display for FaultDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' #{}", one_line(&self.name), self.ident)?;
        if let Some(group) = &self.group {
            write!(f, " in group '{}'", one_line(group))?;
        }
        let (outcome, message) = (one_line(&self.outcome), one_line(&self.message));
        write!(f, " {outcome} {:.1} s ago: {message}", self.seconds_ago)?;
        self.location.as_ref().map_or(Ok(()), |it| write!(f, " ({})", one_line(it)))
    }
}
