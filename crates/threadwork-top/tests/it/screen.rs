//! The contents of screens of two sizes.

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Size, style::Color};
use threadwork_top::{App, Sort, page, render};

use crate::dumps::{app, deadlock, dump, gone, group, program, runs, shop, waits};

const SIZES: [Size; 2] = [Size::new(80, 24), Size::new(160, 50)];

pub(crate) fn draw(app: &App, size: Size) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| render(frame, app)).unwrap();
    terminal.backend().buffer().clone()
}

pub(crate) fn lines(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let line = |cells: &[ratatui::buffer::Cell]| cells.iter().map(|it| it.symbol()).collect();
    buffer.content.chunks(width).map(line).collect()
}

pub(crate) fn screen(app: &App, size: Size) -> Vec<String> {
    lines(&draw(app, size))
}

#[track_caller]
fn line<'a>(lines: &'a [String], part: &str) -> &'a str {
    let found = lines.iter().find(|it| it.contains(part));
    found.unwrap_or_else(|| panic!("no {part:?} in\n{}", lines.join("\n")))
}

/// The column at which a part of a line begins; all characters before it must be one column wide.
#[track_caller]
fn place(line: &str, part: &str) -> usize {
    let byte = line.find(part).unwrap_or_else(|| panic!("no {part:?} in {line:?}"));
    line[..byte].chars().count()
}

fn end(line: &str, part: &str) -> usize {
    place(line, part) + part.chars().count()
}

#[test]
fn a_shop_on_a_wide_screen_looks_like_this() {
    let lines = screen(&app(shop()), SIZES[1]);
    let top: Vec<_> = lines[..12].iter().map(|it| it.trim_end()).collect();
    let expected = [
        " 7 threads of process 4711   Sun Aug 13 19:14:26 2006   unix:/run/shop",
        "NAME                                      #   TID STATE       FOR  CPU %     CPU WAITS FOR",
        "MainThread                               #1 70001 running 10.00 s        9.500 s",
        "reader                                   #6 70006 waiting                0.125 s elsewhere, in recvfrom",
        "▾ shop",
        "  ▾ clerks",
        "    ann                                  #2 70002 waiting 10.00 s        0.000 s lock 'orders', held by 'bob' #3, at src/shop.rs:12:5",
        "    bob                                  #3 70003 waiting 10.00 s        0.000 s lock 'stock', held by 'ann' #2, at src/shop.rs:12:5",
        "    a clerk whose name is longer than t… #4 70004 waiting 10.00 s        0.000 s lock 'till', held by 'bob' #3, at src/shop.rs:12:5",
        r"    猫  größer\u{1b}[31m                  #5 70005 running 10.00 s        0.250 s",
        "▾ other threads",
        "  tokio                                     99999 waiting                        elsewhere, in epoll_wait",
    ];
    assert_eq!(top, expected, "\n{}", lines.join("\n"));
}

#[test]
fn at_60_columns_the_state_and_the_file_and_line_are_there() {
    let lines = screen(&app(shop()), Size::new(60, 24));
    let expected = [
        " 7 threads of process 4711   unix:/run/shop",
        "NAME             # STATE       FOR WAITS FOR",
        "MainThread      #1 running 10.00 s",
        "reader          #6 waiting         elsewhere, in recvfrom",
        "▾ shop",
        "  ▾ clerks",
        "    ann         #2 waiting 10.00 s lock 'orders'… shop.rs:12",
        "    bob         #3 waiting 10.00 s lock 'stock',… shop.rs:12",
        "    a clerk wh… #4 waiting 10.00 s lock 'till', … shop.rs:12",
        r"    猫  größer\… #5 running 10.00 s",
        "▾ other threads",
        "  tokio            waiting         elsewhere, in epoll_wait",
    ];
    let top: Vec<_> = lines[..12].iter().map(|it| it.trim_end()).collect();
    assert_eq!(top, expected, "\n{}", lines.join("\n"));
    let [.., ann, bob, keys] = &lines[..] else { unreachable!() };
    let stuck = [ann, bob].map(|it| it.trim_end());
    let expected = [
        " 1. 'ann' #2 waits for Lock 'orders' of 'bob' #3 shop.rs:12",
        "    'bob' #3 waits for Lock 'stock' of 'ann' #2 shop.rs:12",
    ];
    assert_eq!(stuck, expected);
    assert_eq!(keys.trim_end(), " q quit  ↑ ↓ scroll  s sort: by group  o own");
}

