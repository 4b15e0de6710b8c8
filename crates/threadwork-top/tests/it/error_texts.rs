//! What each error says. Every variant is reached by the calls that users make.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    thread,
};

use threadwork_test_support::says;
use threadwork_top::{LookError, Source, SourceError};

#[test]
fn of_a_place() {
    says!(
        "localhost".parse::<Source>(),
        SourceError { .. },
        "'localhost' is no place of a program; write unix:/path, or an address such as 127.0.0.1:7777"
    );
}

/// Returns the address of a server that gives these answers, one to each client.
fn server(answers: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for answer in answers {
            listener.accept().unwrap().0.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn of_looks() {
    // No program can have this port.
    says!(
        Source::Tcp(([127, 0, 0, 1], 0).into()).look(),
        LookError::Connect(_),
        "cannot connect: …; start a `DumpServer` there in the program"
    );
    let source = Source::Tcp(server(&["HTTP/1.1 400 Bad Request\r\n", "{\"pid\": 1,"]));
    says!(
        source.look(),
        LookError::NotADump(_),
        "the answer is not a dump: …; give the place of a `DumpServer`"
    );
    says!(source.look(), LookError::NotADump(_), "the answer is incomplete; look again");
}

#[test]
fn of_a_program_that_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = Source::Tcp(listener.local_addr().unwrap());
    says!(
        source.look(),
        LookError::Read(_),
        "no answer: …; look again, or find out whether the program hangs"
    );
}
