//! The last panics and failures, below the table.

use ratatui::{layout::Size, style::Color};
use threadwork_top::{App, page};

use crate::{
    dumps::{app, faults, program, runs, shop},
    screen::{draw, lines, screen},
};

const NARROW: Size = Size::new(60, 24);

/// A program with so many threads, and faults.
fn many(count: u64) -> App {
    let threads: Vec<_> = (1..=count).map(|it| runs(&format!("<{it}>"), it, 0.0)).collect();
    let mut program = program(&threads, &[]);
    program["faults"] = faults();
    app(program)
}

/// The last lines of a screen, above that of the keys.
fn bottom(app: &App, size: Size, count: usize) -> Vec<String> {
    let lines = screen(app, size);
    let end = lines.len() - 1;
    lines[end - count..end].iter().map(|it| it.trim_end().to_owned()).collect()
}

/// The line with the numbers, as wide as the screen.
fn title(size: Size) -> String {
    let title = " so far 1 panic and 1200 failures ";
    format!("{title}{}", "─".repeat(usize::from(size.width) - title.len()))
}

#[test]
fn at_60_columns_the_latest_faults_stand_below_the_table() {
    let expected = [
        &*title(NARROW),
        " 'reader' #21 failed 3.250 s ago: no such file",
        r" 'parser' #9 panicked 1m 12s ago: no number\nin… parser.rs:7",
        " 'reader' #20 failed 1m 30s ago: no such file",
    ];
    assert_eq!(bottom(&many(100), NARROW, 4), expected);
}

#[test]
fn at_120_columns_they_stand_above_the_deadlocks_with_the_whole_place_of_a_panic() {
    let mut shop = shop();
    shop["faults"] = faults();
    let app = app(shop);
    let size = Size::new(120, 24);
    let bottom = bottom(&app, size, 7);
    let expected = [
        &*title(size),
        " 'reader' #21 failed 3.250 s ago: no such file",
        r" 'parser' #9 panicked 1m 12s ago: no number\nin line 7, at crates/shop/src/parser.rs:7:5",
        " 'reader' #20 failed 1m 30s ago: no such file",
    ];
    assert_eq!(bottom[..4], expected);
    assert!(bottom[4].starts_with(" 1 deadlock "), "{bottom:#?}");
    let buffer = draw(&app, size);
    let yellow: Vec<_> = (0..24).filter(|it| buffer[(1, *it)].fg == Color::Yellow).collect();
    assert_eq!(yellow, [16, 17, 18, 19], "{:#?}", lines(&buffer));
}

#[test]
fn faults_leave_room_for_the_table() {
    let mut app = many(100);
    for (height, count) in [(100, 3), (24, 3), (23, 2), (18, 2), (17, 1), (12, 1)] {
        let size = Size::new(60, height);
        let bottom = bottom(&app, size, count + 1);
        assert_eq!(bottom[0], title(size), "{height}: {bottom:#?}");
        assert_eq!(page(&app, size), usize::from(height) - count - 4);
    }
    let low = Size::new(60, 11);
    assert!(!screen(&app, low).concat().contains("so far"));
    assert_eq!(page(&app, low), 8);
    // The last row is above the faults.
    app.scroll(isize::MAX, page(&app, NARROW));
    assert!(screen(&app, NARROW)[18].starts_with("  tokio"));
}

#[test]
fn without_faults_the_table_has_all_the_room() {
    let mut program = program(&[], &[]);
    for faults in
        [serde_json::Value::Null, serde_json::json!({ "panicked": 0, "failed": 0, "recent": [] })]
    {
        if !faults.is_null() {
            program["faults"] = faults;
        }
        let app = app(program.clone());
        assert_eq!(page(&app, NARROW), 21);
        assert!(!screen(&app, NARROW).concat().contains("so far"));
    }
}