#[test]
fn at_120_columns_the_folders_of_a_long_path_are_cut() {
    let mut shop = shop();
    let clerk = &mut shop["root"]["groups"][0]["groups"][0]["threads"][0];
    clerk["waits_for"]["location"] = "crates/shop/src/counters/first/till.rs:120:17".into();
    let lines = screen(&app(shop), Size::new(120, 24));
    let ann = line(&lines, "  ann ").trim_end();
    assert!(ann.ends_with(" lock 'orders', held by 'bob' #3, at …/till.rs:120"), "{ann}");
}

#[test]
fn the_count_is_that_of_the_rows_and_the_librarys_own_threads_are_hidden_at_first() {
    for size in SIZES {
        let mut shop = shop();
        let task = shop["root"]["groups"][0]["groups"][0]["threads"][0]["waits_for"].clone();
        shop["tasks"] =
            serde_json::json!([{ "polled_by": "worker", "polled_by_ident": 9, "waits_for": task }]);
        let mut app = app(shop);
        let lines = screen(&app, size);
        line(&lines, " 7 threads and 1 task of process 4711 ");
        assert!(!lines.concat().contains("threadwork-sign"), "{lines:#?}");
        app.show_own_threads(true);
        for sort in 0..6 {
            let lines = screen(&app, size);
            line(&lines, " 8 threads and 1 task of process 4711 ");
            let title = lines.iter().position(|it| it.starts_with("▾ own threads")).unwrap();
            assert!(lines[title + 1].starts_with("  threadwork-sign"), "{sort}: {lines:#?}");
            assert!(lines[title + 2].starts_with("▾ other threads"), "{sort}: {lines:#?}");
            app.next_sort();
        }
    }
}

#[test]
fn columns_stand_below_their_titles_on_screens_of_both_sizes() {
    for size in SIZES {
        let app = app(shop());
        let lines = screen(&app, size);
        let titles = line(&lines, "NAME");
        let [ann, bob] = ["  ann ", "  bob "].map(|it| line(&lines, it));
        assert_eq!(end(ann, "10.00 s"), end(titles, "FOR"), "{lines:#?}");
        assert_eq!(end(ann, "#2"), end(titles, "#"), "{lines:#?}");
        assert_eq!(place(ann, "lock "), place(titles, "WAITS FOR"), "{lines:#?}");
        assert_eq!(place(bob, "lock "), place(titles, "WAITS FOR"), "{lines:#?}");
        // A column that does not fit is left out, with its title.
        for (title, text) in [("TID", "70002"), ("STATE", "waiting")] {
            assert_eq!(titles.contains(title), ann.contains(text), "{lines:#?}");
        }
        assert!(!titles.contains("TID") || size.width > 80, "{lines:#?}");
    }
}

#[test]
fn long_names_are_cut_before_the_next_column() {
    for size in SIZES {
        let lines = screen(&app(shop()), size);
        let long = line(&lines, "  a clerk");
        let before = &long[..long.find(" #4").expect("its number is seen")];
        assert!(before.trim_end().ends_with('…'), "{long:?}");
        assert!(before.trim_end().chars().count() <= usize::from(size.width) / 4, "{long:?}");
        assert!(long.contains("lock 'till'"), "{long:?}");
    }
    let narrow = screen(&app(shop()), SIZES[0]);
    let ann = line(&narrow, "  ann ").trim_end();
    assert!(ann.ends_with("… shop.rs:12") && ann.contains("lock 'orders', held "), "{ann:?}");
}

