//! Draws the screen of a terminal as SVG.

use std::fmt::Write;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

/// The size of a cell, in pixels.
const CELL: (f64, f64) = (8.4, 19.0);
const MARGIN: f64 = 12.0;

/// The colors of a terminal.
pub(crate) struct Palette {
    back: &'static str,
    text: &'static str,
    red: &'static str,
    green: &'static str,
    yellow: &'static str,
    cyan: &'static str,
}

pub(crate) const DARK: Palette = Palette {
    back: "#14181c",
    text: "#d8dee4",
    red: "#ff7b72",
    green: "#56d364",
    yellow: "#e3b341",
    cyan: "#56d4dd",
};

pub(crate) const LIGHT: Palette = Palette {
    back: "#ffffff",
    text: "#24292f",
    red: "#cf222e",
    green: "#116329",
    yellow: "#7d4e00",
    cyan: "#1b7c83",
};

impl Palette {
    /// Returns a picture of the screen.
    pub(crate) fn draw(&self, screen: &Buffer) -> String {
        let (columns, lines) = (screen.area.width, screen.area.height);
        let width = f64::from(columns).mul_add(CELL.0, 2.0 * MARGIN);
        let height = f64::from(lines).mul_add(CELL.1, 2.0 * MARGIN);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
             font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n\
             <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\" stroke=\"{}\" stroke-opacity=\"0.3\"/>\n",
            self.back, self.text
        );
        for (line, cells) in (0_u16..).zip(screen.content.chunks(columns.into())) {
            let mut column = 0;
            for same in cells.chunk_by(|a, b| a.style() == b.style()) {
                self.draw_cells(&mut svg, line, column, same);
                column += u16::try_from(same.len()).unwrap_or(u16::MAX);
            }
        }
        svg + "</svg>\n"
    }

    /// Draws cells of one style, which are side by side. All characters are one column wide.
    fn draw_cells(&self, svg: &mut String, line: u16, column: u16, cells: &[Cell]) {
        let style = cells[0].style();
        let has = |modifier| style.add_modifier.contains(modifier);
        let (x, top) = (MARGIN + f64::from(column) * CELL.0, MARGIN + f64::from(line) * CELL.1);
        let mut color = self.color(style.fg.unwrap_or_default());
        if has(Modifier::REVERSED) {
            let width = cells.len() as f64 * CELL.0;
            let height = CELL.1;
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{color}\"/>"
            );
            color = self.back;
        }
        let text: String = cells.iter().map(Cell::symbol).collect();
        // Spaces have no color.
        let rest = text.trim_start_matches(' ');
        let x = x + (text.len() - rest.len()) as f64 * CELL.0;
        let text = rest.trim_end_matches(' ');
        if text.is_empty() {
            return;
        }
        let weight = if has(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
        let opacity = if has(Modifier::DIM) { " opacity=\"0.65\"" } else { "" };
        // Whatever the font of the reader is, the columns stay where they are.
        let width = text.chars().count() as f64 * CELL.0;
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"{color}\"{weight}{opacity}>{}</text>",
            top + 14.0,
            escaped(text)
        );
    }

    fn color(&self, color: Color) -> &'static str {
        match color {
            Color::Red => self.red,
            Color::Green => self.green,
            Color::Yellow => self.yellow,
            Color::Cyan => self.cyan,
            _ => self.text,
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
