use std::{io, rc::Rc};

use api::{
    Failure, ModelId,
    store::{State, safe_name},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Disk, disk::Slot};

/// A leading dot is what no file of a model has: see [`safe_name`].
const SLOTS: [&str; 2] = [".record.0", ".record.1"];

/// What is known of a stored model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) model: ModelId,
    pub(crate) origin: String,
    pub(crate) licence: String,
    pub(crate) added_unix_ms: u64,
    pub(crate) used_unix_ms: u64,
    pub(crate) files: Vec<Entry>,
}

/// What is known of one of its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Empty for a file that came from a disk.
    pub(crate) url: String,
    pub(crate) path: String,
    /// What it must have.
    pub(crate) size_bytes: Option<u64>,
    /// What it must have; once it is whole, what it had.
    pub(crate) sha256: Option<String>,
    /// What the server said when the first byte came.
    pub(crate) told_bytes: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) state: State,
}

impl Entry {
    /// Length when whole, as far as anybody said.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        self.size_bytes.or(self.told_bytes)
    }
}

/// A record with its place on the disk.
///
/// Invariant: a file is whole only when its record says so, and a record is written to the older of
/// two places with a check sum: whenever the writer dies, the record before it is still there.
pub(crate) struct Ledger {
    disk: Rc<dyn Disk>,
    edition: u64,
    pub(crate) record: Record,
}

impl Ledger {
    /// For a model that has none. Nothing is written before the first [`Ledger::save`].
    pub(crate) fn new(disk: Rc<dyn Disk>, record: Record) -> Self {
        Self { disk, edition: 0, record }
    }

    /// The same place with another record.
    pub(crate) fn with(self, record: Record) -> Self {
        Self { record, ..self }
    }

    /// The newest sound record of a model.
    pub(crate) async fn open(disk: &Rc<dyn Disk>, model: &str) -> Result<Option<Self>, Failure> {
        Self::open_folder(disk, &safe_name(model)).await
    }

    /// The newest sound record in a folder.
    pub(crate) async fn open_folder(
        disk: &Rc<dyn Disk>,
        folder: &str,
    ) -> Result<Option<Self>, Failure> {
        let mut newest: Option<(u64, Record)> = None;
        for slot in SLOTS {
            let found = disk.load(folder, slot).await?.as_deref().and_then(unsealed);
            newest = newest.into_iter().chain(found).max_by_key(|(edition, _)| *edition);
        }
        Ok(newest.map(|(edition, record)| Self { disk: disk.clone(), edition, record }))
    }

    /// Writes the record; the one before stays readable until this one is whole.
    pub(crate) async fn save(&mut self) -> Result<(), Failure> {
        let edition = self.edition + 1;
        let bytes = sealed(edition, &self.record)?;
        let name = SLOTS[usize::from(edition % 2 == 1)];
        let mut slot = self.disk.write(&safe_name(&self.record.model), name).await?;
        if let Err(error) = replace(&mut *slot, &bytes) {
            drop(slot);
            return Err(unwritable(&*self.disk, name, &error).await);
        }
        self.edition = edition;
        Ok(())
    }
}

fn replace(slot: &mut dyn Slot, bytes: &[u8]) -> io::Result<()> {
    slot.resize(0)?;
    slot.write_at(0, bytes)?;
    slot.flush()
}

/// `edition`, the check sum of the rest, the record.
fn sealed(edition: u64, record: &Record) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_string(&(edition, record))
        .map_err(|e| Failure::Bug(format!("cannot write a record: {e}")))?;
    Ok(format!("{}\n{json}", hex(&Sha256::digest(&json))).into_bytes())
}

/// `None` for a record that was not written to its end.
fn unsealed(bytes: &[u8]) -> Option<(u64, Record)> {
    let (sum, json) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    if sum != hex(&Sha256::digest(json)) {
        return None;
    }
    serde_json::from_str(json).ok()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a failed write means to a person.
pub(crate) async fn unwritable(disk: &dyn Disk, file: &str, error: &io::Error) -> Failure {
    if error.kind() != io::ErrorKind::StorageFull {
        let reason = format!("it cannot be stored: {error}");
        return Failure::Fetch { file: file.into(), reason };
    }
    let numbers = match disk.room().await {
        Ok(Some(room)) => {
            format!(": {} of {} are used", size(room.used_bytes), size(room.quota_bytes))
        }
        _ => String::new(),
    };
    let reason = format!(
        "the storage is full{numbers}; what arrived is kept: delete a model, then continue the \
         download"
    );
    Failure::input("storage", reason)
}

/// A number of bytes as a person reads it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn record() -> Record {
        Record {
            model: "m".into(),
            origin: String::new(),
            licence: String::new(),
            added_unix_ms: 1,
            used_unix_ms: 2,
            files: Vec::new(),
        }
    }

    #[test]
    fn a_record_cut_anywhere_is_no_record() {
        let bytes = sealed(3, &record()).unwrap();
        assert_eq!(unsealed(&bytes), Some((3, record())));
        for end in 0..bytes.len() {
            assert_eq!(unsealed(&bytes[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn a_record_with_a_changed_byte_is_no_record() {
        let bytes = sealed(3, &record()).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(unsealed(&changed), None, "changed at {at}");
        }
    }

    #[test]
    fn sizes_read_like_sizes() {
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(144_811_456), "144.8 MB");
        assert_eq!(size(1_321_082_688), "1.32 GB");
    }
}
