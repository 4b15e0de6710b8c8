//! Recordings made by hand.

use std::{collections::BTreeSet, num::NonZeroU64, panic::Location};

use threadwork_sync::WaitKind;

use super::{
    event::{Elsewhere, Ended, Span, Wait, Wake, What},
    gather::{find_arrows, nest},
    recording::{Recording, Row, Slice},
};

pub(super) fn slice(since: u64, until: u64, what: What) -> Slice {
    Slice { since, until, is_open: false, depth: 0, what }
}

/// A wait that a wake-up ended.
#[track_caller]
pub(super) fn wait(kind: WaitKind, address: usize) -> What {
    let location = Location::caller();
    What::Wait(Wait {
        kind,
        name: None,
        address,
        location,
        woken: true,
        any_of: false,
        thread: None,
    })
}

#[track_caller]
pub(super) fn named(kind: WaitKind, name: &'static str) -> What {
    let What::Wait(wait) = wait(kind, 1) else { unreachable!() };
    What::Wait(Wait { name: Some(name), ..wait })
}

/// A wait that no wake-up ended.
#[track_caller]
pub(super) fn timed_out(address: usize) -> What {
    let What::Wait(it) = wait(WaitKind::Event, address) else { unreachable!() };
    What::Wait(Wait { woken: false, ..it })
}

#[track_caller]
pub(super) fn join(ident: u64) -> What {
    let What::Wait(it) = wait(WaitKind::Join, 9) else { unreachable!() };
    What::Wait(Wait { thread: NonZeroU64::new(ident), ..it })
}

pub(super) fn elsewhere(system_call: Option<&'static str>) -> What {
    What::Elsewhere(Elsewhere { system_call })
}

pub(super) fn wake(address: usize, count: usize) -> What {
    What::Wake(Wake { address, count })
}

/// A span named `work`.
pub(super) fn span() -> What {
    span_with(None)
}

pub(super) fn span_with(fields: Option<&str>) -> What {
    // No subscriber needs to enable it.
    let metadata = tracing::callsite! {
        name: "work",
        kind: tracing::metadata::Kind::SPAN,
        fields:
    };
    let metadata = tracing::Callsite::metadata(metadata);
    What::Span(Span { metadata, fields: fields.map(Into::into) })
}

/// A thread that finished at 1,000.
pub(super) fn row(ident: u64, name: &str, mut slices: Vec<Slice>) -> Row {
    nest(&mut slices);
    let ended = Some(Ended { at: 1_000, outcome: "finished".to_owned(), reason: None });
    Row {
        ident,
        name: name.to_owned(),
        starter: None,
        since: 0,
        until: Some(1_000),
        ended,
        slices,
        n_dropped: 0,
    }
}

pub(super) fn recording(rows: Vec<Row>) -> Recording {
    let arrows = find_arrows(&rows);
    let (program, began) = ("test".to_owned(), "Sun Aug 13 19:14:26 2006".to_owned());
    let own = BTreeSet::new();
    Recording { program, began, length: 2_000, rows, own, arrows, n_left_out: 0 }
}
