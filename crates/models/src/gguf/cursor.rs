use std::rc::Rc;

use crate::{Error, Result, Source};

/// Headers larger than this are refused. The largest in use, with a quarter of a million tokens, take
/// about 10 MB.
const MAX_HEADER_BYTES: u64 = 128 << 20;

/// Bytes fetched at once.
const FETCH_BYTES: u64 = 1 << 20;

/// Reads a header front to back, never past its end.
pub(super) struct Cursor {
    source: Rc<dyn Source>,
    end: u64,
    /// Where `fetched` starts in the file.
    fetched_at: u64,
    fetched: Vec<u8>,
    /// Next byte, counted from `fetched_at`.
    next: usize,
}

impl Cursor {
    pub(super) fn new(source: Rc<dyn Source>) -> Self {
        let end = source.size();
        Self { source, end, fetched_at: 0, fetched: Vec::new(), next: 0 }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.fetched_at + self.next as u64
    }

    /// Bytes of the file that are left.
    pub(super) fn left(&self) -> u64 {
        self.end - self.position()
    }

    /// Fails if the file cannot hold `count` things of at least `each` bytes from here on.
    pub(super) fn check_room(&self, count: u64, each: u64, what: &str) -> Result<()> {
        let wanted = count.checked_mul(each);
        if wanted.is_none_or(|wanted| wanted > self.left()) {
            return Err(Error::Damaged(format!(
                "{what}: {count} of at least {each} bytes are claimed, {} bytes are left",
                self.left()
            )));
        }
        if wanted.is_none_or(|wanted| self.position() + wanted > MAX_HEADER_BYTES) {
            return Err(Error::Damaged(format!(
                "{what}: the header is larger than {} MiB",
                MAX_HEADER_BYTES >> 20
            )));
        }
        Ok(())
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self, what: &str) -> Result<u32> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &str) -> Result<u64> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A length and as many bytes of UTF-8.
    pub(super) fn string(&mut self, what: &str) -> Result<String> {
        let len = self.u64(what)?;
        self.check_room(len, 1, what)?;
        let mut bytes = vec![0; len as usize];
        self.fill(&mut bytes, what)?;
        String::from_utf8(bytes).map_err(|e| {
            let shown = String::from_utf8_lossy(e.as_bytes()).chars().take(60).collect::<String>();
            Error::Damaged(format!("{what}: `{shown}` is not UTF-8"))
        })
    }

    fn fill(&mut self, mut into: &mut [u8], what: &str) -> Result<()> {
        self.check_room(into.len() as u64, 1, what)?;
        while !into.is_empty() {
            if self.next == self.fetched.len() {
                self.fetch()?;
            }
            let ready = &self.fetched[self.next..];
            let count = ready.len().min(into.len());
            into[..count].copy_from_slice(&ready[..count]);
            into = &mut into[count..];
            self.next += count;
        }
        Ok(())
    }

    /// Invariant: called only while bytes are left, so it fetches at least one.
    fn fetch(&mut self) -> Result<()> {
        self.fetched_at = self.position();
        self.next = 0;
        self.fetched.resize((self.end - self.fetched_at).min(FETCH_BYTES) as usize, 0);
        Ok(self.source.read_at(self.fetched_at, &mut self.fetched)?)
    }
}
