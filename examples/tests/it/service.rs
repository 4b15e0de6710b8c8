//! A supervised service.

use std::process::Command;

use crate::{
    child::{run_numbered, send},
    example::{example, run_example},
};

#[test]
fn a_worker_that_fails_is_started_again_and_no_job_is_left() {
    let ended = run_example("service", &[]);
    let lines = ["the service runs", "restarts: 3", "jobs that were left: 0"];
    assert_eq!(ended.lines(), lines);
    assert_eq!(ended.stderr.matches(" failed: job ").count(), 3, "{ended:#?}");
    for job in [50, 150, 250] {
        let told = format!(" failed: job {job} cannot be done\n");
        assert!(ended.stderr.contains(&told), "{ended:#?}");
    }
}

#[test]
fn ctrl_c_ends_it_after_the_last_job() {
    for signal in ["-INT", "-TERM"] {
        let ended = run_numbered(
            Command::new(example("service")).arg("endless"),
            move |process, stdout| {
                let mut text = String::new();
                stdout.read_line(&mut text).expect("the program prints a line");
                send(signal, process);
                stdout.read_to_string(&mut text).expect("the output is text");
                text
            },
        );
        let lines = ended.lines();
        assert_eq!(lines[..2], ["the service runs", "asked to stop"], "{ended:#?}");
        assert_eq!(lines[3..], ["jobs that were left: 0"], "{ended:#?}");
    }
}
