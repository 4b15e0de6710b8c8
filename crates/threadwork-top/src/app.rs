//! What is known of a program, and how the user wants to see it.

use std::collections::BTreeMap;

use threadwork::diagnostics::{Dump, GroupDump, ThreadDump};

use crate::source::LookError;

/// What is known of a program, and how the user wants to see it.
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
    /// The newest; also after the program is gone.
    pub(crate) dump: Option<Dump>,
    /// How much of a processor each thread has used between the last two looks, by their numbers.
    pub(crate) percents: BTreeMap<u64, f64>,
    /// Why the last look gave nothing.
    pub(crate) trouble: Option<String>,
    pub(crate) sort: Sort,
    /// How many rows are above the screen, if there are enough of them.
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
    /// In the tree of their groups.
    Tree,
    /// By their names.
    Name,
    /// By their numbers.
    Ident,
    /// The longest in its state first.
    Time,
    /// What uses the processor most, first.
    Percent,
    /// What has used the processor most, first.
    Cpu,
}

impl App {
    /// Nothing is known yet of what is called that.
    #[must_use]
    pub fn new(source: impl Into<String>) -> App {
        App {
            source: source.into(),
            dump: None,
            percents: BTreeMap::new(),
            trouble: None,
            sort: Sort::Tree,
            first: 0,
        }
    }

    /// Takes in what a look at the program gave. What was known stays where it gave nothing.
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

    /// Goes on to the next order, and to the first row.
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

    /// Goes down by so many rows, up if they are less than zero. A [`page`](crate::page) of rows is on the screen; the last of them stays at its foot.
    pub fn scroll(&mut self, rows: isize, page: usize) {
        let most = self.rows().len().saturating_sub(page);
        self.first = self.first.min(most).saturating_add_signed(rows).min(most);
    }
}

/// What each thread has used of a processor. A thread's age says how much time there was between the looks, better than our own clock.
fn percents(before: &Dump, now: &Dump) -> BTreeMap<u64, f64> {
    let before: BTreeMap<_, _> = threads(&before.root).map(|it| (it.ident, it)).collect();
    let percent = |it: &ThreadDump| {
        let before = before.get(&it.ident)?;
        let (time, used) = (it.age? - before.age?, it.cpu? - before.cpu?);
        (time > 0.0).then(|| (it.ident, (100.0 * used / time).max(0.0)))
    };
    threads(&now.root).filter_map(percent).collect()
}

/// All threads of a group and below.
pub(crate) fn threads(group: &GroupDump) -> Box<dyn Iterator<Item = &ThreadDump> + '_> {
    Box::new(group.threads.iter().chain(group.groups.iter().flat_map(threads)))
}
