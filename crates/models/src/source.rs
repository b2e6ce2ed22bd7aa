use std::io;

/// Bytes that can be read from anywhere: a shipped file, browser storage, a file a person picked,
/// memory, a disk.
pub trait Source {
    /// Bytes in all.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `offset` on; fails if there are not enough.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

/// A file held in memory.
pub struct Memory(pub Vec<u8>);

impl Source for Memory {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).ok().and_then(|at| self.0.get(at..));
        match from.and_then(|rest| rest.get(..into.len())) {
            Some(bytes) => into.copy_from_slice(bytes),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        Ok(())
    }
}
