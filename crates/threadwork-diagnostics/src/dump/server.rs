//! Serving dumps to other programs through a socket.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};
#[cfg(all(unix, not(threadwork_portable)))]
use std::{os::unix::net::UnixStream, path::PathBuf};

use threadwork_core::{StartError, ThreadHandle, internal::helper, stop_requested};

use super::take::dump;

#[cfg(all(unix, not(threadwork_portable)))]
mod unix_socket;
#[cfg(all(unix, not(threadwork_portable)))]
use self::unix_socket::UnixSocket;
#[cfg(test)]
mod tests;

/// How long a client may take to read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Serves [dumps](dump()) through a socket, from a thread of its own. Each client that connects gets one dump as one line of JSON, and is disconnected.
/// `threadwork-top` reads these dumps.
///
/// A dump contains names, source locations and memory addresses. So a program has a server only if it starts one, and the server is reachable
/// only from the same machine: a Unix socket by the same user alone, a loopback port by every user of the machine.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// use std::{io, net::TcpStream};
/// use diagnostics::{Dump, DumpServer};
///
/// let server = DumpServer::tcp(([127, 0, 0, 1], 0)).start()?;
/// let address = server.address().expect("it has a port");
///
/// // In another program:
/// let text = io::read_to_string(TcpStream::connect(address)?)?;
/// let dump: Dump = serde_json::from_str(&text)?;
/// assert_eq!(dump.pid, std::process::id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "there is no server until it is started"]
pub struct DumpServer {
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Tcp(SocketAddr),
    #[cfg(all(unix, not(threadwork_portable)))]
    Unix(PathBuf),
}

impl DumpServer {
    /// Serves on a port of a loopback address, such as `127.0.0.1` or `::1`. Port 0 means any free port.
    pub fn tcp(address: impl Into<SocketAddr>) -> DumpServer {
        DumpServer { place: Place::Tcp(address.into()) }
    }

    /// Serves on a Unix socket: a file that only the same user can read and write.
    /// A socket left behind by a server that has ended is replaced; any other existing file is an error.
    ///
    /// Only on Unix. [`tcp`](Self::tcp) works everywhere, but every user of the machine can reach its port.
    #[cfg(all(unix, not(threadwork_portable)))]
    pub fn unix(path: impl Into<PathBuf>) -> DumpServer {
        DumpServer { place: Place::Unix(path.into()) }
    }

    /// Serves until the returned guard is dropped. The thread is a daemon named `threadwork-dump-server`.
    ///
    /// # Errors
    ///
    /// If the address is not a loopback address, if the socket cannot be opened, or if the thread cannot be started.
    pub fn start(self) -> Result<DumpServerGuard, DumpServerError> {
        match self.place {
            Place::Tcp(address) if !address.ip().to_canonical().is_loopback() => {
                Err(DumpServerError::NotLoopback(address))
            }
            Place::Tcp(address) => {
                let refused = |why| DumpServerError::Socket { place: address.to_string(), why };
                let listener = TcpListener::bind(address).map_err(refused)?;
                let address = listener.local_addr().map_err(refused)?;
                let accept = move || listener.accept().map(|(stream, _)| stream);
                let thread = serve(accept, TcpStream::set_write_timeout)?;
                Ok(DumpServerGuard { thread, endpoint: Some(Endpoint::Tcp(address)) })
            }
            #[cfg(all(unix, not(threadwork_portable)))]
            Place::Unix(path) => {
                let place = path.display().to_string();
                let refused = |why| DumpServerError::Socket { place, why };
                let (listener, socket) = UnixSocket::open(path).map_err(refused)?;
                let accept = move || listener.accept().map(|(stream, _)| stream);
                let thread = serve(accept, UnixStream::set_write_timeout)
                    .inspect_err(|_| socket.remove())?;
                Ok(DumpServerGuard { thread, endpoint: Some(Endpoint::Unix(socket)) })
            }
        }
    }
}

