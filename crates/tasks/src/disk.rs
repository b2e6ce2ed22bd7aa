use std::{io, rc::Rc};

use api::{Failure, store::Room};
use models::Source;

use crate::Later;

/// Folders of files that outlive the driver. Names are used as they are: see
/// [`safe_name`](api::store::safe_name).
pub trait Disk {
    /// Names of the folders.
    fn folders(&self) -> Later<Vec<String>>;

    /// Files of a folder with their sizes; none if the folder is not there.
    fn list(&self, folder: &str) -> Later<Vec<(String, u64)>>;

    /// A small file at once; `None` if it is not there. Works while somebody else writes it.
    fn load(&self, folder: &str, name: &str) -> Later<Option<Vec<u8>>>;

    /// A file to read from, here and there.
    fn read(&self, folder: &str, name: &str) -> Later<Rc<dyn Source>>;

    /// A file to write, made if it is not there. Nobody else can write it until it is dropped:
    /// [`Failure::Input`] if somebody else does already.
    fn write(&self, folder: &str, name: &str) -> Later<Box<dyn Slot>>;

    /// Removes a folder with all its files; it is no failure if it was not there.
    fn remove_folder(&self, folder: &str) -> Later<()>;

    /// How much fits; `None` if nobody can tell.
    fn room(&self) -> Later<Option<Room>>;
}

/// A file that is being written. Dropping it closes it.
pub trait Slot: Source {
    /// Writes all of `bytes` at `offset`; [`io::ErrorKind::StorageFull`] when they do not fit.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `size` bytes, or fills it up with zeros.
    fn resize(&mut self, size: u64) -> io::Result<()>;

    /// Everything written until now survives what happens next.
    fn flush(&mut self) -> io::Result<()>;
}

/// What an [`io::Error`] of a [`Slot`] or a [`Source`] means to a person.
pub(crate) fn unreadable(file: &str, error: &io::Error) -> Failure {
    Failure::Fetch { file: file.into(), reason: format!("cannot read what is stored: {error}") }
}
