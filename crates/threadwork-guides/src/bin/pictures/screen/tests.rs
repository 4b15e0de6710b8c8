use ratatui::{layout::Rect, style::Style};

use super::*;

#[test]
fn text_keeps_its_place_and_its_color() {
    let mut screen = Buffer::empty(Rect::new(0, 0, 12, 2));
    screen.set_string(2, 0, "a < b", Style::new().red().bold());
    screen.set_string(0, 1, "NAME", Style::new().reversed());
    let svg = DARK.draw(&screen);
    // The text of a title has the color of the background.
    let title = format!("fill=\"{}\">NAME</text>", DARK.back);
    assert!(svg.contains(&title) && svg.contains("width=\"33.6\""), "{svg}");
    let text = format!("fill=\"{}\" font-weight=\"bold\">a &lt; b</text>", DARK.red);
    assert!(svg.contains(&text) && svg.contains("x=\"28.8\" y=\"26.0\""), "{svg}");
    assert_eq!(svg.matches("<text").count(), 2, "{svg}");
    assert!(LIGHT.draw(&screen).contains(LIGHT.red), "{svg}");
}
