//! Small screens.

use ratatui::layout::Size;
use threadwork_top::App;

use crate::{
    dumps::{app, gone, shop},
    screen::screen,
};

#[test]
fn every_size_is_drawn() {
    let mut gone_app = app(shop());
    gone_app.update(gone());
    for width in (0..40).chain([80, 1000]) {
        for height in (0..12).chain([100]) {
            for app in [&app(shop()), &gone_app, &App::new("a program")] {
                let lines = screen(app, Size::new(width.max(1), height.max(1)));
                assert_eq!(lines.len(), usize::from(height.max(1)));
            }
        }
    }
}

#[test]
fn a_very_narrow_screen_shows_names_and_waits() {
    let lines = screen(&app(shop()), Size::new(30, 24));
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["NAME", "WAITS", "FOR"]);
    assert!(
        lines.iter().any(|it| it.starts_with("    ann") && it.contains("lock 'ord… shop.rs:12")),
        "{lines:#?}"
    );
}
