//! The sources of dumps.

use std::{
    error::Error,
    fmt,
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    str::FromStr,
    time::Duration,
};
#[cfg(all(unix, not(threadwork_portable)))]
use std::{os::unix::net::UnixStream, path::PathBuf};

use threadwork::diagnostics::{Dump, dump};

/// How long a program may be silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Far more than any dump. Whatever sends more is not a dump server.
const MAX_BYTES: u64 = 1 << 30;

/// Where dumps come from: this process, or another program.
///
/// # Examples
///
/// ```
/// use threadwork_top::Source;
///
/// let source: Source = "127.0.0.1:7777".parse()?;
/// assert_eq!(source.to_string(), "127.0.0.1:7777");
/// assert_eq!(Source::Here.look()?.pid, std::process::id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// This process.
    Here,
    /// A program that serves dumps on a port.
    Tcp(SocketAddr),
    /// A program that serves dumps on a Unix socket.
    #[cfg(all(unix, not(threadwork_portable)))]
    Unix(PathBuf),
}

impl Source {
    /// Reads one dump.
    ///
    /// # Errors
    ///
    /// If the program cannot be reached, or its answer is not a dump.
    pub fn look(&self) -> Result<Dump, LookError> {
        match self {
            Source::Here => Ok(dump()),
            Source::Tcp(address) => {
                let stream = TcpStream::connect_timeout(address, PATIENCE);
                let stream = stream.map_err(LookError::Connect)?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(LookError::Read)?;
                read(stream)
            }
            #[cfg(all(unix, not(threadwork_portable)))]
            Source::Unix(path) => {
                let stream = UnixStream::connect(path).map_err(LookError::Connect)?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(LookError::Read)?;
                read(stream)
            }
        }
    }
}

fn read(stream: impl Read) -> Result<Dump, LookError> {
    let mut text = Vec::new();
    stream.take(MAX_BYTES).read_to_end(&mut text).map_err(LookError::Read)?;
    serde_json::from_slice(&text).map_err(LookError::NotADump)
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Here => f.write_str("this process"),
            Source::Tcp(address) => address.fmt(f),
            #[cfg(all(unix, not(threadwork_portable)))]
            Source::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    /// Parses `unix:/path` or `127.0.0.1:7777`.
    fn from_str(text: &str) -> Result<Source, SourceError> {
        #[cfg(all(unix, not(threadwork_portable)))]
        if let Some(path) = text.strip_prefix("unix:").filter(|it| !it.is_empty()) {
            return Ok(Source::Unix(path.into()));
        }
        text.parse().map(Source::Tcp).map_err(|_| SourceError(text.to_owned()))
    }
}

/// The text is not a [`Source`].
///
/// # Examples
///
/// ```
/// use threadwork_top::Source;
///
/// let error = "localhost".parse::<Source>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "'localhost' is no place of a program; write unix:/path, or an address such as 127.0.0.1:7777",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError(String);

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SourceError(text) = self;
        write!(
            f,
            "'{text}' is no place of a program; write unix:/path, or an address such as 127.0.0.1:7777"
        )
    }
}

impl Error for SourceError {}

/// No dump could be read: an error of [`Source::look`].
///
/// # Examples
///
/// ```
/// use threadwork_top::{LookError, Source};
///
/// // No server ever listens on port 0.
/// let source = Source::Tcp(([127, 0, 0, 1], 0).into());
/// assert!(matches!(source.look(), Err(LookError::Connect(_))));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum LookError {
    /// The program cannot be reached.
    Connect(io::Error),
    /// The program is silent, or the connection breaks off.
    Read(io::Error),
    /// The answer is not a dump.
    NotADump(serde_json::Error),
}

impl fmt::Display for LookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LookError::Connect(why) => {
                write!(f, "cannot connect: {why}; start a `DumpServer` there in the program")
            }
            LookError::Read(why) => {
                write!(f, "no answer: {why}; look again, or find out whether the program hangs")
            }
            LookError::NotADump(why) if why.is_eof() => {
                f.write_str("the answer is incomplete; look again")
            }
            LookError::NotADump(why) => {
                write!(f, "the answer is not a dump: {why}; give the place of a `DumpServer`")
            }
        }
    }
}

impl Error for LookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            LookError::Connect(why) | LookError::Read(why) => Some(why),
            LookError::NotADump(why) => Some(why),
        }
    }
}
