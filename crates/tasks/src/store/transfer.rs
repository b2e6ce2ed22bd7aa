use std::io;

use api::Failure;

use crate::{Reply, store::record::Entry};

/// A transfer on which nothing arrives for so long has failed.
pub(crate) const PATIENCE_MS: u32 = 30_000;
/// As many bytes tell what kind of file it is.
const TELLING_BYTES: usize = 16;

/// Why a transfer ended without the whole file.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// It may go better next time, not before this many milliseconds if the server said so.
    Passing(String, Option<u32>),
    /// What is here belongs to another file than what the server has now.
    Changed(String),
    /// Trying again would not help.
    Final(Failure),
}

impl Trouble {
    fn of(entry: &Entry, reason: impl Into<String>) -> Self {
        Self::Final(Failure::Fetch { file: entry.path.clone(), reason: reason.into() })
    }

    /// What a failed request or chunk means.
    pub(crate) fn of_net(failure: Failure) -> Self {
        match failure {
            Failure::Fetch { reason, .. } => Self::Passing(reason, None),
            other => Self::Final(other),
        }
    }
}

/// What the head of a reply promises.
#[derive(Debug, PartialEq)]
pub(crate) enum Promise {
    /// Bytes of the file from `start` on.
    Bytes {
        /// Never beyond what is here.
        start: u64,
        /// Length of the whole file, if the server tells.
        total_bytes: Option<u64>,
        /// The server's name for this version of the file.
        etag: Option<String>,
    },
    /// All bytes are here already.
    NoMore,
}

/// Judges the head of a reply to a request for everything from `have` bytes on.
///
/// Invariant: nothing of a body is written before its head was found right.
pub(crate) fn judge(entry: &Entry, have: u64, reply: &dyn Reply) -> Result<Promise, Trouble> {
    let range = reply.header("content-range");
    let (start, total_bytes) = match reply.status() {
        200 => (0, length(reply)),
        206 => partial(have, range.as_deref(), length(reply))?,
        416 => return no_more(entry, have, range.as_deref()),
        status => return Err(refusal(entry, status, reply.header("retry-after").as_deref())),
    };
    let kind = reply.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if let Some(what) = wrong_kind(&entry.path, &kind) {
        return Err(Trouble::of(entry, format!("the server sent {what}, not the file")));
    }
    match (entry.size_bytes, entry.told_bytes, total_bytes) {
        (Some(want), _, Some(total)) if want != total => {
            let reason = format!("the server has {total} bytes where {want} are expected");
            return Err(Trouble::of(entry, reason));
        }
        (_, Some(told), Some(total)) if told != total => {
            return Err(Trouble::Changed(format!("it had {told} bytes and has {total} now")));
        }
        _ => {}
    }
    let etag = reply.header("etag");
    if have > 0 && matches!((&entry.etag, &etag), (Some(old), Some(new)) if old != new) {
        return Err(Trouble::Changed("the server has another version of it now".into()));
    }
    Ok(Promise::Bytes { start, total_bytes, etag })
}

/// Length of the body; unknown where the browser unpacks it on the way.
fn length(reply: &dyn Reply) -> Option<u64> {
    match reply.header("content-encoding") {
        Some(packed) if packed != "identity" => None,
        _ => reply.header("content-length")?.trim().parse().ok(),
    }
}

/// Where a partial body starts, and how long the whole file is.
fn partial(
    have: u64,
    range: Option<&str>,
    body_bytes: Option<u64>,
) -> Result<(u64, Option<u64>), Trouble> {
    // Another site's server may hide this header from us; then its length must do.
    let Some(range) = range else {
        return Ok((have, body_bytes.and_then(|bytes| bytes.checked_add(have))));
    };
    let wrong =
        || Trouble::Passing(format!("the server answers with the wrong bytes ({range})"), None);
    let (bytes, total) =
        range.strip_prefix("bytes ").and_then(|r| r.split_once('/')).ok_or_else(wrong)?;
    let (start, end) = bytes.split_once('-').ok_or_else(wrong)?;
    let (start, end): (u64, u64) = start.parse().ok().zip(end.parse().ok()).ok_or_else(wrong)?;
    let total = match total {
        "*" => None,
        total => Some(total.parse::<u64>().map_err(|_| wrong())?),
    };
    match start == have && end >= start && total.is_none_or(|total| end < total) {
        true => Ok((start, total)),
        false => Err(wrong()),
    }
}

