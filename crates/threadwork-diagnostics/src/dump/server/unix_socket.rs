//! A Unix socket in the file system that only one user can access.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
        net::{SocketAddr, UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// The file of a Unix socket.
#[derive(Debug)]
pub(super) struct UnixSocket {
    path: PathBuf,
    /// The device and inode of the file, which distinguish it from a file that was put there since.
    file: (u64, u64),
}

impl UnixSocket {
    pub(super) fn open(path: PathBuf) -> io::Result<(UnixListener, UnixSocket)> {
        // A path that is too long could be renamed to below, but no client could connect to it.
        SocketAddr::from_pathname(&path)?;
        check_free(&path)?;
        let folder = Folder::beside(&path)?;
        let inner = folder.0.join("s");
        let listener = UnixListener::bind(&inner)?;
        fs::set_permissions(&inner, Permissions::from_mode(0o600))?;
        let file = identity(&inner)?;
        fs::rename(&inner, &path)?;
        Ok((listener, UnixSocket { path, file }))
    }

    /// Connects as a client and removes the file; returns whether the connection succeeded.
    pub(super) fn close(&self) -> bool {
        let is_connected = self.is_there() && UnixStream::connect(&self.path).is_ok();
        self.remove();
        is_connected
    }

    /// Removes the file, unless another file is there by now.
    pub(super) fn remove(&self) {
        if self.is_there() {
            // A failure is not reported: the next server replaces the file.
            let _ = fs::remove_file(&self.path);
        }
    }

    fn is_there(&self) -> bool {
        identity(&self.path).is_ok_and(|it| it == self.file)
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|it| (it.dev(), it.ino()))
}

/// Checks that there is nothing at the path, or a socket on which no server listens.
fn check_free(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "another file is there"));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "a server already listens there")),
    }
}

/// A folder that no other user can access. A new socket has the process's default file permissions, so until they are restricted
/// other users could connect. So the socket is made in this folder, and moved to its path when it is ready.
struct Folder(PathBuf);

impl Folder {
    /// Creates the folder on the same file system as the path. Its name is short, since the path of a socket is limited to about a hundred bytes.
    fn beside(path: &Path) -> io::Result<Folder> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = path.with_file_name(format!(".{:x}-{number:x}", process::id()));
        DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The socket is still there if something failed.
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}
