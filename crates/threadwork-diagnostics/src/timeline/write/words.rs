//! The words of a trace and of a page.

use threadwork_sync::WaitKind;

use crate::timeline::{
    event::{Elsewhere, Wait},
    recording::Row,
};

/// The kind of a wait, in a word or two.
pub(super) fn kind(kind: WaitKind) -> String {
    match kind {
        WaitKind::Join => "join".to_owned(),
        WaitKind::Sleep => "sleep".to_owned(),
        it => it.to_string(),
    }
}

/// The title of a wait: `lock orders`, `join loop 0`, `event ready (or others)`.
pub(super) fn wait(wait: &Wait, rows: &[Row]) -> String {
    let kind = kind(wait.kind);
    let joined = || wait.thread.and_then(|it| thread(it.get(), rows));
    let name = wait.name.or_else(|| if wait.kind == WaitKind::Join { joined() } else { None });
    let or_others = if wait.any_of { "(or others)" } else { "" };
    let words = [Some(&*kind), name, Some(or_others).filter(|it| !it.is_empty())];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The kind of a wait outside this library.
pub(super) const ELSEWHERE: &str = "waits elsewhere";

/// The title of a wait outside this library: `waits elsewhere in read`.
pub(super) fn elsewhere(wait: &Elsewhere) -> String {
    wait.system_call.map_or(ELSEWHERE.to_owned(), |it| format!("{ELSEWHERE} in {it}"))
}

/// The name of a thread, if it is in the recording.
pub(super) fn thread(ident: u64, rows: &[Row]) -> Option<&str> {
    let row = rows.binary_search_by_key(&ident, |it| it.ident).ok()?;
    Some(&rows[row].name)
}

/// What the reason of such an end is called.
pub(super) fn reason(outcome: &str) -> &'static str {
    match outcome {
        "failed" => "failure",
        _ => "panic",
    }
}

#[cfg(test)]
mod tests {
    use threadwork_sync::WaitKind;

    use crate::timeline::{
        event::{Wait, What},
        testing::{join, named, row},
    };

    #[test]
    fn the_title_of_a_wait_for_any_says_that_there_are_others() {
        let rows = [row(7, "loop 0", Vec::new())];
        let title = |what: What, any_of| match what {
            What::Wait(it) => super::wait(&Wait { any_of, ..it }, &rows),
            _ => unreachable!("it is a wait"),
        };
        assert_eq!(title(named(WaitKind::Event, "ready"), false), "event ready");
        assert_eq!(title(named(WaitKind::Event, "ready"), true), "event ready (or others)");
        assert_eq!(title(join(7), true), "join loop 0 (or others)");
        assert_eq!(title(join(8), true), "join (or others)");
    }
}
