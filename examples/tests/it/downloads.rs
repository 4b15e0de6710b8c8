//! Downloads from a server of the program's own.

use crate::example::run_example;

#[test]
fn all_files_arrive_and_never_more_than_three_are_on_their_way() {
    let ended = run_example("downloads", &[]);
    let lines =
        ["/nowhere: 404 Not Found", "3600 bytes in 8 files", "never more than 3 at a time: true"];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr, "");
}
