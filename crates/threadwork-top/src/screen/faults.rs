//! The last panics and failures, below the table.

use ratatui::{
    Frame,
    layout::Rect,
    style::{Color, Style},
    text::Line,
    widgets::{Block, Borders, Paragraph},
};
use threadwork::diagnostics::{FaultDump, FaultsDump};

use crate::{
    app::App,
    text::{cut, duration, one_line, with_place},
};

/// The most faults that are shown.
const MOST: u16 = 3;

/// A screen of fewer lines is left to the table.
const LEAST_HEIGHT: u16 = 12;

/// The number of lines for the faults on a screen of that height: a title and the latest, together at most a sixth of the screen.
pub(super) fn height(app: &App, screen: u16) -> u16 {
    let Some(faults) = faults(app).filter(|_| screen >= LEAST_HEIGHT) else { return 0 };
    let count = u16::try_from(faults.recent.len()).unwrap_or(MOST);
    1 + count.min(MOST).min(screen / 6 - 1)
}

fn faults(app: &App) -> Option<&FaultsDump> {
    app.dump.as_ref().map(|it| &it.faults).filter(|it| !it.recent.is_empty())
}

pub(super) fn render(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let Some(faults) = faults(app).filter(|_| area.height > 0) else { return };
    let title = cut(&format!(" so far {} ", faults.how_many()), area.width.into());
    let lines = faults.recent.iter().take(area.height.into());
    let lines: Vec<_> = lines.map(|it| Line::from(line(it, area.width.into()))).collect();
    let block = Block::new().borders(Borders::TOP).title(title);
    let color = Style::new().fg(Color::Yellow);
    frame.render_widget(Paragraph::new(lines).block(block).style(color), area);
}

/// Shorter than in a dump, in so many columns.
fn line(fault: &FaultDump, most: usize) -> String {
    let [name, outcome, message] =
        [&fault.name, &fault.outcome, &fault.message].map(|it| one_line(it));
    let ago = duration(fault.seconds_ago);
    let text = format!(" '{name}' #{} {outcome} {ago} ago: {message}", fault.ident);
    match &fault.location {
        Some(location) => with_place(&text, ", at ", &one_line(location), most),
        None => cut(&text, most),
    }
}