#[test]
fn a_deadlock_is_red_at_the_bottom_and_so_are_its_threads() {
    for size in SIZES {
        let buffer = draw(&app(shop()), size);
        let lines = lines(&buffer);
        let height = lines.len();
        assert!(lines[height - 4].contains(" 1 deadlock "), "{lines:#?}");
        assert!(
            lines[height - 3].starts_with(" 1. 'ann' #2 waits for Lock 'orders' of 'bob' #3, at ")
        );
        assert!(
            lines[height - 2].starts_with("    'bob' #3 waits for Lock 'stock' of 'ann' #2, at ")
        );
        let is_red = |row: usize| {
            let row = u16::try_from(row).unwrap();
            (0..size.width).all(|it| buffer[(it, row)].fg == Color::Red)
        };
        for (number, text) in lines.iter().enumerate() {
            let stuck = (height - 4..height - 1).contains(&number)
                || text.contains("    ann")
                || text.contains("    bob");
            assert_eq!(is_red(number), stuck, "{text}");
        }
    }
}

#[test]
fn many_deadlocks_leave_room_for_the_threads() {
    let mut shop = shop();
    shop["deadlocks"] = deadlock(20);
    let lines = screen(&app(shop), SIZES[0]);
    assert!(lines[24 - 9].contains(" 20 deadlocks "), "{lines:#?}");
    assert!(lines[24 - 2].contains("… and 34 more lines"), "{lines:#?}");
    line(&lines, "MainThread");
}

#[test]
fn the_table_is_empty_until_the_first_look() {
    for size in SIZES {
        let mut app = App::new("unix:/run/shop");
        let lines = screen(&app, size);
        line(&lines, "looking at unix:/run/shop …");
        app.update(gone());
        let lines = screen(&app, size);
        line(&lines, "cannot connect: ");
        line(&lines, "trying again");
        app.update(Ok(dump(program(&[], &[]))));
        let lines = screen(&app, size);
        assert!(!lines.concat().contains("cannot connect"), "{lines:#?}");
        line(&lines, "1 thread of process 4711");
    }
}

#[test]
fn when_the_program_is_gone_a_message_stands_below_its_last_dump() {
    let mut app = app(shop());
    app.update(gone());
    for size in SIZES {
        let lines = screen(&app, size);
        assert!(lines.last().unwrap().starts_with(" the program is gone: cannot connect: "));
        line(&lines, "MainThread");
    }
    app.update(Ok(dump(shop())));
    assert!(screen(&app, SIZES[0]).last().unwrap().starts_with(" q quit"));
}

fn many(count: u64) -> App {
    let threads: Vec<_> = (1..=count).map(|it| runs(&format!("<{it}>"), it, 0.0)).collect();
    app(program(&threads, &[]))
}

#[test]
fn scrolling_stops_at_the_first_and_the_last_row() {
    let mut app = many(100);
    let size = SIZES[0];
    let page = page(&app, size);
    assert_eq!(page, 21, "all lines but the title, the column titles and the bottom line");
    let shown = |app: &App| {
        let lines = screen(app, size);
        let rows: Vec<_> = lines[2..23]
            .iter()
            .map(|it| it.split(' ').find(|it| !it.is_empty()).unwrap_or_default().to_owned())
            .collect();
        (
            rows[0].clone(),
            rows[20].clone(),
            lines[23].trim_end().rsplit("  ").next().unwrap().to_owned(),
        )
    };
    let expect = |app: &App, first: &str, last: &str, foot: &str| {
        assert_eq!(shown(app), (first.into(), last.into(), foot.into()));
    };
    expect(&app, "<1>", "<21>", "1-21 of 102");
    app.scroll(-1, page);
    expect(&app, "<1>", "<21>", "1-21 of 102");
    app.scroll(2, page);
    expect(&app, "<3>", "<23>", "3-23 of 102");
    app.scroll(isize::MAX, page);
    expect(&app, "<82>", "tokio", "82-102 of 102");
    app.scroll(1000, page);
    app.scroll(-1, page);
    expect(&app, "<81>", "▾", "81-101 of 102");
    // The next dump has fewer threads.
    let threads: Vec<_> = (1..=30).map(|it| runs(&format!("<{it}>"), it, 0.0)).collect();
    app.update(Ok(dump(program(&threads, &[]))));
    expect(&app, "<12>", "tokio", "12-32 of 32");
    app.scroll(-1, page);
    expect(&app, "<11>", "▾", "11-31 of 32");
    app.scroll(isize::MIN, page);
    expect(&app, "<1>", "<21>", "1-21 of 32");
}

