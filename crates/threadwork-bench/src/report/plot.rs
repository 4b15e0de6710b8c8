//! Plots as SVG files, each for light and for dark pages.

use std::{error::Error, fs, ops::Range, path::Path};

use plotters::prelude::*;

use crate::{
    contest::Row,
    report::table::{number, time},
};

/// The colors of a page.
struct Theme {
    name: &'static str,
    text: RGBColor,
    grid: RGBColor,
    lines: [RGBColor; 6],
}

const THEMES: [Theme; 2] = [
    Theme {
        name: "light",
        text: RGBColor(0x1f, 0x23, 0x28),
        grid: RGBColor(0xd1, 0xd9, 0xe0),
        lines: [
            RGBColor(0x09, 0x69, 0xda),
            RGBColor(0xbc, 0x4c, 0x00),
            RGBColor(0x1a, 0x7f, 0x37),
            RGBColor(0x82, 0x50, 0xdf),
            RGBColor(0xbf, 0x39, 0x89),
            RGBColor(0x59, 0x63, 0x6e),
        ],
    },
    Theme {
        name: "dark",
        text: RGBColor(0xf0, 0xf6, 0xfc),
        grid: RGBColor(0x3d, 0x44, 0x4d),
        lines: [
            RGBColor(0x58, 0xa6, 0xff),
            RGBColor(0xff, 0xa6, 0x57),
            RGBColor(0x56, 0xd3, 0x64),
            RGBColor(0xd2, 0xa8, 0xff),
            RGBColor(0xff, 0x9b, 0xce),
            RGBColor(0x91, 0x98, 0xa1),
        ],
    },
];

/// A line of a plot.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Draws lines over a number of threads or timers; the values are seconds. Both axes are logarithmic.
pub(crate) fn draw_times(
    folder: &Path,
    name: &str,
    [across, up]: [&str; 2],
    lines: &[Line],
) -> Result<String, Box<dyn Error>> {
    let of = |pick: fn(&(f64, f64)) -> f64| {
        let values = lines.iter().flat_map(|it| &it.points).map(pick);
        let (low, high) =
            values.fold((f64::MAX, f64::MIN), |(low, high), it| (low.min(it), high.max(it)));
        low / 1.3..high * 1.3
    };
    let (x, y) = (of(|it| it.0), of(|it| it.1));
    // The names of the lines stand above them.
    let y = y.start..y.end * (y.end / y.start).powf(0.5);
    draw(folder, name, (820, 420), |area, theme| {
        let text = |size| ("sans-serif", size).into_font().color(&theme.text);
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(46)
            .y_label_area_size(78)
            .build_cartesian_2d(x.clone().log_scale(), y.clone().log_scale())?;
        chart
            .configure_mesh()
            .axis_style(theme.grid)
            .bold_line_style(theme.grid)
            .light_line_style(TRANSPARENT)
            .label_style(text(13))
            .axis_desc_style(text(14))
            .x_desc(across)
            .y_desc(up)
            .x_label_formatter(&|it| count(*it))
            .y_label_formatter(&|it| time(*it))
            .draw()?;
        for (line, color) in lines.iter().zip(theme.lines.iter().cycle()) {
            let style = color.stroke_width(2);
            let points = line.points.iter().copied();
            chart
                .draw_series(LineSeries::new(points.clone(), style))?
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
            chart.draw_series(points.map(|it| Circle::new(it, 3, color.filled())))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(text(13))
            .border_style(theme.grid)
            .draw()?;
        Ok(())
    })
}

/// Draws the ratio of each comparison as a dot, with its range.
pub(crate) fn draw_ratios(
    folder: &Path,
    name: &str,
    rows: &[&Row],
) -> Result<String, Box<dyn Error>> {
    const LEAST: f64 = 0.1;
    const MOST: f64 = 4.0;
    let count = rows.len();
    let height = 22 * u32::try_from(count)? + 80;
    draw(folder, name, (900, height), |area, theme| {
        let text = |size| ("sans-serif", size).into_font().color(&theme.text);
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(400)
            .build_cartesian_2d((LEAST..MOST).log_scale(), places(count))?;
        let label = |place: &f64| {
            let row =
                (*place >= 0.0).then(|| rows.get((count as f64 - 1.0 - *place).round() as usize));
            row.flatten().map_or(String::new(), |it| format!("{} / {}", it.what, it.rival))
        };
        chart
            .configure_mesh()
            .axis_style(theme.grid)
            .bold_line_style(theme.grid)
            .light_line_style(TRANSPARENT)
            .disable_y_mesh()
            .label_style(text(13))
            .axis_desc_style(text(14))
            .y_labels(count)
            .x_desc("our time / the rival's time (left of 1: ours is faster)")
            .x_label_formatter(&|it| number(*it))
            .y_label_formatter(&label)
            .draw()?;
        let one = [(1.0, -0.5), (1.0, count as f64 - 0.5)];
        chart.draw_series([PathElement::new(one, theme.text.stroke_width(1))])?;
        for (row, place) in rows.iter().zip((0..count).rev()) {
            let place = place as f64;
            let color = if row.ratio.median <= 1.0 { theme.lines[0] } else { theme.lines[1] };
            let [low, median, high] =
                [row.ratio.low, row.ratio.median, row.ratio.high].map(|it| it.clamp(LEAST, MOST));
            let range = [(low, place), (high, place)];
            chart.draw_series([PathElement::new(range, color.stroke_width(2))])?;
            chart.draw_series([Circle::new((median, place), 4, color.filled())])?;
        }
        Ok(())
    })
}

/// One place for each row, from the bottom up.
fn places(count: usize) -> Range<f64> {
    -0.5..count as f64 - 0.5
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Draws a plot for each theme. Returns the lines of a page that show it.
fn draw(
    folder: &Path,
    name: &str,
    size: (u32, u32),
    plot: impl Fn(&Area<'_>, &Theme) -> Result<(), Box<dyn Error>>,
) -> Result<String, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for theme in &THEMES {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            plot(&area, theme)?;
            area.present()?;
        }
        fs::write(folder.join(format!("{name}-{}.svg", theme.name)), svg)?;
    }
    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!(
        "<picture>\n<source media=\"(prefers-color-scheme: dark)\" srcset=\"{folder}/{name}-dark.svg\">\n\
        <img alt=\"{name}\" src=\"{folder}/{name}-light.svg\">\n</picture>\n"
    ))
}

/// Shows a whole number with commas.
pub(crate) fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let length = digits.len();
    let comma = |place: usize| place > 0 && (length - place).is_multiple_of(3);
    digits
        .chars()
        .enumerate()
        .flat_map(|(place, it)| comma(place).then_some(',').into_iter().chain([it]))
        .collect()
}
