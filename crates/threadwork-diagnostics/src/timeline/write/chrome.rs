//! A recording in Chrome's JSON trace format.
//!
//! Times are in microseconds. Each thread is a track with its life as a slice, which contains its spans, waits and wake-ups.
//! An arrow leads from a wake-up to the last part of the wait that it ended: the time that the thread took to continue.

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::words;
use crate::timeline::{
    event::{Span, Wait, Wake, What},
    recording::{Arrow, Recording, Row, Slice},
};

#[cfg(test)]
mod tests;

/// The number of the process. The main thread has the same number, by which viewers recognize it.
const PROCESS: u64 = 1;

/// The number of another process, which stands for the library's own threads. No thread has this number.
const OWN: u64 = i32::MAX as u64;

/// The number of the process in which the thread is shown.
fn process(row: &Row, recording: &Recording) -> u64 {
    if recording.own.contains(&row.ident) { OWN } else { PROCESS }
}

/// Writes the trace, one event per line.
pub(super) fn write(recording: &Recording, mut to: impl Write) -> io::Result<()> {
    to.write_all(b"{\"traceEvents\":[")?;
    let mut lanes = lanes(recording);
    let mut between = "\n";
    for event in head(recording).into_iter().chain(lanes.iter_mut().flat_map(Lane::events)) {
        write!(to, "{between}{event}")?;
        between = ",\n";
    }
    let other = json!({
        "program": recording.program,
        "began": recording.began,
        "events not kept": recording.n_dropped(),
        "threads left out": recording.n_left_out,
    });
    write!(to, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":{other}}}")?;
    to.flush()
}

/// The names of the process and of the threads.
fn head(recording: &Recording) -> Vec<Value> {
    let about = |pid: u64, tid: u64, what: &str, args: Value| json!({"ph": "M", "pid": pid, "tid": tid, "name": what, "args": args});
    let mut events = vec![about(PROCESS, 0, "process_name", json!({"name": recording.program}))];
    if !recording.own.is_empty() {
        let name = format!("{}: the library's own threads", recording.program);
        events.push(about(OWN, 0, "process_name", json!({"name": name})));
        events.push(about(OWN, 0, "process_sort_index", json!({"sort_index": 1})));
    }
    for (place, row) in recording.rows.iter().enumerate() {
        let process = process(row, recording);
        events.push(about(process, row.ident, "thread_name", json!({"name": row.name})));
        events.push(about(process, row.ident, "thread_sort_index", json!({"sort_index": place})));
    }
    events
}

/// The events of one thread with their sort keys: by time, and of slices that begin together the longer one first.
struct Lane {
    process: u64,
    ident: u64,
    events: Vec<(u64, Reverse<u64>, Value)>,
}

impl Lane {
    fn events(&mut self) -> impl Iterator<Item = Value> {
        self.events.sort_by_key(|&(since, length, _)| (since, length));
        std::mem::take(&mut self.events).into_iter().map(|(_, _, event)| event)
    }

    /// Adds a slice; a slice that is not over gets a beginning and no end.
    fn slice(&mut self, since: u64, until: Option<u64>, category: &str, name: &str, args: Value) {
        let mut event = json!({
            "pid": self.process, "tid": self.ident, "ts": microseconds(since),
            "cat": category, "name": name, "args": args,
        });
        match until {
            Some(until) => {
                event["ph"] = "X".into();
                event["dur"] = microseconds(until - since).into();
            }
            None => event["ph"] = "B".into(),
        }
        self.events.push((since, Reverse(until.map_or(u64::MAX, |it| it - since)), event));
    }

    /// Adds an event without a duration: it belongs to the slice around it.
    fn point(&mut self, at: u64, mut event: Value) {
        event["pid"] = self.process.into();
        event["tid"] = self.ident.into();
        event["ts"] = microseconds(at).into();
        self.events.push((at, Reverse(0), event));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a recording of a month is still exact")]
fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e3
}

fn lanes(recording: &Recording) -> Vec<Lane> {
    let rows = &recording.rows;
    let mut lanes: Vec<_> = rows.iter().map(|row| life(row, recording)).collect();
    for (lane, row) in lanes.iter_mut().zip(rows) {
        for slice in &row.slices {
            add(lane, slice, rows);
        }
    }
    for (number, arrow) in recording.arrows.iter().enumerate() {
        let event =
            |phase: &str| json!({"ph": phase, "id": number + 1, "cat": "wake-up", "name": "wakes"});
        let wait = &rows[arrow.to].slices[arrow.wait];
        lanes[arrow.from].point(leaves(arrow), event("s"));
        let by = json!({"by": rows[arrow.from].name});
        lanes[arrow.to].slice(arrow.at, Some(wait.until), "wake-up", "wakes up", by);
        let mut arrives = event("f");
        arrives["bp"] = "e".into();
        lanes[arrow.to].point(arrow.at, arrives);
    }
    lanes
}

/// When an arrow starts. It belongs to the slice around its start, so an arrow from the end of a life starts a moment before that end.
fn leaves(arrow: &Arrow) -> u64 {
    if arrow.by.is_some() { arrow.at } else { arrow.at.saturating_sub(1) }
}

fn life(row: &Row, recording: &Recording) -> Lane {
    let mut lane = Lane { process: process(row, recording), ident: row.ident, events: Vec::new() };
    let outcome = match (&row.ended, row.until) {
        (Some(ended), _) => &ended.outcome,
        (None, None) => "alive",
        (None, Some(_)) => "gone",
    };
    let mut args = json!({"outcome": outcome});
    if row.n_dropped > 0 {
        args["events not kept"] = row.n_dropped.into();
    }
    if let Some((ended, reason)) = row.ended.as_ref().and_then(|it| Some((it, it.reason.as_ref()?)))
    {
        args[words::reason(&ended.outcome)] = reason.as_str().into();
        let at = row.until.unwrap_or(recording.length);
        let name = format!("{}: {reason}", ended.outcome);
        lane.point(at, json!({"ph": "i", "s": "t", "cat": "life", "name": name}));
    }
    lane.slice(row.since, row.until, "life", "life", args);
    lane
}

fn add(lane: &mut Lane, slice: &Slice, rows: &[Row]) {
    let until = (!slice.is_open).then_some(slice.until);
    match &slice.what {
        What::Wait(wait) => {
            let Wait { address, location, thread, .. } = wait;
            let mut args = json!({
                "address": format!("{address:#x}"),
                "location": location.to_string(),
            });
            if let Some(name) = thread.and_then(|it| words::thread(it.get(), rows)) {
                args["for"] = name.into();
            }
            lane.slice(slice.since, until, "wait", &words::wait(wait, rows), args);
        }
        What::Elsewhere(wait) => {
            let args = match wait.system_call {
                Some(call) => json!({"system call": call}),
                None => json!({}),
            };
            lane.slice(slice.since, until, "wait elsewhere", &words::elsewhere(wait), args);
        }
        What::Wake(Wake { address, count }) => {
            let args = json!({"address": format!("{address:#x}"), "count": count});
            lane.slice(slice.since, until, "wake-up", "wakes", args);
        }
        What::Span(Span { metadata, fields }) => {
            let mut args = json!({"target": metadata.target()});
            if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
                args["location"] = format!("{file}:{line}").into();
            }
            if let Some(fields) = fields {
                args["fields"] = (**fields).into();
            }
            lane.slice(slice.since, until, "span", metadata.name(), args);
        }
    }
}