/// Starts a thread that sends each client a dump.
fn serve<S: Write + 'static>(
    accept: impl Fn() -> io::Result<S> + Send + 'static,
    set_timeout: fn(&S, Option<Duration>) -> io::Result<()>,
) -> Result<ThreadHandle, DumpServerError> {
    let run = move || {
        while !stop_requested() {
            match accept() {
                // This may be the guard, which connects to wake the thread for its stop.
                Ok(_) if stop_requested() => (),
                // A client that disconnects or does not read does not affect the others.
                Ok(client) => _ = send(client, set_timeout, PATIENCE),
                // There may be no free file descriptor: the next attempt waits a little.
                Err(_) => _ = threadwork_core::sleep(Duration::from_millis(10)),
            }
        }
    };
    let thread = helper("threadwork-dump-server").build(run);
    thread.start().map_err(DumpServerError::Thread)?;
    Ok(thread.handle().clone())
}

/// Writes a dump as one line. The client has `patience` to read all of it, counted from when the dump is made, however little it reads at a time.
fn send<S: Write>(
    mut client: S,
    set_timeout: fn(&S, Option<Duration>) -> io::Result<()>,
    patience: Duration,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(&dump())?;
    line.push(b'\n');
    let until = Instant::now() + patience;
    let mut rest = &line[..];
    while !rest.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        set_timeout(&client, Some(left))?;
        match client.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A running [`DumpServer`]. Dropping it closes the socket and removes the file of a Unix socket; the drop does not wait for the thread.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let guard = diagnostics::DumpServer::tcp(([127, 0, 0, 1], 0)).start()?;
/// guard.stop();
/// # Ok::<(), diagnostics::DumpServerError>(())
/// ```
#[derive(Debug)]
#[must_use = "the server ends when this is dropped"]
pub struct DumpServerGuard {
    thread: ThreadHandle,
    /// `None` once it is closed.
    endpoint: Option<Endpoint>,
}

/// Where the thread waits for clients.
#[derive(Debug)]
enum Endpoint {
    Tcp(SocketAddr),
    #[cfg(all(unix, not(threadwork_portable)))]
    Unix(UnixSocket),
}

impl DumpServerGuard {
    /// The address and port; `None` for a Unix socket.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self.endpoint {
            Some(Endpoint::Tcp(address)) => Some(address),
            _ => None,
        }
    }

    /// Stops the server and waits until it has stopped.
    ///
    /// If the file of its Unix socket was removed, this does not wait: the thread cannot be reached any more, and ends with the program.
    pub fn stop(mut self) {
        if self.close() {
            // If it ended with a panic, that was reported.
            let _ = self.thread.join();
        }
    }

    /// Requests the stop and wakes the thread by connecting as a client, since it waits for clients in the operating system. Returns whether it was reached.
    fn close(&mut self) -> bool {
        self.thread.request_stop();
        match self.endpoint.take() {
            Some(Endpoint::Tcp(address)) => TcpStream::connect_timeout(&address, PATIENCE).is_ok(),
            #[cfg(all(unix, not(threadwork_portable)))]
            Some(Endpoint::Unix(socket)) => socket.close(),
            None => false,
        }
    }
}

impl Drop for DumpServerGuard {
    fn drop(&mut self) {
        self.close();
    }
}

/// The server cannot be started: an error of [`DumpServer::start`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let error = diagnostics::DumpServer::tcp(([0, 0, 0, 0], 7777)).start().unwrap_err();
/// assert!(error.to_string().starts_with("cannot serve dumps at 0.0.0.0:7777: "));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum DumpServerError {
    /// The address is reachable from other machines.
    NotLoopback(SocketAddr),
    /// The socket cannot be opened.
    #[non_exhaustive]
    Socket {
        /// The address, or the path.
        place: String,
        /// The error of the operating system.
        why: io::Error,
    },
    /// The thread cannot be started.
    Thread(StartError),
}

impl fmt::Display for DumpServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DumpServerError::NotLoopback(address) => write!(
                f,
                "cannot serve dumps at {address}: other machines can reach it; use 127.0.0.1 or ::1, or a Unix socket"
            ),
            DumpServerError::Socket { place, why } => {
                write!(f, "cannot serve dumps at {place}: {why}; choose another address or path")
            }
            DumpServerError::Thread(why) => write!(f, "cannot start the dump server: {why}"),
        }
    }
}

impl Error for DumpServerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            DumpServerError::NotLoopback(_) => None,
            DumpServerError::Socket { why, .. } => Some(why),
            DumpServerError::Thread(why) => Some(why),
        }
    }
}