/// The server has nothing from `have` on: either all is here, or it is another file.
fn no_more(entry: &Entry, have: u64, range: Option<&str>) -> Result<Promise, Trouble> {
    let told = range.and_then(|range| range.strip_prefix("bytes */")).and_then(|n| n.parse().ok());
    match told.or(entry.total_bytes()) {
        Some(total) if total == have && entry.size_bytes.is_none_or(|want| want == have) => {
            Ok(Promise::NoMore)
        }
        _ => Err(Trouble::Changed("the server has fewer bytes of it than are here".into())),
    }
}

fn refusal(entry: &Entry, status: u16, retry_after: Option<&str>) -> Trouble {
    match status {
        408 | 425 | 429 | 500..=599 => {
            let seconds = retry_after.and_then(|text| text.trim().parse::<u32>().ok());
            let reason = format!("the server is busy or broken (status {status})");
            Trouble::Passing(reason, seconds.map(|s| s.saturating_mul(1000)))
        }
        401 | 403 => Trouble::of(
            entry,
            format!("the server does not give it to strangers (status {status})"),
        ),
        404 | 410 => Trouble::of(entry, format!("the server has no such file (status {status})")),
        _ => Trouble::of(entry, format!("the server answers with status {status}")),
    }
}

fn wrong_kind(path: &str, kind: &str) -> Option<&'static str> {
    let is = |ends: &[&str]| ends.iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    if kind.contains("html") && !is(&[".html", ".htm"]) {
        Some("a web page")
    } else if kind.contains("json") && !is(&[".json", ".jinja"]) {
        Some("a message")
    } else {
        None
    }
}

/// A file in the making: what is on the disk, and the check sum of it.
pub(crate) struct Part {
    slot: Box<dyn crate::Slot>,
    sum: sha2::Sha256,
    size_bytes: u64,
    /// Connections its bytes came over.
    pub(crate) pieces: u32,
}

/// Bytes are made safe this often.
const FLUSH_EVERY_BYTES: u64 = 16 << 20;

impl Part {
    /// Invariant: `sum` is that of everything in the slot.
    pub(crate) fn new(slot: Box<dyn crate::Slot>, sum: sha2::Sha256) -> Self {
        let size_bytes = slot.size();
        Self { slot, sum, size_bytes, pieces: u32::from(size_bytes > 0) }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Starts over.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.slot.resize(0)?;
        (self.sum, self.size_bytes, self.pieces) = (sha2::Digest::new(), 0, 0);
        Ok(())
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.slot.write_at(self.size_bytes, bytes)?;
        sha2::Digest::update(&mut self.sum, bytes);
        let before = self.size_bytes;
        self.size_bytes += bytes.len() as u64;
        if before / FLUSH_EVERY_BYTES != self.size_bytes / FLUSH_EVERY_BYTES {
            self.slot.flush()?;
        }
        Ok(())
    }

    /// The check sum of the whole, which is safe on the disk afterwards.
    pub(crate) fn finish(&mut self) -> io::Result<String> {
        self.slot.flush()?;
        Ok(crate::store::record::hex(&sha2::Digest::finalize(self.sum.clone())))
    }

    /// Those of `bytes`, which belong at `at`, that are not here yet; `None` if those that are here
    /// are others.
    pub(crate) fn news<'a>(&self, at: u64, bytes: &'a [u8]) -> io::Result<Option<&'a [u8]>> {
        let known = self.size_bytes.saturating_sub(at).min(bytes.len() as u64) as usize;
        let mut here = vec![0; known];
        self.slot.read_at(at, &mut here)?;
        Ok((here == bytes[..known]).then_some(&bytes[known..]))
    }
}

/// What a file of this name begins with, checked before the first byte is written.
pub(crate) fn begins_right(path: &str, first: &[u8]) -> Result<(), &'static str> {
    let path = path.to_ascii_lowercase();
    let text = first.trim_ascii_start();
    let right = match path.rsplit('.').next() {
        Some("gguf") => first.starts_with(b"GGUF"),
        Some("safetensors") => first.get(8) == Some(&b'{'),
        Some("json") => text.starts_with(b"{") || text.starts_with(b"["),
        _ => !text.starts_with(b"<!") && !text.starts_with(b"<html"),
    };
    if right { Ok(()) } else { Err("what arrives is not such a file") }
}

/// Holds the first bytes back until they tell what they are.
#[derive(Default)]
pub(crate) struct Beginning(Vec<u8>);

impl Beginning {
    /// Adds bytes; gives all of them back once there are enough.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.0.extend_from_slice(bytes);
        (self.0.len() >= TELLING_BYTES).then(|| std::mem::take(&mut self.0))
    }

    /// What was held back when the body ended.
    pub(crate) fn rest(self) -> Vec<u8> {
        self.0
    }
}
