//! The rows of the table.

use std::cmp::Ordering;

use threadwork::diagnostics::{Dump, GroupDump, OtherDump, StateDump, TaskDump, ThreadDump};

use crate::{
    app::{App, Sort, threads},
    text::{cut, duration, one_line, with_place},
};

/// One row of the table.
pub(crate) struct Row<'a> {
    /// The depth of its indentation.
    pub(crate) depth: usize,
    pub(crate) name: String,
    pub(crate) what: What<'a>,
}

pub(crate) enum What<'a> {
    /// The name of a group, above its threads.
    Group,
    /// A thread, and its CPU usage in percent.
    Thread(&'a ThreadDump, Option<f64>),
    /// A waiting task of an async program.
    Task(&'a TaskDump),
    /// A thread that only the operating system knows.
    Other(&'a OtherDump),
}

impl App {
    /// All rows in the current order, also those outside the screen.
    pub(crate) fn rows(&self) -> Vec<Row<'_>> {
        let Some(dump) = &self.dump else { return Vec::new() };
        let mut rows = Vec::new();
        if self.sort == Sort::Tree {
            self.add_group(&dump.root, 0, &mut rows);
        } else {
            let mut all: Vec<_> = threads(&dump.root).collect();
            all.sort_by(|a, b| self.compare(a, b).then(a.ident.cmp(&b.ident)));
            rows.extend(all.into_iter().map(|it| self.thread(it, 0)));
        }
        add_tasks(dump, &mut rows);
        self.add_own(dump, &mut rows);
        add_others(dump, &mut rows);
        rows
    }

    /// Adds the library's own threads, if they are to be shown.
    fn add_own<'a>(&self, dump: &'a Dump, rows: &mut Vec<Row<'a>>) {
        if self.shows_own && !dump.own_threads.is_empty() {
            rows.push(title("own threads"));
            rows.extend(dump.own_threads.iter().map(|it| self.thread(it, 1)));
        }
    }

    fn add_group<'a>(&self, group: &'a GroupDump, depth: usize, rows: &mut Vec<Row<'a>>) {
        rows.extend(group.threads.iter().map(|it| self.thread(it, depth)));
        for below in &group.groups {
            let full = below.name.as_deref().unwrap_or_default();
            // The names of the ancestors are shown above it.
            let short =
                group.name.as_deref().and_then(|it| full.strip_prefix(it)?.strip_prefix('/'));
            let name = one_line(short.unwrap_or(full));
            rows.push(Row { depth, name, what: What::Group });
            self.add_group(below, depth + 1, rows);
        }
    }

    fn thread<'a>(&self, thread: &'a ThreadDump, depth: usize) -> Row<'a> {
        let percent = self.percents.get(&thread.ident).copied();
        Row { depth, name: one_line(&thread.name), what: What::Thread(thread, percent) }
    }

    fn compare(&self, a: &ThreadDump, b: &ThreadDump) -> Ordering {
        let greatest = |of: &dyn Fn(&ThreadDump) -> Option<f64>| {
            let [a, b] = [a, b].map(|it| of(it).unwrap_or(-1.0));
            b.total_cmp(&a)
        };
        match self.sort {
            Sort::Tree | Sort::Ident => Ordering::Equal,
            Sort::Name => a.name.cmp(&b.name),
            Sort::Time => greatest(&|it| it.seconds_in_state),
            Sort::Percent => greatest(&|it| self.percents.get(&it.ident).copied()),
            Sort::Cpu => greatest(&|it| it.cpu),
        }
    }
}

/// The row above some others that are no group of threads.
fn title<'a>(name: &str) -> Row<'a> {
    Row { depth: 0, name: name.to_owned(), what: What::Group }
}

fn add_tasks<'a>(dump: &'a Dump, rows: &mut Vec<Row<'a>>) {
    if !dump.tasks.is_empty() {
        rows.push(title("tasks, by their last threads"));
    }
    rows.extend(dump.tasks.iter().map(|it| Row {
        depth: 1,
        name: one_line(&it.polled_by),
        what: What::Task(it),
    }));
}