#[test]
fn every_order_puts_another_thread_first() {
    let mut time = waits("time", 5, "till", ("name", 6));
    time["seconds_in_state"] = 11.0.into();
    let busy = |used: f64, age: f64| {
        let mut busy = runs("percent", 7, used);
        busy["age"] = age.into();
        busy
    };
    let threads =
        |it| [runs("ident", 3, 0.0), time.clone(), runs("a", 6, 1.0), runs("cpu", 8, 99.0), it];
    let shop = |it| program(&[runs("tree", 9, 0.0)], &[group("shop", &threads(it), &[])]);
    let mut app = app(shop(busy(1.0, 10.0)));
    app.update(Ok(dump(shop(busy(1.5, 12.0)))));
    let first = |app: &App| screen(app, SIZES[1])[2].split(' ').next().unwrap().to_owned();
    let mut firsts = Vec::new();
    for _ in 0..7 {
        firsts.push((app.sort(), first(&app)));
        app.next_sort();
    }
    let expected = [
        (Sort::Tree, "tree"),
        (Sort::Name, "a"),
        (Sort::Ident, "ident"),
        (Sort::Time, "time"),
        (Sort::Percent, "percent"),
        (Sort::Cpu, "cpu"),
        (Sort::Tree, "tree"),
    ];
    assert_eq!(firsts, expected.map(|(sort, name)| (sort, name.to_owned())));
    // Half a second of CPU time in two seconds.
    line(&screen(&app, SIZES[1]), " 25.0 ");
    line(&screen(&app, SIZES[1]), "NAME▾");
}

#[test]
fn another_process_at_the_same_place_starts_afresh() {
    let mut app = app(program(&[runs("busy", 1, 1.0)], &[]));
    let mut next = program(&[runs("busy", 1, 5.0)], &[]);
    next["root"]["threads"][0]["age"] = 14.0.into();
    next["pid"] = 4712.into();
    app.update(Ok(dump(next.clone())));
    assert!(!screen(&app, SIZES[1])[2].contains("100.0"));
    next["root"]["threads"][0]["age"] = 15.0.into();
    next["root"]["threads"][0]["cpu"] = 6.0.into();
    app.update(Ok(dump(next)));
    line(&screen(&app, SIZES[1]), " 100.0 ");
}

#[test]
fn a_wait_for_any_and_the_tasks_that_wait_are_shown() {
    let mut first = waits("ann", 2, "orders", ("bob", 3));
    let event = serde_json::json!({
        "kind": "Event", "name": "ready", "address": 8192, "location": "src/shop.rs:12:5", "seconds": 3.5,
        "holder": null, "holder_ident": null,
    });
    first["or_for"] = vec![event.clone()].into();
    let mut value = program(&[first, runs("bob", 3, 0.0)], &[]);
    value["tasks"] = serde_json::json!([
        { "polled_by": "worker\n1", "polled_by_ident": 9, "waits_for": event },
    ]);
    let mut edges = deadlock(1);
    let mut other = edges[0]["edges"][0].clone();
    (other["object"], other["any_of"]) = ("stock".into(), true.into());
    edges[0]["edges"].as_array_mut().unwrap().insert(1, other);
    value["deadlocks"] = edges;
    let lines = screen(&app(value), SIZES[1]);
    let text = "any of: lock 'orders', held by 'bob' #3; event 'ready'; at src/shop.rs:12:5";
    assert!(line(&lines, "ann ").contains(text), "{lines:#?}");
    let task = line(&lines, r"worker\n1");
    assert!(task.contains(" waiting ") && task.contains(" 3.500 s "), "{task}");
    assert!(task.contains("event 'ready', at src/shop.rs:12:5"), "{task}");
    assert_eq!((place(task, "worker"), place(line(&lines, "tasks, "), "▾ tasks")), (2, 0));
    let starts = [" 1. 'ann' #2", " or 'ann' #2", "    'bob' #3"];
    for (start, of) in starts.into_iter().zip(["'orders'", "'stock'", "'stock'"]) {
        let found = lines.iter().any(|it| it.starts_with(start) && it.contains(of));
        assert!(found, "{start} {of}: {lines:#?}");
    }
}
