//! The columns of the table that fit on the screen.

use std::ops::RangeInclusive;

use crate::{
    app::Sort,
    rows::Row,
    text::{cut, width},
};

/// The least width of the column of waits; other columns are left out for it. In the narrowest a lock and a source line can be recognized, in
/// the widest most waits are complete.
const LEAST_FOR_WAITS: RangeInclusive<usize> = 24..=48;

/// The width of most times.
const TIME: usize = 7;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Name,
    Ident,
    NativeId,
    State,
    Time,
    Percent,
    Cpu,
    WaitsFor,
}

use Column::{Cpu, Ident, Name, NativeId, Percent, State, Time, WaitsFor};

/// From left to right.
const ALL: [Column; 8] = [Name, Ident, NativeId, State, Time, Percent, Cpu, WaitsFor];

/// The columns that may be left out, the least important first.
const DISPENSABLE: [Column; 6] = [NativeId, Cpu, Percent, Time, Ident, State];

impl Column {
    /// The columns that fit on a screen of that width, with their widths; columns are one space apart.
    pub(crate) fn layout(rows: &[Row<'_>], screen: usize) -> Vec<(Column, usize)> {
        let mut columns = ALL.to_vec();
        let least = (screen * 2 / 5).clamp(*LEAST_FOR_WAITS.start(), *LEAST_FOR_WAITS.end());
        let mut missed = DISPENSABLE.into_iter();
        loop {
            let widths = columns.iter().map(|it| match it {
                WaitsFor => 0,
                Name => it.width(rows).clamp(8, (screen / 4).max(8)),
                _ => it.width(rows),
            });
            let mut layout: Vec<_> = columns.iter().copied().zip(widths).collect();
            let taken: usize = layout.iter().map(|(_, width)| width + 1).sum();
            let rest = (screen + 1).saturating_sub(taken);
            if rest >= least || columns.len() == 2 {
                layout.last_mut().expect("there are columns").1 = rest;
                return layout;
            }
            let left_out = missed.next();
            columns.retain(|it| Some(*it) != left_out);
        }
    }

    /// The width of the widest cell, and of the title with the mark of the order. Times have a fixed least width, so that their changes do not move other columns.
    fn width(self, rows: &[Row<'_>]) -> usize {
        let cells = rows.iter().map(|it| width(&self.text(it)));
        let least = if matches!(self, Time | Cpu) { TIME } else { width(self.title()) + 1 };
        cells.max().unwrap_or(0).max(least)
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Name => "NAME",
            Ident => "#",
            NativeId => "TID",
            State => "STATE",
            Time => "FOR",
            Percent => "CPU %",
            Cpu => "CPU",
            WaitsFor => "WAITS FOR",
        }
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Ident | NativeId | Time | Percent | Cpu)
    }

    /// Whether `sort` is the order by this column.
    pub(crate) fn is_sorted(self, sort: Sort) -> bool {
        match self {
            Name => sort == Sort::Name,
            Ident => sort == Sort::Ident,
            Time => sort == Sort::Time,
            Percent => sort == Sort::Percent,
            Cpu => sort == Sort::Cpu,
            NativeId | State | WaitsFor => false,
        }
    }

    fn text(self, row: &Row<'_>) -> String {
        match self {
            Name => row.indented_name(),
            Ident => row.ident(),
            NativeId => row.native_id(),
            State => row.state(),
            Time => row.time_in_state(),
            Percent => row.percent(),
            Cpu => row.cpu(),
            WaitsFor => row.waits_for(usize::MAX),
        }
    }

    /// The text of a row, cut to that width.
    pub(crate) fn cell(self, row: &Row<'_>, width: usize) -> String {
        match self {
            WaitsFor => row.waits_for(width),
            _ => cut(&self.text(row), width),
        }
    }
}
