//! Threads that the operating system refuses, and the greatest number of threads that it allows.
//!
//! Scenario "the thread that is refused" in docs/architecture.md.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_core::{
    JoinError, StartError, Thread, ThreadGroup, ThreadState, active_count, enumerate,
    set_stack_size,
};
use threadwork_sync::Event;
use threadwork_test_support::says;

use crate::runner::{ENDS_WELL, Program, SKIPPED};

/// More memory than any machine has.
const ABSURD_STACK_SIZE: usize = usize::MAX >> 4;
const SMALL_STACK: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

/// Set in the environment of the process in which threads are refused.
const REFUSING: &str = "THREADWORK_TEST_REFUSING";

/// Checks that a thread that was refused is in the state before its start.
#[track_caller]
fn check_refused<T>(thread: &Thread<T>, group: &ThreadGroup, alive: usize) {
    assert_eq!(
        (thread.state(), thread.ident(), thread.native_id()),
        (ThreadState::New, None, None)
    );
    assert!(thread.outcome().is_none());
    assert!(matches!(thread.join(), Err(JoinError::NotStarted)));
    assert!(!thread.is_daemon());
    thread.set_daemon(true).expect("the thread is not started");
    thread.set_daemon(false).expect("the thread is not started");
    assert!(!enumerate().contains(thread) && !group.list().contains(thread));
    assert_eq!((group.count(), group.list().len()), (alive, alive));
    assert_eq!((active_count(), enumerate().len()), (alive + 1, alive + 1));
}

