//! Makes a recording from the tracks, the registry and the records of waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    path::Path,
    time::Instant,
};

use threadwork_core::{
    ThreadHandle,
    internal::{everyone, is_helper},
};
use threadwork_sync::{Waiting, internal::number::MAIN_IDENT, waits};

use super::{
    event::{Event, Wait, What},
    looks::Waits,
    recorder::{Kept, Limits, Session, Tracks, nanoseconds},
    recording::{Recording, Row, Slice},
};
use crate::blocked::{choices, threads};

mod nesting;
mod elsewhere;
mod arrows;
#[cfg(test)]
mod tests;

use self::elsewhere::add_open;
pub(super) use self::{arrows::find_arrows, nesting::nest};

/// Whether a thread is alive, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Alive,
    Gone,
}

/// Reads everything that was recorded, and leaves it in place.
///
/// Nothing is locked while the registry and the records of waits are read: reading them may have to wait, and the recorder observes that wait.
pub(super) fn gather(session: &Session, elsewhere: BTreeMap<NonZeroU64, Waits>) -> Recording {
    let Tracks { tracks, n_left_out } = session.tracks();
    let mut kept: BTreeMap<u64, (Kept, Fate)> = BTreeMap::new();
    let mut own = BTreeSet::new();
    for (track, may_go_on) in tracks {
        let fate = if may_go_on { Fate::Alive } else { Fate::Gone };
        kept.insert(track.ident.get(), (track.kept().clone(), fate));
        own.extend(track.is_own.then_some(track.ident.get()));
    }
    let open = add_elsewhere(&mut kept, &mut own, elsewhere, session.limits);
    let (waiting, alive) = (waits(), everyone());
    let now = Instant::now();
    let time = |instant| nanoseconds(session.epoch, instant);
    let length = time(now);

    let n_tracks = kept.len();
    for thread in &alive {
        let Some(ident) = thread.ident() else { continue };
        // The main thread always has a row.
        let has_room = kept.len() < session.limits.threads.max(n_tracks + 1);
        if has_room || kept.contains_key(&ident.get()) {
            own.extend(is_helper(thread).then_some(ident.get()));
            add_living(
                kept.entry(ident.get()).or_insert((Kept::default(), Fate::Alive)),
                thread,
                time,
            );
        }
    }
    let mut rows: Vec<Row> =
        kept.into_iter().map(|(ident, (kept, fate))| row(ident, kept, fate, length)).collect();
    add_unfinished(&mut rows, &waiting, now, time);
    add_open(&mut rows, open, length);
    for row in &mut rows {
        nest(&mut row.slices);
        stretch(row);
    }
    let arrows = find_arrows(&rows);
    let (program, began) = (program(), session.began.clone());
    Recording { program, began, length, rows, own, arrows, n_left_out }
}

/// Adds the waits elsewhere that are over, and returns those that are not.
fn add_elsewhere(
    kept: &mut BTreeMap<u64, (Kept, Fate)>,
    own: &mut BTreeSet<u64>,
    elsewhere: BTreeMap<NonZeroU64, Waits>,
    limits: Limits,
) -> BTreeMap<u64, Event> {
    let mut open = BTreeMap::new();
    for (ident, waits) in elsewhere {
        let ident = ident.get();
        if kept.len() >= limits.threads && !kept.contains_key(&ident) {
            continue;
        }
        own.extend(waits.is_own.then_some(ident));
        open.extend(waits.open.map(|it| (ident, it)));
        let fate = if waits.is_alive { Fate::Alive } else { Fate::Gone };
        let (kept, _) = kept.entry(ident).or_insert_with(|| (Kept::default(), fate));
        kept.name = kept.name.take().or(waits.name);
        kept.n_dropped += waits.n_dropped;
        kept.merge(waits.over, limits.events_per_thread);
    }
    open
}

/// Adds what the registry knows of a living thread.
fn add_living(
    (kept, fate): &mut (Kept, Fate),
    thread: &ThreadHandle,
    time: impl Fn(Instant) -> u64,
) {
    kept.name = Some(thread.name());
    if kept.ended.is_none() {
        *fate = Fate::Alive;
        // The main thread is older than its entry in the registry.
        let since = if thread.ident() == Some(MAIN_IDENT) { None } else { thread.running_since() };
        kept.started.get_or_insert(since.map_or(0, time));
    }
}

fn row(ident: u64, kept: Kept, fate: Fate, length: u64) -> Row {
    let Kept { name, started, starter, ended, open, events, n_dropped, .. } = kept;
    let mut slices: Vec<_> = events
        .into_iter()
        .map(|it| Slice {
            since: it.since,
            until: it.until,
            is_open: false,
            depth: 0,
            what: it.what,
        })
        .collect();
    slices.extend(open.into_iter().map(|it| {
        let what = What::Span(it.span);
        Slice { since: it.since, until: length, is_open: true, depth: 0, what }
    }));
    let name = name.unwrap_or_else(|| match ident == MAIN_IDENT.get() {
        true => "MainThread".to_owned(),
        false => format!("thread {ident}"),
    });
    let first = slices.iter().map(|it| it.since).min();
    let last = slices.iter().map(|it| it.until).max();
    let since = started.or(first).unwrap_or(0);
    let until = match (&ended, fate) {
        (Some(ended), _) => Some(ended.at),
        (None, Fate::Alive) => None,
        (None, Fate::Gone) => Some(last.unwrap_or(since)),
    };
    Row { ident, name, starter, since, until, ended, slices, n_dropped }
}

/// Extends the life of a thread to all its slices: it may wait before the event of its start, and after the event of its end.
fn stretch(row: &mut Row) {
    for slice in &row.slices {
        row.since = row.since.min(slice.since);
        row.until = row.until.map(|it| it.max(slice.until));
    }
}

/// Adds the waits that are not over: one for each thread, whatever the number of objects that it waits for. Tasks block no thread.
fn add_unfinished(
    rows: &mut [Row],
    waiting: &[Waiting],
    now: Instant,
    time: impl Fn(Instant) -> u64,
) {
    for it in threads(waiting).filter(|it| it.since <= now) {
        if let Ok(place) = rows.binary_search_by_key(&it.thread.ident.get(), |it| it.ident) {
            let any_of = choices(waiting, it.thread.ident).nth(1).is_some();
            rows[place].slices.push(unfinished(it, any_of, time(it.since), time(now)));
        }
    }
}

/// The slice of a wait that is not over.
fn unfinished(waiting: &Waiting, any_of: bool, since: u64, length: u64) -> Slice {
    let &Waiting { kind, name, address, location, holder, .. } = waiting;
    let (woken, thread) = (false, holder);
    let what = What::Wait(Wait { kind, name, address, location, woken, any_of, thread });
    Slice { since, until: length, is_open: true, depth: 0, what }
}

fn program() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_stem().unwrap_or_default();
    if name.is_empty() { "program".to_owned() } else { name.to_string_lossy().into_owned() }
}
