//! Graceful shutdown: on SIGINT or SIGTERM, or when the work is done, the threads are asked to stop and waited for. Those that do not end are named.
//!
//! `12_exit stubborn` starts one that does not end.

use std::{env, process::ExitCode, time::Duration};

use threadwork::{Program, StartError, Thread, at_exit, sleep};

fn serve() -> Result<(), StartError> {
    for name in ["reader", "writer"] {
        let work = move || {
            while sleep(Duration::from_millis(5)).is_ok() {}
            println!("{name} ends");
        };
        Thread::builder().name(name).daemon(false).build(work).start()?;
    }
    if env::args().any(|it| it == "stubborn") {
        let stubborn = Thread::builder().name("stubborn").daemon(false);
        stubborn.build(|| std::thread::sleep(Duration::from_secs(3600))).start()?;
    }
    Ok(())
}

fn main() -> ExitCode {
    Program::new()
        .stop_on_signals()
        .stop_at_end()
        .wait_at_most(Duration::from_secs(3))
        .code_if_cut_off(75)
        .run(|| {
            let registered = at_exit(|| println!("threads are stopped now"))
                .and(at_exit(|| println!("the end has begun")));
            match serve() {
                Ok(()) if registered.is_ok() => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            }
        })
}
