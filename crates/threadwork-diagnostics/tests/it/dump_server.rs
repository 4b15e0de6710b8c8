//! What other programs get from a dump server, and what happens to its socket.

use std::{
    error::Error,
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use threadwork_core::{Thread, ThreadGroup, internal::everyone, sleep};
use threadwork_diagnostics::{Dump, DumpServer, DumpServerError, DumpServerGuard, dump};
use threadwork_sync::{Event, Lock};

use crate::program::Program;

/// Far longer than a client that does not read can delay the others.
const PATIENCE: Duration = Duration::from_secs(60);

const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn text(mut stream: impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("there is a text in time");
    text
}

fn parse(text: &str) -> Dump {
    assert!(text.ends_with('\n') && text.lines().count() == 1, "{text:?}");
    serde_json::from_str(text).expect("it is a dump")
}

fn read(stream: impl Read) -> Dump {
    parse(&text(stream))
}

/// Reads a dump that does not fit into the buffers of the operating system. A client that does not run for as long as the server waits
/// gets only a part of it, and asks again.
fn read_long<S: Read>(connect: impl Fn() -> S) -> Dump {
    let mut texts = std::iter::repeat_with(|| text(connect()));
    parse(&texts.find(|it| it.ends_with('\n')).expect("there is no end of them"))
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn is_served() -> bool {
    everyone().iter().any(|it| it.name() == "threadwork-dump-server")
}

/// A loopback port that no other process is given while this one lives: on systems with several loopback addresses this process has its own.
fn own_address() -> SocketAddr {
    let [.., a, b, c] = std::process::id().to_be_bytes();
    if cfg!(target_os = "linux") { ([127, 64 | a, b, c], 0).into() } else { LOOPBACK.into() }
}

/// Starts a thread that waits until the end of the program.
fn start_waiting(name: impl Into<String>) {
    static NEVER: Event = Event::new().named("never");
    Thread::builder().name(name).daemon(true).build(|| NEVER.wait()).start().unwrap();
}

#[test]
fn a_dump_is_the_same_after_writing_and_reading() {
    let program = Program::new(|| {
        static A: Lock<()> = Lock::named("a\n", ());

        let held = A.acquire();
        let clerks = ThreadGroup::new("shop").child("clerks");
        let waiter = clerks.builder().name("waits").daemon(true).build(|| drop(A.acquire()));
        waiter.start().unwrap();
        let mine = Thread::builder().name("mi\u{1b}ne").daemon(true).build(|| {
            let lock = Lock::new(());
            let _first = lock.acquire();
            drop(lock.acquire());
        });
        mine.start().unwrap();
        let handle = mine.handle().clone();
        Thread::builder().daemon(true).build(move || _ = handle.join()).start().unwrap();
        let sleeps = || _ = sleep(Duration::from_secs(3600));
        Thread::builder().daemon(true).build(sleeps).start().unwrap();
        start_waiting("event");
        let dump = loop {
            let dump = dump();
            if dump.to_string().matches("waits for ").count() == 5 && !dump.deadlocks.is_empty() {
                break dump;
            }
        };
        let text = serde_json::to_string(&dump).unwrap();
        let read: Dump = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(read.to_string(), dump.to_string());
        drop(held);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn each_client_of_the_port_gets_a_dump() {
    let program = Program::new(|| {
        let guard = DumpServer::tcp(own_address()).start().unwrap();
        start_waiting("patient");
        let address = guard.address().unwrap();
        assert!(address.ip().is_loopback() && address.port() != 0, "{address}");
        for _ in 0..3 {
            let dump = read(connect(address));
            assert_eq!(dump.pid, std::process::id());
            assert!(dump.to_string().contains("'patient' #"), "{dump}");
            assert!(dump.to_string().contains("'threadwork-dump-server' #"), "{dump}");
        }
        guard.stop();
        assert!(!is_served());
        assert!(TcpStream::connect(address).is_err());
    });
    assert!(program.run().lines().is_empty(), "its thread prints nothing");
}

#[test]
fn clients_at_the_same_time_get_a_dump_each() {
    let program = Program::new(|| {
        let guard = DumpServer::tcp(LOOPBACK).start().unwrap();
        let address = guard.address().unwrap();
        let client = || {
            let streams: Vec<_> = (0..10).map(|_| connect(address)).collect();
            streams.into_iter().map(read).map(|it| it.pid).collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..8).map(|_| scope.spawn(client)).collect();
            for client in clients {
                assert_eq!(client.join().unwrap(), [std::process::id(); 10]);
            }
        });
        drop(guard);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_client_that_never_reads_is_disconnected_for_the_others() {
    let program = Program::new(|| {
        // More than the operating system buffers for a client that does not read.
        start_waiting("x".repeat(16 << 20));
        let guard = DumpServer::tcp(LOOPBACK).start().unwrap();
        let never_reads = connect(guard.address().unwrap());
        let dump = read_long(|| connect(guard.address().unwrap()));
        assert!(dump.count >= 2);
        drop(guard);
        drop(never_reads);
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn a_client_that_disconnects_does_not_affect_the_others() {
    let program = Program::new(|| {
        start_waiting("x".repeat(1 << 20));
        let guard = DumpServer::tcp(LOOPBACK).start().unwrap();
        let address = guard.address().unwrap();
        for _ in 0..20 {
            drop(connect(address));
        }
        assert_eq!(read_long(|| connect(address)).pid, std::process::id());
        guard.stop();
    });
    assert!(program.run().lines().is_empty());
}

#[test]
fn an_address_that_other_machines_can_reach_is_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[2001:db8::1]:0", "[::ffff:192.0.2.1]:0"]
    {
        let address: SocketAddr = address.parse().unwrap();
        let error = DumpServer::tcp(address).start().unwrap_err();
        assert!(matches!(error, DumpServerError::NotLoopback(it) if it == address), "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("cannot serve dumps at {address}: other machines")),
            "{text}"
        );
        assert!(error.source().is_none());
    }
}

#[test]
fn a_port_that_is_taken_is_an_error_that_says_so() {
    let first = DumpServer::tcp(LOOPBACK).start().unwrap();
    let address = first.address().unwrap();
    let error = DumpServer::tcp(address).start().unwrap_err();
    let why = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    assert_eq!(why.map(io::Error::kind), Some(io::ErrorKind::AddrInUse));
    assert!(
        error.to_string().starts_with(&format!("cannot serve dumps at {address}: ")),
        "{error}"
    );
}

#[test]
fn a_stop_does_not_hang_if_the_thread_was_already_requested_to_stop() {
    let program = Program::new(|| {
        let guard: DumpServerGuard = DumpServer::tcp(LOOPBACK).start().unwrap();
        let all = everyone();
        let server = all.iter().find(|it| it.name() == "threadwork-dump-server").unwrap();
        server.request_stop();
        guard.stop();
        assert!(!is_served());
    });
    assert!(program.run().lines().is_empty());
}

#[cfg(all(unix, not(threadwork_portable)))]
mod unix {
    use std::{
        fs, io,
        os::unix::{
            fs::{FileTypeExt, PermissionsExt},
            net::{UnixListener, UnixStream},
        },
        path::PathBuf,
        process,
    };

    use threadwork_diagnostics::DumpServer;

    use super::{PATIENCE, is_served, read, read_long, start_waiting};
    use crate::program::Program;

    /// A folder of its own for each test; it is empty at the end, and removed.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder = std::env::temp_dir().join(format!("tw-{}-{name}", process::id()));
            // An earlier process with this id may have left it behind.
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir(&folder).unwrap();
            Folder(folder)
        }

        fn socket(&self) -> PathBuf {
            self.0.join("socket")
        }

        #[track_caller]
        fn close(self) {
            let left: Vec<_> =
                fs::read_dir(&self.0).unwrap().map(|it| it.unwrap().path()).collect();
            fs::remove_dir_all(&self.0).unwrap();
            assert!(left.is_empty(), "{left:?}");
        }
    }

    fn connect(path: &PathBuf) -> UnixStream {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    #[test]
    fn the_socket_is_for_its_user_alone_and_is_removed_with_the_guard() {
        let program = Program::new(|| {
            let folder = Folder::new("own");
            let path = folder.socket();
            let guard = DumpServer::unix(&path).start().unwrap();
            assert_eq!(guard.address(), None);
            let found = fs::symlink_metadata(&path).unwrap();
            assert!(found.file_type().is_socket());
            assert_eq!(found.permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
            for _ in 0..3 {
                assert_eq!(read(connect(&path)).pid, process::id());
            }
            drop(guard);
            assert!(!path.exists(), "the file is gone at once");
            let guard = DumpServer::unix(&path).start().unwrap();
            guard.stop();
            assert!(!path.exists());
            folder.close();
        });
        assert!(program.run().lines().is_empty());
    }

    #[test]
    fn a_client_of_the_socket_that_never_reads_is_disconnected_for_the_others() {
        let program = Program::new(|| {
            let folder = Folder::new("mute");
            start_waiting("x".repeat(8 << 20));
            let guard = DumpServer::unix(folder.socket()).start().unwrap();
            let never_reads = connect(&folder.socket());
            assert!(read_long(|| connect(&folder.socket())).count >= 2);
            guard.stop();
            drop(never_reads);
            assert!(!is_served());
            folder.close();
        });
        assert!(program.run().lines().is_empty());
    }

    #[test]
    fn a_socket_that_a_program_left_behind_is_replaced() {
        let folder = Folder::new("stale");
        let path = folder.socket();
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let guard = DumpServer::unix(&path).start().unwrap();
        assert_eq!(read(connect(&path)).pid, process::id());
        guard.stop();
        folder.close();
    }

    #[test]
    fn a_socket_with_a_listening_server_is_not_replaced() {
        let folder = Folder::new("taken");
        let path = folder.socket();
        let first = DumpServer::unix(&path).start().unwrap();
        let error = DumpServer::unix(&path).start().unwrap_err();
        assert!(error.to_string().contains("a server already listens there"), "{error}");
        assert_eq!(read(connect(&path)).pid, process::id());
        first.stop();
        folder.close();
    }

    #[test]
    fn any_other_file_is_not_replaced() {
        let folder = Folder::new("file");
        let path = folder.socket();
        fs::write(&path, "mine").unwrap();
        let error = DumpServer::unix(&path).start().unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("cannot serve dumps at {}: another file", path.display())),
            "{text}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        fs::remove_file(&path).unwrap();
        folder.close();
    }

    #[test]
    fn a_guard_does_not_remove_a_file_that_replaced_its_socket() {
        let folder = Folder::new("other");
        let path = folder.socket();
        let first = DumpServer::unix(&path).start().unwrap();
        fs::remove_file(&path).unwrap();
        let other = UnixListener::bind(&path).unwrap();
        other.set_nonblocking(true).unwrap();
        first.stop();
        assert!(path.exists());
        assert_eq!(other.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        fs::remove_file(&path).unwrap();
        folder.close();
    }

    #[test]
    fn an_impossible_path_is_an_error_and_leaves_nothing_behind() {
        let folder = Folder::new("long");
        let long = "x".repeat(120);
        DumpServer::unix(folder.0.join("none").join("socket")).start().unwrap_err();
        DumpServer::unix(folder.0.join(&long)).start().unwrap_err();
        let deep = Folder(folder.0.join(&long));
        fs::create_dir(&deep.0).unwrap();
        DumpServer::unix(deep.socket()).start().unwrap_err();
        deep.close();
        // The socket is made, and cannot be moved to its path.
        fs::create_dir(folder.socket()).unwrap();
        DumpServer::unix(folder.socket()).start().unwrap_err();
        fs::remove_dir(folder.socket()).unwrap();
        folder.close();
    }
}
