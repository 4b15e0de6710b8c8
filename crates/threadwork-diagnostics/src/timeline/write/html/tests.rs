//! The page, read as text. `tests/it/timeline_page.rs` looks at it in a browser.

use serde_json::{Value, json};
use threadwork_sync::WaitKind;

use super::write;
use crate::{
    timeline::{
        event::Ended,
        recording::Recording,
        testing::{elsewhere, named, recording, row, slice, span_with, wait, wake},
    },
    words::KINDS,
};

fn page(recording: &Recording) -> String {
    let mut page = Vec::new();
    write(recording, &mut page).unwrap();
    String::from_utf8(page).expect("it is text")
}

/// The data of the page.
#[track_caller]
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").expect("there are data");
    let (data, _) = rest.split_once("</script>").expect("they have an end");
    serde_json::from_str(data).expect("they are JSON")
}

/// Checks that the elements of the page are closed in the reverse order of their opening; returns how many there are.
#[track_caller]
fn check_elements(page: &str) -> usize {
    let (mut open, mut count, mut rest) = (Vec::new(), 0, page);
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').expect("a tag has an end");
        rest = after;
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "what is closed is open");
        } else if !["!DOCTYPE", "meta", "input"].contains(&name) {
            open.push(name);
            count += 1;
        }
        // The contents of these are text up to the end of the element.
        if ["script", "style"].contains(&name) {
            let (_, after) = rest.split_at(rest.find(&format!("</{name}")).expect("it has an end"));
            rest = after;
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    count
}

#[test]
fn the_data_say_how_a_thread_has_ended() {
    let mut row = row(1, "a", vec![]);
    let reason = Some("out of paper".to_owned());
    row.ended = Some(Ended { at: 1_000, outcome: "failed".to_owned(), reason });
    let thread = &data(&page(&recording(vec![row])))["threads"][0];
    assert_eq!((&thread["outcome"], &thread["reason"]), (&json!("failed"), &json!("out of paper")));
}

#[test]
fn names_cannot_break_the_page() {
    let nasty = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\"'&\0\n\u{2028}",
        "📚 {script} {data}",
    ];
    let empty = page(&recording(vec![]));
    for name in nasty {
        let event = named(WaitKind::Event, "</script><b>");
        let work = span_with(Some("</style><i>"));
        let page =
            page(&recording(vec![row(1, name, vec![slice(1, 2, event), slice(3, 4, work)])]));
        assert_eq!(check_elements(&page), check_elements(&empty), "{name:?}");
        let data = data(&page);
        assert_eq!(data["threads"][0]["name"], name);
        let texts = data["texts"].as_array().expect("texts");
        assert!(texts.contains(&json!("</script><b>")), "{texts:?}");
    }
}

#[test]
fn a_very_long_name_is_there_in_full() {
    let name = "long ".repeat(1_000);
    assert_eq!(data(&page(&recording(vec![row(1, &name, vec![])])))["threads"][0]["name"], *name);
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let page = page(&recording(vec![]));
    for word in [" src=", " href=", "@import", "fetch(", "XMLHttpRequest", "import "] {
        assert!(!page.contains(word), "{word:?}");
    }
    // Names of vocabularies, which are not fetched.
    let addresses: Vec<_> = page.split("://").skip(1).collect();
    assert!(addresses.iter().all(|it| it.starts_with("www.w3.org/2000/svg")), "{addresses:?}");
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none';"));
}

#[test]
fn waits_have_the_thread_that_ended_them_and_arrows_have_both_ends() {
    let waking = row(1, "a", vec![slice(100, 110, wake(5, 1))]);
    let waiting = row(2, "b", vec![slice(50, 120, wait(WaitKind::Event, 5))]);
    let data = data(&page(&recording(vec![waking, waiting])));
    assert_eq!(data["arrows"], json!([[0, 100, 1, 120]]));
    let wait = &data["threads"][1]["waits"][0];
    assert_eq!(
        (&wait[0], &wait[1], &wait[6], &wait[7]),
        (&json!(50), &json!(120), &json!(0), &json!(0))
    );
    assert_eq!(data["threads"][0]["waits"], json!([]));
}

#[test]
fn the_data_tell_how_much_was_dropped() {
    let mut recording = recording(vec![row(1, "a", vec![])]);
    recording.rows[0].n_dropped = 3;
    recording.n_left_out = 2;
    let data = data(&page(&recording));
    assert_eq!((&data["dropped"], &data["leftOut"]), (&json!(3), &json!(2)));
}

#[test]
fn repeated_texts_are_in_the_page_once() {
    let event = || named(WaitKind::Event, "ready");
    let slices = (0..50).map(|it| slice(it * 10, it * 10 + 5, event())).collect();
    let data = data(&page(&recording(vec![row(1, "a", slices)])));
    let texts = data["texts"].as_array().expect("texts");
    assert_eq!(texts.len(), 4, "{texts:?}");
}

#[test]
fn the_data_tell_runs_and_who_started_them() {
    let mut rows =
        vec![row(3, "chief", vec![]), row(5, "reader", vec![]), row(8, "reader", vec![])];
    for reader in &mut rows[1..] {
        reader.starter = Some(3);
    }
    rows[2].since = 1_500;
    let data = data(&page(&recording(rows)));
    let told = |it: usize| (&data["threads"][it]["starter"], &data["threads"][it]["run"]);
    assert_eq!(told(0), (&json!(null), &json!(null)));
    assert_eq!(told(1), (&json!(0), &json!([1, 1])));
    assert_eq!(told(2), (&json!(0), &json!([1, 2])));
}

#[test]
fn every_kind_of_wait_has_a_place_in_the_legend_and_a_color() {
    let here = KINDS.map(super::words::kind);
    for kind in here.into_iter().chain([super::words::ELSEWHERE.to_owned()]) {
        assert!(super::SCRIPT.contains(&format!("'{kind}'")), "{kind}");
        let class = kind.split(' ').next().expect("a word");
        assert!(super::STYLE.contains(&format!(".k-{class} {{ fill: var(--{class})")), "{kind}");
    }
}

#[test]
fn a_wait_elsewhere_is_a_wait_whose_label_is_the_system_call() {
    let slices = vec![slice(100, 200, elsewhere(Some("read"))), slice(300, 400, elsewhere(None))];
    let data = data(&page(&recording(vec![row(1, "a", slices)])));
    let waits = &data["threads"][0]["waits"];
    let text = |wait: usize, field: usize| {
        let number = waits[wait][field].as_u64().and_then(|it| usize::try_from(it).ok());
        data["texts"][number.expect("the number of a text")].clone()
    };
    assert_eq!(
        (&waits[0][0], &waits[0][1], &waits[0][7]),
        (&json!(100), &json!(200), &json!(null))
    );
    assert_eq!(
        [2, 3, 4].map(|it| text(0, it)),
        ["waits elsewhere", "read", "waits elsewhere in read"]
    );
    assert_eq!([2, 3, 4].map(|it| text(1, it)), ["waits elsewhere"; 3]);
}

#[test]
fn the_data_tell_the_librarys_own_threads() {
    let mut recording = recording(vec![row(1, "a", vec![]), row(5, "timers", vec![])]);
    recording.own.insert(5);
    let threads = &data(&page(&recording))["threads"];
    assert_eq!((&threads[0]["own"], &threads[1]["own"]), (&json!(false), &json!(true)));
}