fn add_others<'a>(dump: &'a Dump, rows: &mut Vec<Row<'a>>) {
    if !dump.others.is_empty() {
        rows.push(title("other threads"));
    }
    rows.extend(dump.others.iter().map(|it| Row {
        depth: 1,
        name: one_line(&it.name),
        what: What::Other(it),
    }));
}

impl Row<'_> {
    fn thread(&self) -> Option<&ThreadDump> {
        match self.what {
            What::Thread(thread, _) => Some(thread),
            What::Group | What::Task(_) | What::Other(_) => None,
        }
    }

    fn task(&self) -> Option<&TaskDump> {
        if let What::Task(task) = self.what { Some(task) } else { None }
    }

    pub(crate) fn indented_name(&self) -> String {
        let mark = if matches!(self.what, What::Group) { "▾ " } else { "" };
        format!("{}{mark}{}", "  ".repeat(self.depth), self.name)
    }

    pub(crate) fn ident(&self) -> String {
        self.thread().map(|it| format!("#{}", it.ident)).unwrap_or_default()
    }

    pub(crate) fn native_id(&self) -> String {
        let native_id = match self.what {
            What::Thread(thread, _) => thread.native_id,
            What::Other(other) => Some(other.native_id),
            What::Group | What::Task(_) => None,
        };
        native_id.map(|it| it.to_string()).unwrap_or_default()
    }

    /// One word. What a waiting thread waits for, here or elsewhere, stands in another column.
    pub(crate) fn state(&self) -> String {
        let state = match self.what {
            What::Thread(thread, _) => Some(thread.state),
            What::Task(_) => Some(StateDump::Waiting),
            What::Other(other) => other.state,
            What::Group => None,
        };
        match state {
            None => String::new(),
            Some(StateDump::WaitsElsewhere) => StateDump::Waiting.to_string(),
            Some(state) => state.to_string(),
        }
    }

    /// The system call in which the thread waits elsewhere, if it does; the inner `None` if that is not known.
    fn elsewhere(&self) -> Option<Option<&str>> {
        let (state, call) = match self.what {
            What::Thread(thread, _) => (Some(thread.state), &thread.system_call),
            What::Other(other) => (other.state, &other.system_call),
            What::Group | What::Task(_) => return None,
        };
        (state == Some(StateDump::WaitsElsewhere)).then_some(call.as_deref())
    }

    pub(crate) fn time_in_state(&self) -> String {
        let of_task = self.task().map(|it| it.waits_for.seconds);
        self.thread()
            .and_then(|it| it.seconds_in_state)
            .or(of_task)
            .map(duration)
            .unwrap_or_default()
    }

    pub(crate) fn percent(&self) -> String {
        match self.what {
            What::Thread(_, Some(percent)) => format!("{percent:.1}"),
            _ => String::new(),
        }
    }

    pub(crate) fn cpu(&self) -> String {
        self.thread().and_then(|it| it.cpu).map(duration).unwrap_or_default()
    }

    /// What the thread waits for and where, in so many columns.
    pub(crate) fn waits_for(&self, most: usize) -> String {
        if let Some(call) = self.elsewhere() {
            let call = call.map(|it| format!(", in {}", one_line(it))).unwrap_or_default();
            return cut(&format!("elsewhere{call}"), most);
        }
        let of_task = self.task().map(|it| &it.waits_for);
        let Some(wait) = self.thread().and_then(|it| it.waits_for.as_ref()).or(of_task) else {
            return String::new();
        };
        let (what, by_whom, location) = (wait.what(), wait.by_whom(), one_line(&wait.location));
        let choices = self.thread().filter(|it| !it.or_for.is_empty());
        if let Some(choices) = choices.and_then(ThreadDump::waits_for_what) {
            return with_place(&choices, "; at ", &location, most);
        }
        let by_whom = if wait.kind == "Join" { by_whom.trim_start_matches(',') } else { &by_whom };
        with_place(&format!("{what}{by_whom}"), ", at ", &location, most)
    }
}
