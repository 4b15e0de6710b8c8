//! A closed standard output.

use std::io::{self, ErrorKind, Read, Write};

use threadwork_core::Thread;
use threadwork_diagnostics::init;

use crate::program::Program;

#[test]
fn lines_to_a_closed_pipe_are_lost_and_the_program_continues() {
    let program = Program::new(|| {
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        let error = io::stdout().write_all(b"is anybody there?\n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);

        init().unwrap();
        for _ in 0..100 {
            let thread = Thread::builder().name("loop").my_thread(|| 7, ());
            thread.start().unwrap();
            thread.join().unwrap();
            assert_eq!(thread.get_result().unwrap(), &7);
        }
        eprintln!("the program goes on");
    });
    let ended = program.run_unread();
    assert_eq!(ended.status.code(), Some(0), "{ended:#?}");
    let once =
        "threadwork: lines are lost, because they cannot be written (Broken pipe (os error 32))\n";
    assert_eq!(ended.stderr, format!("{once}the program goes on\n"));
}
