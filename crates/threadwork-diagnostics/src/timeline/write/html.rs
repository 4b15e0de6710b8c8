//! A recording as a page: the data, and a script that draws them.
//!
//! The parts of the script follow each other from the ground up, as modules do.
//! Names given by users occur only in the data, and the script inserts them as text, never as markup.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{runs::runs, words};
use crate::timeline::{
    event::{Elsewhere, Span, Wait, What},
    recording::{Recording, Row, Slice},
};

#[cfg(test)]
mod tests;

/// The page around the style, the data and the script.
const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    include_str!("page/data.js"),
    include_str!("page/time.js"),
    include_str!("page/rows.js"),
    include_str!("page/draw.js"),
    include_str!("page/details.js"),
    include_str!("page/head.js"),
    include_str!("page/input.js"),
);

/// Writes the page.
pub(super) fn write(recording: &Recording, mut to: impl Write) -> io::Result<()> {
    let data = data(recording).to_string();
    // No text in the data may end the element that contains them.
    let data = data.replace('<', "\\u003c");
    let mut rest = PAGE;
    for (place, content) in [("{style}", STYLE), ("{data}", &data), ("{script}", SCRIPT)] {
        let (before, after) = rest.split_once(place).expect("the page has this place");
        to.write_all(before.as_bytes())?;
        to.write_all(content.as_bytes())?;
        rest = after;
    }
    to.write_all(rest.as_bytes())?;
    to.flush()
}

/// Repeated texts, by number.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    places: HashMap<String, usize>,
}

impl Texts {
    fn number(&mut self, text: String) -> usize {
        let Texts { all, places } = self;
        *places.entry(text).or_insert_with_key(|text| {
            all.push(text.clone());
            all.len() - 1
        })
    }
}

/// The data for the script. Waits, spans and arrows are arrays; the script names their fields where it reads them.
fn data(recording: &Recording) -> Value {
    let rows = &recording.rows;
    let mut woken_by = HashMap::new();
    for arrow in &recording.arrows {
        woken_by.insert((arrow.to, arrow.wait), arrow.from);
    }
    let mut texts = Texts::default();
    let runs = runs(rows);
    let place_of = |ident| rows.binary_search_by_key(&ident, |it| it.ident).ok();
    let threads: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(place, row)| {
            let (mut waits, mut spans) = (Vec::new(), Vec::new());
            for (number, slice) in row.slices.iter().enumerate() {
                match &slice.what {
                    What::Wait(it) => {
                        let by = woken_by.get(&(place, number)).map(|&by| json!(by));
                        waits.push(wait(slice, it, by, rows, &mut texts));
                    }
                    What::Elsewhere(it) => waits.push(elsewhere(slice, it, &mut texts)),
                    What::Span(it) => spans.push(span(slice, it, &mut texts)),
                    What::Wake(_) => (),
                }
            }
            let mut thread = thread(row, waits, spans);
            thread["starter"] = json!(row.starter.and_then(place_of));
            thread["own"] = json!(recording.own.contains(&row.ident));
            thread["run"] = json!(runs[place].map(|it| [it.first, it.number]));
            thread
        })
        .collect();
    let arrows: Vec<_> = recording
        .arrows
        .iter()
        .map(|it| json!([it.from, it.at, it.to, rows[it.to].slices[it.wait].until]))
        .collect();
    json!({
        "program": recording.program,
        "began": recording.began,
        "length": recording.length,
        "dropped": recording.n_dropped(),
        "leftOut": recording.n_left_out,
        "texts": texts.all,
        "threads": threads,
        "arrows": arrows,
    })
}

fn thread(row: &Row, waits: Vec<Value>, spans: Vec<Value>) -> Value {
    json!({
        "name": row.name,
        "ident": row.ident,
        "since": row.since,
        "until": row.until,
        "outcome": row.ended.as_ref().map(|it| &it.outcome),
        "reason": row.ended.as_ref().and_then(|it| it.reason.as_ref()),
        "dropped": row.n_dropped,
        "waits": waits,
        "spans": spans,
    })
}

/// `[since, until, kind, label, title, place, is it open, row of the thread that ended it]`
fn wait(slice: &Slice, wait: &Wait, by: Option<Value>, rows: &[Row], texts: &mut Texts) -> Value {
    let kind = words::kind(wait.kind);
    let title = words::wait(wait, rows);
    let label = title.strip_prefix(&kind).unwrap_or_default().trim_start();
    let label = if label.is_empty() { &kind } else { label };
    let held = wait.thread.filter(|_| slice.is_open).and_then(|it| words::thread(it.get(), rows));
    let mut place = format!("{}\nat {:#x}", wait.location, wait.address);
    if let Some(name) = held {
        place += &format!("\nheld by {name}");
    }
    json!([
        slice.since,
        slice.until,
        texts.number(kind.clone()),
        texts.number(label.to_owned()),
        texts.number(title.clone()),
        texts.number(place),
        u8::from(slice.is_open),
        by,
    ])
}

/// The same for a wait outside this library.
fn elsewhere(slice: &Slice, wait: &Elsewhere, texts: &mut Texts) -> Value {
    let kind = words::ELSEWHERE.to_owned();
    json!([
        slice.since,
        slice.until,
        texts.number(kind.clone()),
        texts.number(wait.system_call.map_or(kind, str::to_owned)),
        texts.number(words::elsewhere(wait)),
        texts.number("outside this library, as seen from time to time".to_owned()),
        u8::from(slice.is_open),
        Value::Null,
    ])
}

/// `[since, until, depth, name, details, is it open]`
fn span(slice: &Slice, span: &Span, texts: &mut Texts) -> Value {
    let Span { metadata, fields } = span;
    let mut details = fields.as_ref().map_or(String::new(), |it| format!("{it}\n"));
    details += metadata.target();
    if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
        details += &format!("\n{file}:{line}");
    }
    json!([
        slice.since,
        slice.until,
        slice.depth,
        texts.number(metadata.name().to_owned()),
        texts.number(details),
        u8::from(slice.is_open),
    ])
}
