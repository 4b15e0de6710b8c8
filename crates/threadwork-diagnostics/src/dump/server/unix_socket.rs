//! A Unix socket in the file system that is for one user alone.

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

/// The file of a socket.
#[derive(Debug)]
pub(super) struct UnixSocket {
    path: PathBuf,
    /// What tells it from a file that somebody else has put there meanwhile: the device, and the number on it.
    file: (u64, u64),
}

impl UnixSocket {
    pub(super) fn open(path: PathBuf) -> io::Result<(UnixListener, UnixSocket)> {
        // A path that is too long would do for the move below, but for no client.
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

    /// Comes as a client, and removes the file; returns whether that was possible.
    pub(super) fn close(&self) -> bool {
        let has_come = self.is_there() && UnixStream::connect(&self.path).is_ok();
        self.remove();
        has_come
    }

    /// Removes the file, unless it is somebody else's by now.
    pub(super) fn remove(&self) {
        if self.is_there() {
            // Nobody is told that it stays: the next server replaces it.
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

/// There is nothing at the path, or a socket that nobody listens at.
fn check_free(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is such a file"));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens there")),
    }
}

/// A folder that nobody else can look into. A socket is made with the rights that the process gives all its files,
/// and until they are taken away others could connect; so it is made in there, and moved when it is ready.
struct Folder(PathBuf);

impl Folder {
    /// On the same file system as the path, with a short name: paths of sockets have about a hundred bytes.
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
        // The socket is in there if something has failed.
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}
