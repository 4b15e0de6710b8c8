//! The live table on this terminal.

use std::{
    io,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers},
};
use threadwork::{
    ThreadHandle,
    diagnostics::{Dump, internal::helper},
    sleep,
};

use crate::{
    app::App,
    screen::{page, render},
    source::{LookError, Source},
};

/// The longest delay until a new dump is shown; keys are handled at once.
const TICK: Duration = Duration::from_millis(50);

type Look = Result<Dump, LookError>;

/// Shows the threads of the program on this terminal until the user quits. It reads a dump at each interval, also from a program that starts later or again.
///
/// # Errors
///
/// If the terminal cannot be read or written.
pub fn run(source: &Source, interval: Duration) -> io::Result<()> {
    run_app(App::new(source.to_string()), source, interval)
}

/// As [`run`], beginning with this table: the caller chooses how the threads are shown at first.
///
/// # Errors
///
/// If the terminal cannot be read or written.
pub fn run_app(app: App, source: &Source, interval: Duration) -> io::Result<()> {
    let (looker, looks) = start_looking(source.clone(), interval)?;
    let terminal = ratatui::try_init()?;
    let ended = show(terminal, app, &looks);
    let restored = ratatui::try_restore();
    looker.request_stop();
    ended.and(restored)
}

/// Looks from a thread of its own, so that keys are handled while the program does not answer.
fn start_looking(source: Source, interval: Duration) -> io::Result<(ThreadHandle, Receiver<Look>)> {
    let (sender, looks) = channel();
    let look = move || while sender.send(source.look()).is_ok() && sleep(interval).is_ok() {};
    let thread = helper("threadwork-top").build(look);
    thread.start().map_err(io::Error::other)?;
    Ok((thread.handle().clone(), looks))
}

fn show(mut terminal: DefaultTerminal, mut app: App, looks: &Receiver<Look>) -> io::Result<()> {
    loop {
        terminal.draw(|frame| render(frame, &app))?;
        // Waits until there is something new to draw.
        loop {
            let mut is_new = false;
            for look in looks.try_iter() {
                app.update(look);
                is_new = true;
            }
            if is_new {
                break;
            }
            if event::poll(TICK)? {
                if let Event::Key(key) = event::read()? {
                    let page = page(&app, terminal.size()?);
                    if !key.is_release() && !press(&mut app, key, page) {
                        return Ok(());
                    }
                }
                break;
            }
        }
    }
}

/// Handles a key; returns whether the table stays open.
fn press(app: &mut App, key: KeyEvent, page: usize) -> bool {
    let rows = page.max(1).cast_signed();
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => return false,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return false,
        KeyCode::Char('s') => app.next_sort(),
        KeyCode::Char('o') => app.show_own_threads(!app.shows_own_threads()),
        KeyCode::Up | KeyCode::Char('k') => app.scroll(-1, page),
        KeyCode::Down | KeyCode::Char('j') => app.scroll(1, page),
        KeyCode::PageUp => app.scroll(-rows, page),
        KeyCode::PageDown => app.scroll(rows, page),
        KeyCode::Home => app.scroll(isize::MIN, page),
        KeyCode::End => app.scroll(isize::MAX, page),
        _ => (),
    }
    true
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::press;
    use crate::app::{App, Sort};

    #[test]
    fn keys_quit_and_sort_and_show_the_librarys_own_threads() {
        let mut app = App::new("");
        let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
        assert!(!press(&mut app, plain(KeyCode::Char('q')), 5));
        assert!(!press(&mut app, plain(KeyCode::Esc), 5));
        assert!(press(&mut app, plain(KeyCode::Char('c')), 5));
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(!press(&mut app, interrupt, 5));
        let orders: Vec<_> = (0..6)
            .map(|_| {
                assert!(press(&mut app, plain(KeyCode::Char('s')), 5));
                app.sort()
            })
            .collect();
        let expected = [Sort::Name, Sort::Ident, Sort::Time, Sort::Percent, Sort::Cpu, Sort::Tree];
        assert_eq!(orders, expected);
        for shown in [true, false] {
            assert!(press(&mut app, plain(KeyCode::Char('o')), 5));
            assert_eq!(app.shows_own_threads(), shown);
        }
    }
}
