//! The chart of a kitchen.

use std::{env, fs, process};

use crate::example::run_example;

#[test]
fn both_files_are_written_into_the_folder_and_their_paths_are_printed() {
    let folder = env::temp_dir().join(format!("threadwork-timeline-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let ended = run_example("timeline", &[folder.to_str().unwrap()]);
    let (page, trace) = (folder.join("timeline.html"), folder.join("timeline.json"));
    let lines = [
        "thread 'waiter' panicked: the last guest has left without paying".to_owned(),
        format!("for the browser: {}", page.display()),
        format!("for ui.perfetto.dev: {}", trace.display()),
    ];
    assert_eq!(ended.lines(), lines);
    let [page, trace] = [page, trace].map(|it| fs::read_to_string(it).unwrap());
    for name in ["waiter", "cook 1", "cook 2", "stove", "cooked", "dishwasher", "a glass is broken"]
    {
        assert!(page.contains(name), "no {name} on the page");
    }
    assert!(trace.contains("\"condition cooked\""), "{trace}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_missing_folder_is_an_error_that_names_the_file() {
    let ended = run_example("timeline", &["/no/such/folder"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("/no/such/folder/timeline.html"), "{ended:#?}");
}
