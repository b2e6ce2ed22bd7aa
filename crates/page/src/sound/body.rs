//! A file's bytes, left where the browser has them: wasm's own memory would hold them a second time, and never shrinks.

use std::io::{self, Read, Seek, SeekFrom};

use js_sys::Uint8Array;
use symphonia::core::io::MediaSource;

/// The bytes of a file, and the place that is read next.
#[derive(Clone)]
pub struct Body {
    bytes: Uint8Array,
    at: u64,
}

impl Body {
    /// From the beginning of these bytes, which are not copied.
    pub fn of(bytes: Uint8Array) -> Self {
        Self { bytes, at: 0 }
    }

    fn len(&self) -> u64 {
        self.bytes.length().into()
    }
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // A place after the end is one where nothing is read.
        let from = self.at.min(self.len());
        let until = self.len().min(from.saturating_add(into.len() as u64));
        let count = (until - from) as usize;
        self.bytes.subarray(from as u32, until as u32).copy_to(&mut into[..count]);
        self.at = until;
        Ok(count)
    }
}

impl Seek for Body {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MediaSource for Body {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len())
    }
}
