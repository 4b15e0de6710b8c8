//! A program that is looked at from outside.

use std::{net::TcpStream, process::Command};

use serde_json::Value;

use crate::{
    child::{run_numbered, send},
    example::{example, run_example},
};

#[test]
fn it_sees_what_its_threads_wait_for() {
    let ended = run_example("dump_server", &[]);
    let lines = ended.lines();
    let expected = [
        "forecast waits for nothing",
        "clock waits for the end of its sleep",
        "shop/tills/worker-1 waits for item of queue 'orders' (0 of 16)",
        "shop/tills/worker-2 waits for item of queue 'orders' (0 of 16)",
        "auditor waits for lock 'stock', held by 'buyer' ",
        "buyer waits for lock 'ledger', held by 'auditor' ",
        "1 deadlock, 1 failure",
    ];
    assert_eq!(lines.len(), expected.len(), "{ended:#?}");
    for expected in expected {
        assert!(lines.iter().any(|it| it.starts_with(expected)), "no {expected:?}: {ended:#?}");
    }
}

#[test]
fn another_program_reads_its_dump() {
    let ended = run_numbered(Command::new(example("dump_server")).arg("600"), |process, stdout| {
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the program prints a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let connection = TcpStream::connect(address).expect("the program listens");
        let dump: Value = serde_json::from_reader(connection).expect("it is a dump");
        send("-TERM", process);
        dump["root"]["groups"][0]["name"].to_string()
    });
    assert_eq!(ended.stdout, "\"shop\"", "{ended:#?}");
}
