use std::{cell::RefCell, collections::VecDeque, io, rc::Rc};

/// Bytes that can be read from anywhere: a shipped file, browser storage, a file a person picked,
/// memory, a disk.
pub trait Source {
    /// Bytes in all.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `offset` on; fails if there are not enough.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;

    /// Readies what is likely to be read next, from `offset` on, while other threads work.
    fn look_ahead(&self, _offset: u64) {}
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

/// Bytes of a block that is read at once. A browser takes as long to find a few bytes as to read some
/// hundred thousand.
const BLOCK_BYTES: u64 = 1 << 20;
/// Blocks that are remembered: a network asks for a layer's tensors in another order than they lie in.
const REMEMBERED: usize = 4;

/// A source whose small reads are answered out of large ones.
pub(crate) struct ReadAhead {
    source: Rc<dyn Source>,
    /// Asked once: for a stored file, a browser asks another process each time.
    size: u64,
    /// Numbers and bytes of blocks, the oldest first.
    blocks: RefCell<VecDeque<(u64, Vec<u8>)>>,
}

impl ReadAhead {
    pub(crate) fn new(source: Rc<dyn Source>) -> Self {
        Self { size: source.size(), source, blocks: RefCell::default() }
    }

    /// Reads a block unless it is remembered.
    fn ready(&self, block: u64) -> io::Result<()> {
        let mut blocks = self.blocks.borrow_mut();
        if !blocks.iter().any(|(known, _)| *known == block) {
            let mut bytes = match blocks.len() {
                REMEMBERED => blocks.pop_front().map(|(_, bytes)| bytes).unwrap_or_default(),
                _ => Vec::new(),
            };
            let start = block * BLOCK_BYTES;
            bytes.resize((self.size - start).min(BLOCK_BYTES) as usize, 0);
            self.source.read_at(start, &mut bytes)?;
            blocks.push_back((block, bytes));
        }
        Ok(())
    }

    /// Fills `into` from within one block.
    fn read_within(&self, block: u64, from: usize, into: &mut [u8]) -> io::Result<()> {
        self.ready(block)?;
        let blocks = self.blocks.borrow();
        let bytes = blocks.iter().find(|(known, _)| *known == block).map(|(_, bytes)| &bytes[..]);
        into.copy_from_slice(&bytes.unwrap_or_default()[from..from + into.len()]);
        Ok(())
    }
}

impl Source for ReadAhead {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(into.len() as u64);
        if end.is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut at = offset;
        let mut rest = into;
        while !rest.is_empty() {
            let (block, from) = (at / BLOCK_BYTES, at % BLOCK_BYTES);
            let count = rest.len().min((BLOCK_BYTES - from) as usize);
            let (some, later) = rest.split_at_mut(count);
            self.read_within(block, from as usize, some)?;
            at += count as u64;
            rest = later;
        }
        Ok(())
    }

    fn look_ahead(&self, offset: u64) {
        // The block that `offset` lies in is remembered: what comes before it was just read.
        let next = offset.div_ceil(BLOCK_BYTES);
        if next.saturating_mul(BLOCK_BYTES) < self.size {
            // What cannot be read now fails again when it is asked for, and is told then.
            drop(self.ready(next));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Counted(Memory, Cell<u32>);

    impl Source for Counted {
        fn size(&self) -> u64 {
            self.0.size()
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
            self.1.set(self.1.get() + 1);
            self.0.read_at(offset, into)
        }
    }

    #[test]
    fn small_reads_are_the_bytes_of_few_large_ones() {
        let bytes: Vec<u8> = (0..5 * BLOCK_BYTES / 2).map(|i| (i % 251) as u8).collect();
        let counted = Rc::new(Counted(Memory(bytes.clone()), Cell::new(0)));
        let ahead = ReadAhead::new(counted.clone());
        // Across the ends of blocks, backwards.
        for offset in (0..bytes.len() - 5000).step_by(5000).rev() {
            let mut into = vec![0; 5000];
            ahead.read_at(offset as u64, &mut into).unwrap();
            assert_eq!(into, bytes[offset..offset + 5000]);
        }
        assert_eq!(counted.1.get(), 3);
        let mut all = vec![0; bytes.len()];
        ahead.read_at(0, &mut all).unwrap();
        assert_eq!(all, bytes);
    }

    #[test]
    fn a_block_that_was_looked_ahead_at_is_not_read_again() {
        let counted = Rc::new(Counted(Memory(vec![1; 5 * BLOCK_BYTES as usize / 2]), Cell::new(0)));
        let ahead = ReadAhead::new(counted.clone());
        ahead.read_at(0, &mut [0; 10]).unwrap();
        for offset in [10, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * BLOCK_BYTES / 2, u64::MAX] {
            ahead.look_ahead(offset);
        }
        assert_eq!(counted.1.get(), 3);
        ahead.read_at(BLOCK_BYTES, &mut vec![0; 3 * BLOCK_BYTES as usize / 2]).unwrap();
        assert_eq!(counted.1.get(), 3);
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        let ahead = ReadAhead::new(Rc::new(Memory(vec![1; 100])));
        assert!(ahead.read_at(90, &mut [0; 10]).is_ok());
        assert!(ahead.read_at(91, &mut [0; 10]).is_err());
        assert!(ahead.read_at(u64::MAX, &mut [0; 10]).is_err());
    }
}
