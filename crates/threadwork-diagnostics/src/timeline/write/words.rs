//! The words of a trace and of a page.

use threadwork_sync::WaitKind;

use crate::timeline::{event::Wait, recording::Row};

/// The kind of a wait, in a word or two.
pub(super) fn kind(kind: WaitKind) -> String {
    match kind {
        WaitKind::Join => "join".to_owned(),
        WaitKind::Sleep => "sleep".to_owned(),
        it => it.to_string(),
    }
}

/// The title of a wait: `lock orders`, `join loop 0`.
pub(super) fn wait(wait: &Wait, rows: &[Row]) -> String {
    let kind = kind(wait.kind);
    let joined = || wait.thread.and_then(|it| thread(it.get(), rows));
    match wait.name.or_else(|| if wait.kind == WaitKind::Join { joined() } else { None }) {
        Some(name) => format!("{kind} {name}"),
        None => kind,
    }
}

/// The name of a thread, if it is in the recording.
pub(super) fn thread(ident: u64, rows: &[Row]) -> Option<&str> {
    let row = rows.binary_search_by_key(&ident, |it| it.ident).ok()?;
    Some(&rows[row].name)
}