/// Starts `n_threads` threads, some of which the operating system refuses, and starts those again later.
/// Returns the number of refused threads.
fn start_all(n_threads: usize, only_one: bool) -> usize {
    let (gate, runs) = (Arc::new(Event::new()), Arc::new(AtomicUsize::new(0)));
    let group = ThreadGroup::new("group");
    let threads: Vec<_> = (0..n_threads)
        .map(|_| {
            let (gate, runs) = (Arc::clone(&gate), Arc::clone(&runs));
            group.builder().stack_size(SMALL_STACK).build(move || {
                gate.wait();
                runs.fetch_add(1, Ordering::Relaxed);
            })
        })
        .collect();
    let (mut alive, mut refused) = (Vec::new(), Vec::new());
    for thread in &threads {
        match thread.start() {
            Ok(()) => alive.push(thread),
            Err(StartError::Os(_)) => {
                check_refused(thread, &group, alive.len());
                refused.push(thread);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(!only_one || refused.len() == 1, "{} are refused", refused.len());
    let n_refused = refused.len();
    gate.set();
    // Once there is room again, they run as any other thread.
    for wave in [&alive, &refused] {
        for thread in wave {
            if thread.state() == ThreadState::New {
                thread.start().unwrap();
            }
            thread.join_timeout(PATIENCE).unwrap();
            thread.join().unwrap();
        }
    }
    assert_eq!(runs.load(Ordering::Relaxed), n_threads);
    assert_eq!((group.count(), active_count()), (0, 1));
    assert_eq!(Arc::strong_count(&runs), n_threads + 1, "no runnable was dropped or copied");
    n_refused
}

/// Runs this program again through `command`, in a process in which threads are refused.
fn again_by(command: &mut Command) -> ExitCode {
    let exe = env::current_exe().expect("this program has a path");
    match command.arg(exe).env(REFUSING, "1").output() {
        Err(error) => println!("{SKIPPED} {:?}: {error}", command.get_program()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                if said.contains("panicked at") || output.status.signal().is_some() {
                    eprintln!("{}\n{said}", output.status);
                    return ExitCode::FAILURE;
                }
                println!("{SKIPPED} {:?}: {said}", command.get_program());
            }
        }
    }
    ExitCode::SUCCESS
}

/// Returns the memory of this process in KiB and the number of its memory maps, from `/proc`.
fn memory() -> Option<(usize, usize)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmRSS:"))?;
    let resident = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((resident, fs::read_to_string("/proc/self/maps").ok()?.lines().count()))
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        claim: "a thread refused because of its stack size can be started with a smaller one",
        main: || {
            let group = ThreadGroup::new("group");
            let thread = group.builder().stack_size(ABSURD_STACK_SIZE).build(|| ());
            for _ in 0..3 {
                assert!(matches!(thread.start(), Err(StartError::Os(_))));
                check_refused(&thread, &group, 0);
            }
            let thread = group.builder().build(|| ());
            set_stack_size(ABSURD_STACK_SIZE).unwrap();
            for _ in 0..3 {
                assert!(matches!(thread.start(), Err(StartError::Os(_))));
                check_refused(&thread, &group, 0);
            }
            assert_eq!(set_stack_size(0).unwrap(), ABSURD_STACK_SIZE);
            thread.start().unwrap();
            thread.join().unwrap();
            assert!(thread.into_runnable().is_ok());
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        // After `ThreadTests.test_start_new_thread_failed`.
        claim: "the 500th of 1,000 threads is refused by the operating system",
        main: || {
            if env::var_os(REFUSING).is_some() {
                start_all(1000, true);
                return ExitCode::SUCCESS;
            }
            again_by(Command::new("strace").args([
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "inject=clone3:error=EAGAIN:when=500",
            ]))
        },
        ..ENDS_WELL
    },
    Program {
        claim: "all threads after the first hundred or so are refused by the operating system",
        main: || {
            if env::var_os(REFUSING).is_some() {
                assert!(start_all(200, false) > 50, "they are refused");
                return ExitCode::SUCCESS;
            }
            // SAFETY: the call takes no argument and cannot fail.
            if unsafe { libc::geteuid() } != 0 {
                println!(
                    "{SKIPPED} the limit does not apply to root, and only root can become another user"
                );
                return ExitCode::SUCCESS;
            }
            // The limit counts all processes of a user, so the user is one that no other program is likely to run as.
            let user = format!("--reuid={}", 20_000 + std::process::id() % 40_000);
            let somebody = [&user, "--clear-groups", "prlimit", "--nproc=100"];
            again_by(Command::new("setpriv").args(somebody))
        },
        ..ENDS_WELL
    },
    Program {
        claim: "threads can be started until the memory maps run out, and then there is an error",
        main: || {
            let Some((resident, maps)) = memory() else {
                println!("{SKIPPED} there is no /proc");
                return ExitCode::SUCCESS;
            };
            let gate = Arc::new(Event::new());
            let (mut threads, mut slowest) = (Vec::new(), Duration::ZERO);
            let mut all_run = false;
            let begin = Instant::now();
            loop {
                let waiting = Arc::clone(&gate);
                let build = Thread::builder().stack_size(SMALL_STACK);
                let thread = build.build(move || waiting.wait());
                let since = Instant::now();
                match thread.start() {
                    Ok(()) => {
                        threads.push(thread);
                        all_run = false;
                    }
                    Err(StartError::TooManyThreads { maps, limit }) => {
                        assert!(maps < limit, "{maps} {limit}");
                        if all_run {
                            break;
                        }
                        // Threads that are about to run may be counted with more maps than they still need.
                        while threads.iter().any(|it| it.state() != ThreadState::Running) {
                            std::thread::sleep(Duration::from_millis(1));
                        }
                        all_run = true;
                    }
                    Err(error) => {
                        println!("{SKIPPED} after {} threads: {error}", threads.len());
                        gate.set();
                        return ExitCode::SUCCESS;
                    }
                }
                slowest = slowest.max(since.elapsed());
            }
            let n_threads = threads.len();
            eprintln!(
                "{n_threads} threads in {:?}, the slowest start {slowest:?}",
                begin.elapsed()
            );
            assert!(n_threads >= 10_000, "{n_threads}");
            assert_eq!(active_count(), n_threads + 1);
            let idents: BTreeSet<_> = enumerate().iter().map(|it| it.ident()).collect();
            assert_eq!(
                idents.len(),
                n_threads + 1,
                "each thread is listed once, with its own number"
            );

            let refused = Thread::new(|| ());
            let since = Instant::now();
            says!(
                refused.start(),
                StartError::TooManyThreads { .. },
                "the process has … of at most … memory maps, and a thread needs four; \
                 start the thread again once others have ended, or raise vm.max_map_count"
            );
            eprintln!("a refusal takes {:?}", since.elapsed());
            let (resident_by_all, maps_by_all) = memory().unwrap();
            gate.set();
            threads.iter().for_each(|it| it.join().unwrap());
            assert_eq!((active_count(), enumerate().len()), (1, 1));
            refused.start().expect("there is room again");
            refused.join().unwrap();
            drop(threads);
            let (resident_after, maps_after) = memory().unwrap();
            eprintln!("{resident} {resident_by_all} {resident_after} KiB");
            eprintln!("{maps} {maps_by_all} {maps_after} maps");
            // The C library keeps some stacks for later.
            let left = |before: usize, by_all: usize, after: usize| {
                after.saturating_sub(before) * 4 < by_all.saturating_sub(before)
            };
            assert!(left(resident, resident_by_all, resident_after));
            assert!(left(maps, maps_by_all, maps_after));
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
    Program {
        claim: "if other memory maps take most of the limit, a thread is refused with an error",
        main: || {
            const MAPS: usize = 64_000;
            // SAFETY: a new mapping, of which nothing is read or written.
            let pages = unsafe {
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
                libc::mmap(std::ptr::null_mut(), MAPS * 4096, libc::PROT_NONE, flags, -1, 0)
            };
            assert_ne!(pages, libc::MAP_FAILED);
            for page in (0..MAPS).step_by(2) {
                let page = pages.wrapping_byte_add(page * 4096);
                // SAFETY: the page is one of the mapping.
                let error = unsafe { libc::mprotect(page, 4096, libc::PROT_READ) };
                if error != 0 {
                    println!("{SKIPPED} the limit of memory maps is below {MAPS}");
                    return ExitCode::SUCCESS;
                }
            }
            let gate = Arc::new(Event::new());
            let mut threads = Vec::new();
            let error = loop {
                let waiting = Arc::clone(&gate);
                let thread = Thread::new(move || waiting.wait());
                if let Err(error) = thread.start() {
                    break error;
                }
                threads.push(thread);
                if threads.len() > 1000 {
                    println!("{SKIPPED} the limit of memory maps is high");
                    gate.set();
                    return ExitCode::SUCCESS;
                }
            };
            assert!(matches!(error, StartError::TooManyThreads { .. }), "{error}");
            gate.set();
            threads.iter().for_each(|it| it.join().unwrap());
            ExitCode::SUCCESS
        },
        ..ENDS_WELL
    },
];
