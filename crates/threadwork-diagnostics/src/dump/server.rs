//! Dumps for other programs, through a socket.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};
#[cfg(unix)]
use std::{os::unix::net::UnixStream, path::PathBuf};

use threadwork_core::{StartError, ThreadHandle, internal::helper, stop_requested};

use super::take::dump;

#[cfg(unix)]
mod unix_socket;
#[cfg(unix)]
use self::unix_socket::UnixSocket;
#[cfg(test)]
mod tests;

/// For how long a client may take to read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Hands out [dumps](dump()) through a socket, in a thread of its own: whoever connects gets one, as one line of JSON, and is disconnected.
/// It is what `threadwork-top` looks at.
///
/// A dump tells names, places in the source code and addresses in memory, so there is a server only where a program starts one,
/// and only for the same machine. A Unix socket is for the same user alone. A port on loopback is for every user of the machine.
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
    #[cfg(unix)]
    Unix(PathBuf),
}

impl DumpServer {
    /// One on a port of a loopback address, as `127.0.0.1` and `::1` are; the port 0 stands for any that is free.
    pub fn tcp(address: impl Into<SocketAddr>) -> DumpServer {
        DumpServer { place: Place::Tcp(address.into()) }
    }

    /// One on a Unix socket, a file that only the same user can read and write.
    /// A socket that was left there by a server that is gone is replaced; any other file is an error.
    #[cfg(unix)]
    pub fn unix(path: impl Into<PathBuf>) -> DumpServer {
        DumpServer { place: Place::Unix(path.into()) }
    }

    /// Lets it serve until what this returns is dropped. Its thread is a daemon called `threadwork-dump-server`.
    ///
    /// # Errors
    ///
    /// If the address is not on loopback, if the socket cannot be opened, or if its thread cannot be started.
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
            #[cfg(unix)]
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

/// Starts a thread that gives whoever comes a dump.
fn serve<S: Write + 'static>(
    accept: impl Fn() -> io::Result<S> + Send + 'static,
    set_timeout: fn(&S, Option<Duration>) -> io::Result<()>,
) -> Result<ThreadHandle, DumpServerError> {
    let run = move || {
        while !stop_requested() {
            match accept() {
                // Who has come may be nobody but the guard, to say that it is over.
                Ok(_) if stop_requested() => (),
                // One that goes away or does not read is no concern of others.
                Ok(client) => _ = send(client, set_timeout, PATIENCE),
                // There may be no file descriptor left, which does not change at once.
                Err(_) => _ = threadwork_core::sleep(Duration::from_millis(10)),
            }
        }
    };
    let thread = helper("threadwork-dump-server").build(run);
    thread.start().map_err(DumpServerError::Thread)?;
    Ok(thread.handle().clone())
}

/// Writes a dump as one line. The client has so long for all of it, from when it is made, however little it reads at a time.
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

/// A [`DumpServer`] that serves. Its drop closes the socket and removes the file of a Unix socket, and does not wait for the thread.
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
    /// None as soon as it is closed.
    endpoint: Option<Endpoint>,
}

/// Where the thread waits for clients.
#[derive(Debug)]
enum Endpoint {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(UnixSocket),
}

impl DumpServerGuard {
    /// The address with its port; `None` for a Unix socket.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self.endpoint {
            Some(Endpoint::Tcp(address)) => Some(address),
            _ => None,
        }
    }

    /// Asks the server to stop, and waits until it has.
    ///
    /// It does not wait where somebody has removed the file of its socket: its thread cannot be reached then, as nobody can, and ends with the program.
    pub fn stop(mut self) {
        if self.close() {
            // If a panic has ended it, that was reported.
            let _ = self.thread.join();
        }
    }

    /// Asks the server to stop; returns whether it will. It waits for clients in the operating system, so it is told as a client.
    fn close(&mut self) -> bool {
        self.thread.request_stop();
        match self.endpoint.take() {
            Some(Endpoint::Tcp(address)) => TcpStream::connect_timeout(&address, PATIENCE).is_ok(),
            #[cfg(unix)]
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

/// There is no server: an error of [`DumpServer::start`].
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let error = diagnostics::DumpServer::tcp(([0, 0, 0, 0], 7777)).start().unwrap_err();
/// assert!(error.to_string().starts_with("no dumps at 0.0.0.0:7777: "));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum DumpServerError {
    /// The address can be reached from other machines.
    NotLoopback(SocketAddr),
    /// The socket cannot be opened.
    #[non_exhaustive]
    Socket {
        /// The address, or the path.
        place: String,
        /// What the operating system says.
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
                "no dumps at {address}: other machines can reach that; use 127.0.0.1 or ::1, or a Unix socket"
            ),
            DumpServerError::Socket { place, why } => {
                write!(f, "no dumps at {place}: {why}; choose another place")
            }
            DumpServerError::Thread(why) => write!(f, "no server of dumps: {why}"),
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
