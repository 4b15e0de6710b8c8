//! Draws the screen.

use std::collections::BTreeSet;

use ratatui::{
    Frame,
    layout::{Alignment, Constraint, Layout, Rect, Size},
    style::{Color, Modifier, Style, Stylize},
    text::{Line, Text},
    widgets::{Block, Borders, Paragraph, Row as TableRow, Table},
};
use threadwork::diagnostics::{Deadlock, StateDump};

use crate::{
    app::{App, Sort},
    columns::Column,
    rows::{Row, What},
    text::{cut, one_line, width, with_place},
};

/// The keys, with the current order, on a wide and on a narrow screen.
const KEYS: [[&str; 2]; 2] = [
    [" q quit   ↑ ↓ PgUp PgDn scroll   s sort: ", "   o own threads"],
    [" q quit  ↑ ↓ scroll  s sort: ", "  o own"],
];

/// Draws the table on the whole screen, whatever its size.
///
/// # Examples
///
/// ```
/// use ratatui::{Terminal, backend::TestBackend};
/// use threadwork_top::{App, Source, render};
///
/// let mut app = App::new("this process");
/// app.update(Source::Here.look());
/// let mut terminal = Terminal::new(TestBackend::new(100, 20))?;
/// terminal.draw(|frame| render(frame, &app))?;
/// assert!(terminal.backend().to_string().contains("this process"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn render(frame: &mut Frame<'_>, app: &App) {
    let [title, table, deadlocks, foot] = areas(app, frame.area());
    frame.render_widget(Paragraph::new(title_line(app, title.width.into())), title);
    if app.dump.is_some() {
        render_table(frame, app, table);
    } else {
        render_nothing(frame, app, table);
    }
    render_deadlocks(frame, app, deadlocks);
    frame.render_widget(Paragraph::new(foot_line(app, table, foot.width.into())), foot);
}

/// The number of rows of the table that fit on a screen of that size.
#[must_use]
pub fn page(app: &App, screen: Size) -> usize {
    let [_, table, ..] = areas(app, Rect::from(((0, 0).into(), screen)));
    page_of(table)
}

/// The number of rows that fit into the area of the table, below its line of titles.
fn page_of(table: Rect) -> usize {
    usize::from(table.height.saturating_sub(1))
}

/// The areas of the title, the table, the deadlocks and the bottom line.
fn areas(app: &App, screen: Rect) -> [Rect; 4] {
    // With a border line, and at most a third of the screen.
    let lines = deadlock_lines(app, screen.width.into()).len();
    let most = (screen.height / 3).max(3);
    let height =
        if lines == 0 { 0 } else { u16::try_from(lines + 1).map_or(most, |it| it.min(most)) };
    let heights = [
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(height),
        Constraint::Length(1),
    ];
    Layout::vertical(heights).areas(screen)
}

fn title_line(app: &App, screen: usize) -> Line<'static> {
    let title = match &app.dump {
        None => format!(" threadwork-top   {}", app.source),
        Some(dump) => {
            let count = format!(" {} of process {}", count(app), dump.pid);
            let whole = format!("{count}   {}   {}", one_line(&dump.time), app.source);
            // The source is of more use than the time.
            if width(&whole) <= screen { whole } else { format!("{count}   {}", app.source) }
        }
    };
    let line = Line::from(cut(&title, screen)).bold();
    // The dump may be old.
    if app.trouble.is_some() { line.dim() } else { line }
}

/// The numbers of threads and tasks in the table, in words.
fn count(app: &App) -> String {
    let rows = app.rows();
    let count = |counts: fn(&What<'_>) -> bool| rows.iter().filter(|it| counts(&it.what)).count();
    let in_words = |count, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let threads = count(|it| matches!(it, What::Thread(..) | What::Other(_)));
    let threads = in_words(threads, "thread");
    match count(|it| matches!(it, What::Task(_))) {
        0 => threads,
        tasks => format!("{threads} and {}", in_words(tasks, "task")),
    }
}

fn render_nothing(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let looking = format!("looking at {} …", app.source);
    let text = match &app.trouble {
        None => Text::from(looking),
        Some(trouble) => {
            let trouble = Line::from(one_line(trouble)).yellow();
            Text::from(vec![Line::from(looking), trouble, Line::from("trying again")])
        }
    };
    let [_, middle, _] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(3), Constraint::Fill(1)])
            .areas(area);
    frame.render_widget(Paragraph::new(text).alignment(Alignment::Center), middle);
}

