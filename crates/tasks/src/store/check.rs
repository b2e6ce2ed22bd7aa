use api::{
    Failure,
    store::{Partial, State, Store, safe_name},
};
use sha2::{Digest, Sha256};

use crate::{
    Kit, Source,
    disk::unreadable,
    store::{
        download::{BLOCK_BYTES, summed},
        lock,
        pace::Pace,
        record::{Entry, Ledger, Record, hex, unwritable},
        stored,
        transfer::Part,
    },
};

/// Reads every whole file of a model again; the first that changed is the failure, all are marked.
pub(crate) async fn verify(kit: &Kit<Store>, model: &str) -> Result<(), Failure> {
    let disk = kit.disk()?;
    let _lock = lock(&*disk, model).await?;
    let mut ledger = stored(&disk, model).await?;
    let mut damaged = None;
    for at in 0..ledger.record.files.len() {
        let entry = &ledger.record.files[at];
        if entry.state != State::Whole {
            continue;
        }
        let found = match disk.read(&safe_name(model), &safe_name(&entry.path)).await {
            Ok(source) => Some(hex(&summed(kit, &entry.path, &*source).await?.finalize())),
            Err(_) => None,
        };
        if found != entry.sha256 {
            damaged = damaged.or_else(|| Some(entry.path.clone()));
            ledger.record.files[at].state = State::Damaged;
            ledger.save().await?;
        }
    }
    match damaged {
        None => Ok(()),
        Some(file) => {
            let reason = "its bytes have changed since they arrived: download it again".into();
            Err(Failure::Fetch { file, reason })
        }
    }
}

/// Copies dropped files onto the shelf.
pub(crate) async fn import(
    kit: &Kit<Store>,
    dropped: &str,
    now_unix_ms: u64,
) -> Result<(), Failure> {
    let refused = |reason: String| Failure::input("model", reason);
    let model = dropped
        .strip_prefix("file:")
        .ok_or_else(|| refused(format!("{dropped} is no dropped file")))?;
    let (disk, files) = (kit.disk()?, kit.files());
    let _lock = lock(&*disk, model).await?;
    let old = Ledger::open(&disk, model).await?;
    if old.as_ref().is_some_and(|old| !old.record.origin.is_empty()) {
        return Err(refused(format!("{model} is stored already: delete it first")));
    }
    let mut sources = Vec::new();
    for name in files.list(dropped).await? {
        sources.push((name.clone(), files.open(dropped, &name).await?));
    }
    let entry =
        |(path, source): &(String, _)| imported(path, &**(source as &std::rc::Rc<dyn Source>));
    let record = Record {
        model: model.into(),
        // Filled in when all is copied: without it the copy may be made again.
        origin: String::new(),
        licence: String::new(),
        added_unix_ms: now_unix_ms,
        used_unix_ms: now_unix_ms,
        files: sources.iter().map(entry).collect(),
    };
    let mut ledger = match old {
        Some(old) => old.with(record),
        None => Ledger::new(disk, record),
    };
    ledger.save().await?;
    let total_bytes = sources.iter().map(|(_, source)| source.size()).sum();
    let mut copy = Copy { kit, ledger, pace: Pace::default(), done_bytes: 0, total_bytes };
    for (at, (_, source)) in sources.iter().enumerate() {
        copy.file(at, &**source).await?;
    }
    copy.ledger.record.origin = "a file from disk".into();
    copy.ledger.save().await
}

fn imported(path: &str, source: &dyn Source) -> Entry {
    Entry {
        url: String::new(),
        path: path.into(),
        size_bytes: Some(source.size()),
        sha256: None,
        told_bytes: None,
        etag: None,
        state: State::Partial,
    }
}

struct Copy<'a> {
    kit: &'a Kit<Store>,
    ledger: Ledger,
    pace: Pace,
    done_bytes: u64,
    total_bytes: u64,
}

impl Copy<'_> {
    async fn file(&mut self, at: usize, source: &dyn Source) -> Result<(), Failure> {
        let disk = self.kit.disk()?;
        let path = self.ledger.record.files[at].path.clone();
        let folder = safe_name(&self.ledger.record.model);
        let slot = disk.write(&folder, &safe_name(&path)).await?;
        let mut part = Part::new(slot, Sha256::new());
        part.clear().map_err(|e| unreadable(&path, &e))?;
        let mut block = vec![0; BLOCK_BYTES];
        while part.size_bytes() < source.size() {
            let left = source.size() - part.size_bytes();
            let length = usize::try_from(left).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES));
            let block = &mut block[..length];
            source.read_at(part.size_bytes(), block).map_err(|e| unreadable(&path, &e))?;
            if let Err(error) = part.append(block) {
                return Err(unwritable(&*disk, &path, &error).await);
            }
            self.done_bytes += length as u64;
            let counts = (self.done_bytes, Some(self.total_bytes));
            match self.pace.note(self.kit.now_ms(), &path, counts) {
                Some(progress) => self.kit.send(Partial::Fetching(progress)).await?,
                None => self.kit.turn().await?,
            }
        }
        let entry = &mut self.ledger.record.files[at];
        entry.sha256 = Some(part.finish().map_err(|e| unreadable(&path, &e))?);
        entry.state = State::Whole;
        self.ledger.save().await
    }
}
