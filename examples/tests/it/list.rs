//! The list of the examples.

use std::{fs, path::Path};

#[test]
fn the_list_names_each_example_with_its_file_in_the_order_of_the_numbers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    let (list, manifest) = (read("README.md"), read("Cargo.toml"));
    let listed: Vec<_> = list.lines().filter_map(|it| it.strip_prefix("| [`")).collect();
    let values = |key: &str| -> Vec<String> {
        let lines = manifest.split("[[example]]").skip(1).flat_map(str::lines);
        let values = lines.filter_map(|it| it.strip_prefix(&format!("{key} = \"")));
        values.map(|it| it.trim_end_matches('"').to_owned()).collect()
    };
    let mut expected: Vec<_> = values("name")
        .into_iter()
        .zip(values("path"))
        .map(|(name, path)| format!("{name}`]({})", path.trim_end_matches("/main.rs")))
        .collect();
    // It is a crate of its own.
    expected.push("opentelemetry`](16_opentelemetry)".to_owned());
    expected.sort_by_key(|it| it.split("](").nth(1).map(str::to_owned));
    let listed: Vec<_> = listed.iter().filter_map(|it| Some(it.split_once(" |")?.0)).collect();
    assert_eq!(listed, expected);
}