fn render_table(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let rows = app.rows();
    let columns = Column::layout(&rows, area.width.into());
    let stuck: BTreeSet<_> =
        deadlocks(app).iter().flat_map(|it| &it.edges).map(|it| it.waiter_ident).collect();
    let page = page_of(area);
    let first = app.first.min(rows.len().saturating_sub(page));
    let lines = rows.iter().skip(first).take(page).map(|row| {
        let cells = columns.iter().map(|(column, width)| align(*column, column.cell(row, *width)));
        TableRow::new(cells).style(style(row, &stuck))
    });
    let titles = columns.iter().map(|(column, width)| {
        let mark = if column.is_sorted(app.sort) { "▾" } else { "" };
        align(*column, cut(&format!("{}{mark}", column.title()), *width))
    });
    let widths = columns
        .iter()
        .map(|(_, width)| Constraint::Length(u16::try_from(*width).unwrap_or(u16::MAX)));
    let table = Table::new(lines, widths)
        .header(TableRow::new(titles).style(Modifier::REVERSED))
        .column_spacing(1);
    // The dump is old.
    let table = if app.trouble.is_some() { table.dim() } else { table };
    frame.render_widget(table, area);
}

fn align(column: Column, text: String) -> Text<'static> {
    let alignment = if column.is_number() { Alignment::Right } else { Alignment::Left };
    Text::from(text).alignment(alignment)
}

fn style(row: &Row<'_>, stuck: &BTreeSet<u64>) -> Style {
    match row.what {
        What::Group => Style::new().cyan().bold(),
        What::Other(_) => Style::new().dim(),
        What::Thread(thread, _) if stuck.contains(&thread.ident) => Style::new().red(),
        What::Thread(thread, _) if thread.state == StateDump::Running => Style::new().green(),
        What::Thread(..) | What::Task(_) => Style::new(),
    }
}

fn deadlocks(app: &App) -> &[Deadlock] {
    app.dump.as_ref().map_or(&[], |it| &it.deadlocks)
}

/// Shorter than in a dump, in so many columns.
fn deadlock_lines(app: &App, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, deadlock) in deadlocks(app).iter().enumerate() {
        for (place, edge) in deadlock.edges.iter().enumerate() {
            let before = place.checked_sub(1).map(|it| deadlock.edges[it].waiter_ident);
            let start = match before {
                None => format!("{}.", number + 1),
                Some(before) if before == edge.waiter_ident => "or".to_owned(),
                Some(_) => String::new(),
            };
            let [waiter, holder, location] =
                [&edge.waiter, &edge.holder, &edge.location].map(|it| one_line(it));
            let object = match &edge.object {
                Some(object) => format!("{} '{}'", edge.kind, one_line(object)),
                None => edge.kind.clone(),
            };
            let text = format!(
                " {start:<2} '{waiter}' #{} waits for {object} of '{holder}' #{}",
                edge.waiter_ident, edge.holder_ident
            );
            lines.push(with_place(&text, ", at ", &location, most));
        }
    }
    lines
}

fn render_deadlocks(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let count = deadlocks(app).len();
    if count == 0 {
        return;
    }
    let title = if count == 1 { " 1 deadlock ".to_owned() } else { format!(" {count} deadlocks ") };
    let all = deadlock_lines(app, area.width.into());
    let room = usize::from(area.height.saturating_sub(1));
    let mut lines: Vec<_> = all.iter().take(room).cloned().collect();
    if let Some(last) = lines.last_mut().filter(|_| all.len() > room) {
        *last = cut(&format!("    … and {} more lines", all.len() - room + 1), area.width.into());
    }
    let block = Block::new().borders(Borders::TOP).title(title);
    let text: Vec<_> = lines.into_iter().map(Line::from).collect();
    let color = Style::new().fg(Color::Red).bold();
    frame.render_widget(Paragraph::new(text).block(block).style(color), area);
}

fn foot_line(app: &App, table: Rect, screen: usize) -> Line<'static> {
    if let (Some(trouble), Some(_)) = (&app.trouble, &app.dump) {
        let text = format!(" the program is gone: {}; trying again   q quit", one_line(trouble));
        return Line::from(cut(&text, screen)).yellow().bold();
    }
    let order = match app.sort {
        Sort::Tree => "by group",
        Sort::Name => "by name",
        Sort::Ident => "by number",
        Sort::Time => "by time in state",
        Sort::Percent => "by CPU %",
        Sort::Cpu => "by CPU",
    };
    let (rows, page) = (app.rows().len(), page_of(table));
    let first = app.first.min(rows.saturating_sub(page));
    let last = (first + page).min(rows);
    let shown = if last - first < rows {
        format!("{}-{last} of {rows} ", first + 1)
    } else {
        String::new()
    };
    let [wide, narrow] = KEYS.map(|[before, after]| format!("{before}{order}{after}"));
    let keys = if width(&wide) + width(&shown) + 2 <= screen { wide } else { narrow };
    let between = screen.saturating_sub(width(&keys) + width(&shown));
    Line::from(cut(&format!("{keys}{}{shown}", " ".repeat(between)), screen)).dim()
}
