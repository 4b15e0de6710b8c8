//! As much of HTTP as a download needs. A real program uses a crate such as `ureq` for this.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Returns the body of the document at `path`.
pub(crate) fn get(address: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let mut connection = TcpStream::connect(address)?;
    // A server that is silent must not keep a thread for ever.
    connection.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;

    let end = answer.windows(4).position(|it| it == b"\r\n\r\n");
    let end = end.ok_or_else(|| io::Error::other("the answer has no end of its head"))?;
    let body = answer.split_off(end + 4);
    let head = String::from_utf8_lossy(&answer);
    match head.lines().next().and_then(|it| it.split_once(' ')) {
        Some((_, "200 OK")) => Ok(body),
        Some((_, status)) => Err(io::Error::other(status.to_owned())),
        None => Err(io::Error::other("the answer has no status")),
    }
}
