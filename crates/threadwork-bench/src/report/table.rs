//! Tables in Markdown.

use std::fmt;

use crate::contest::Row;

/// A table: its first columns are text, all others are numbers.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<String>,
    /// How many columns are text.
    texts: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Creates a table without rows.
    pub(crate) fn new<const N: usize>(texts: usize, head: [&str; N]) -> Table {
        Table { head: head.map(str::to_owned).into(), texts, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: Vec<String>) {
        assert_eq!(row.len(), self.head.len(), "a row has as many cells as the head");
        self.rows.push(row);
    }

    /// Creates a table of comparisons.
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Table {
        let mut table =
            Table::new(2, ["operation", "rival", "ours", "rival's", "ratio", "range", "bound"]);
        for row in rows {
            let [ours, theirs] = row.seconds.map(time);
            let ratio = &row.ratio;
            let mark = if row.is_held() { "" } else { " **missed**" };
            let bound =
                if row.bound.is_finite() { format!("{}{mark}", row.bound) } else { String::new() };
            table.add(vec![
                row.what.clone(),
                row.rival.clone(),
                ours,
                theirs,
                format!("**{}**", number(ratio.median)),
                format!("{} to {}", number(ratio.low), number(ratio.high)),
                bound,
            ]);
        }
        table
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        let numbers = self.head.len() - self.texts;
        writeln!(f, "|{}{}", "---|".repeat(self.texts), "---:|".repeat(numbers))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// Shows a number with three digits.
pub(crate) fn number(number: f64) -> String {
    match number {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Shows a time with three digits and its unit.
pub(crate) fn time(seconds: f64) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")];
    let (unit, name) = units.into_iter().find(|it| seconds >= it.0).unwrap_or((1e-9, "ns"));
    format!("{} {name}", number(seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        assert_eq!(time(0.25e-9), "0.25 ns");
        assert_eq!(time(12.34e-9), "12.3 ns");
        assert_eq!(time(1e-6), "1.00 µs");
        assert_eq!(time(0.1234), "123 ms");
        assert_eq!(time(2.0), "2.00 s");
    }
}
