//! The report works, and the page that it has made is whole.

use std::{fs, path::Path, process::Command};

use threadwork_bench::report::skeleton;

/// Measures as little as possible, and compares everything but the numbers with the page in `docs`.
#[test]
fn the_page_has_all_that_the_report_makes() {
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&made).unwrap();
    let mut report = Command::new(env!("CARGO_BIN_EXE_report"));
    let output = report.arg("--quick").arg(&made).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let [made_page, page] =
        [&made, &docs].map(|it| skeleton(&fs::read_to_string(it.join("benchmarks.md")).unwrap()));
    assert!(page.len() > 200, "the page is whole: {page:#?}");
    assert_eq!(page, made_page, "cargo run --release -p threadwork-bench makes the page anew");

    let plots = |folder: &Path| {
        let files = fs::read_dir(folder.join("benchmarks")).unwrap();
        let mut names: Vec<_> = files.map(|it| it.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(plots(&docs), plots(&made));
    for plot in plots(&docs) {
        let text = fs::read_to_string(docs.join("benchmarks").join(&plot)).unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"), "{plot:?}");
    }
}
