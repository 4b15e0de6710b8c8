//! Texts that fit on the screen.

use ratatui::{style::Style, text::Span};

/// The text with its control characters escaped, so that it can neither break the line nor control the terminal.
pub(crate) fn one_line(text: &str) -> String {
    let escape = |it: char| match it.is_control() {
        true => it.escape_default().to_string(),
        false => it.to_string(),
    };
    text.chars().map(escape).collect()
}

/// The number of columns on the screen that a text takes.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// The text, or its beginning and a mark that there is more.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut beginning = String::new();
    let mut places = 1;
    for it in Span::raw(text).styled_graphemes(Style::new()) {
        places += width(it.symbol);
        if places > most {
            break;
        }
        beginning += it.symbol;
    }
    if most > 0 {
        beginning.push('…');
    }
    beginning
}

/// A text and the source line it is about, `lock 'orders', at src/shop.rs:12:5`, in so many columns. Of the path, the folders are left out
/// first, so that the file and the line stay; then the text is cut. On a very narrow screen the text stands alone.
pub(crate) fn with_place(text: &str, joint: &str, location: &str, most: usize) -> String {
    let whole = format!("{text}{joint}{location}");
    if width(&whole) <= most {
        return whole;
    }
    let room = most.saturating_sub(width(text) + width(joint));
    if let Some(place) = shorter(location).find(|it| width(it) <= room) {
        return format!("{text}{joint}{place}");
    }
    let least = shorter(location).last().unwrap_or_default();
    if width(&least) > most / 2 {
        return cut(text, most);
    }
    format!("{} {least}", cut(text, most - width(&least) - 1))
}

/// The source line without its column, then also without its first folders, at last without any: `src/shop.rs:12`, `…/shop.rs:12`, `shop.rs:12`.
fn shorter(location: &str) -> impl Iterator<Item = String> {
    let (line, _column) = location.rsplit_once(':').unwrap_or((location, ""));
    let separators = line.match_indices(['/', '\\']).map(|it| it.0);
    let file = line.rsplit(['/', '\\']).next().unwrap_or(line);
    let cut = separators.filter(|it| *it > 0).map(|it| format!("…{}", &line[it..]));
    std::iter::once(line.to_owned()).chain(cut).chain(std::iter::once(file.to_owned()))
}

/// A time in at most seven columns: `1.234 s`, `12.34 s`, `3m 07s`, `5h 20m`, `12d 3h`.
pub(crate) fn duration(seconds: f64) -> String {
    // Rounded down once, so that it never shows `60 s`.
    let whole = seconds.max(0.0) as u64;
    match whole {
        0..10 => format!("{:.3} s", (seconds.max(0.0) * 1e3).floor() / 1e3),
        10..60 => format!("{:.2} s", (seconds * 1e2).floor() / 1e2),
        60..3600 => format!("{}m {:02}s", whole / 60, whole % 60),
        3600..86400 => format!("{}h {:02}m", whole / 3600, whole / 60 % 60),
        _ => format!("{}d {}h", whole / 86400, whole / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, duration, one_line, width, with_place};

    #[test]
    fn a_text_is_cut_by_the_columns_that_it_takes() {
        assert_eq!(cut("orders", 6), "orders");
        assert_eq!(cut("orders", 5), "orde…");
        assert_eq!(cut("orders", 1), "…");
        assert_eq!(cut("orders", 0), "");
        assert_eq!(cut("größer", 4), "grö…");
        // Two columns each.
        assert_eq!(cut("猫猫猫", 6), "猫猫猫");
        assert_eq!(cut("猫猫猫", 5), "猫猫…");
        assert_eq!(cut("猫猫猫", 4), "猫…");
        assert!((0..9).all(|it| width(&cut("a猫e\u{301}猫b", it)) <= it));
    }

    #[test]
    fn the_file_and_the_line_stay_while_there_is_room_for_them() {
        let cut =
            |most| with_place("lock 'orders'", ", at ", "crates/shop/src/till.rs:120:5", most);
        for (most, expected) in [
            (47, "lock 'orders', at crates/shop/src/till.rs:120:5"),
            (46, "lock 'orders', at crates/shop/src/till.rs:120"),
            (45, "lock 'orders', at crates/shop/src/till.rs:120"),
            (44, "lock 'orders', at …/shop/src/till.rs:120"),
            (39, "lock 'orders', at …/src/till.rs:120"),
            (34, "lock 'orders', at …/till.rs:120"),
            (30, "lock 'orders', at till.rs:120"),
            (28, "lock 'orders' till.rs:120"),
            (25, "lock 'orders' till.rs:120"),
            (24, "lock 'order… till.rs:120"),
            (22, "lock 'ord… till.rs:120"),
            (21, "lock 'orders'"),
            (10, "lock 'ord…"),
            (0, ""),
        ] {
            assert_eq!(cut(most), expected);
        }
        assert_eq!(with_place("lock", ", at ", "odd", 9), "lock odd");
    }

    #[test]
    fn control_characters_are_written_as_in_source_code() {
        assert_eq!(one_line("a\n\u{1b}[31mb\t猫"), r"a\n\u{1b}[31mb\t猫");
    }

    #[test]
    fn times_take_at_most_seven_columns_and_are_never_rounded_up() {
        let times = [
            (-1.0, "0.000 s"),
            (0.0, "0.000 s"),
            (9.9999, "9.999 s"),
            (10.0, "10.00 s"),
            (59.999, "59.99 s"),
            (60.0, "1m 00s"),
            (3599.9, "59m 59s"),
            (3600.0, "1h 00m"),
            (86399.0, "23h 59m"),
            (86400.0 * 999.0 + 23.0 * 3600.0, "999d 23h"),
        ];
        for (seconds, text) in times {
            assert_eq!(duration(seconds), text);
        }
    }
}
