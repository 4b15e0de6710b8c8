//! The state of the table.

use std::collections::BTreeMap;

use threadwork::diagnostics::{Dump, GroupDump, ThreadDump};

use crate::source::LookError;

/// The state of the table: the newest dump of a program, and how the user wants to see it.
///
/// # Examples
///
/// ```
/// use threadwork_top::{App, Sort, Source};
///
/// let mut app = App::new("this process");
/// app.update(Source::Here.look());
/// app.next_sort();
/// assert_eq!(app.sort(), Sort::Name);
/// ```
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) source: String,
    /// The newest dump. It stays after the program is gone.
    pub(crate) dump: Option<Dump>,
    /// How much CPU each thread used between the last two looks, in percent, by the number of the thread.
    pub(crate) percents: BTreeMap<u64, f64>,
    /// The error of the last look, if it failed.
    pub(crate) trouble: Option<String>,
    pub(crate) sort: Sort,
    /// Whether the library's own threads are shown.
    pub(crate) shows_own: bool,
    /// How many rows are scrolled off above the screen, if there are that many.
    pub(crate) first: usize,
}

/// The order of the threads.
///
/// # Examples
///
/// ```
/// use threadwork_top::{App, Sort};
///
/// assert_eq!(App::new("").sort(), Sort::Tree);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sort {
    /// As a tree of their groups.
    Tree,
    /// By name.
    Name,
    /// By number.
    Ident,
    /// By the time in the current state, the longest first.
    Time,
    /// By current CPU usage, the highest first.
    Percent,
    /// By total CPU time, the highest first.
    Cpu,
}

impl App {
    /// Creates an empty table for a source with this name.
    #[must_use]
    pub fn new(source: impl Into<String>) -> App {
        App {
            source: source.into(),
            dump: None,
            percents: BTreeMap::new(),
            trouble: None,
            sort: Sort::Tree,
            shows_own: false,
            first: 0,
        }
    }

    /// Takes the result of a look. If the look failed, the last dump stays.
    pub fn update(&mut self, look: Result<Dump, LookError>) {
        match look {
            Ok(dump) => {
                let before = self.dump.as_ref().filter(|it| it.pid == dump.pid);
                self.percents = before.map(|it| percents(it, &dump)).unwrap_or_default();
                self.dump = Some(dump);
                self.trouble = None;
            }
            Err(error) => self.trouble = Some(error.to_string()),
        }
    }

    /// The order of the threads.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Changes to the next order, and scrolls to the first row.
    pub fn next_sort(&mut self) {
        self.sort = match self.sort {
            Sort::Tree => Sort::Name,
            Sort::Name => Sort::Ident,
            Sort::Ident => Sort::Time,
            Sort::Time => Sort::Percent,
            Sort::Percent => Sort::Cpu,
            Sort::Cpu => Sort::Tree,
        };
        self.first = 0;
    }

    /// Whether the library's own threads are shown, which serve timers, signals, dumps and watchdogs. They are hidden at first.
    #[must_use]
    pub fn shows_own_threads(&self) -> bool {
        self.shows_own
    }

    /// Shows or hides the library's own threads, below the program's.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut app = threadwork_top::App::new("this process");
    /// app.show_own_threads(true);
    /// assert!(app.shows_own_threads());
    /// ```
    pub fn show_own_threads(&mut self, shown: bool) {
        self.shows_own = shown;
    }

    /// Scrolls down by `rows`, or up if that is negative. A [`page`](crate::page) of rows fits on the screen; scrolling stops when the last row is at the bottom.
    pub fn scroll(&mut self, rows: isize, page: usize) {
        let most = self.rows().len().saturating_sub(page);
        self.first = self.first.min(most).saturating_add_signed(rows).min(most);
    }
}

/// The CPU usage of each thread in percent. The time between two looks is the difference of the thread's ages, which is more exact than the local clock.
fn percents(before: &Dump, now: &Dump) -> BTreeMap<u64, f64> {
    let before: BTreeMap<_, _> = everyone(before).map(|it| (it.ident, it)).collect();
    let percent = |it: &ThreadDump| {
        let before = before.get(&it.ident)?;
        let (time, used) = (it.age? - before.age?, it.cpu? - before.cpu?);
        (time > 0.0).then(|| (it.ident, (100.0 * used / time).max(0.0)))
    };
    everyone(now).filter_map(percent).collect()
}

/// The threads of the program and the library's own.
fn everyone(dump: &Dump) -> impl Iterator<Item = &ThreadDump> {
    threads(&dump.root).chain(&dump.own_threads)
}

/// All threads of a group and its descendants.
pub(crate) fn threads(group: &GroupDump) -> Box<dyn Iterator<Item = &ThreadDump> + '_> {
    Box::new(group.threads.iter().chain(group.groups.iter().flat_map(threads)))
}
