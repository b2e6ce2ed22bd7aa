use std::rc::Rc;

use api::{
    Failure,
    store::{Partial, State, Store, safe_name},
};
use sha2::{Digest, Sha256};

use crate::{
    Ask, Disk, Kit, Net, Reply, Source,
    disk::unreadable,
    store::{
        absent, hub, lock,
        pace::Pace,
        plan::Wanted,
        record::{Entry, Ledger, Record, size, unwritable},
        transfer::{Beginning, PATIENCE_MS, Part, Promise, Trouble, begins_right, judge},
    },
};

/// Times a transfer may fail in a row without one new byte.
const ATTEMPTS: u32 = 5;
/// Wait after the first failure; it doubles with each.
const FIRST_WAIT_MS: u32 = 500;
const LONGEST_WAIT_MS: u32 = 30_000;
/// Times a file may start over.
const RESTARTS: u32 = 2;
/// A Stop is heard this often while waiting.
const NAP_MS: u32 = 50;
/// Bytes that are read again at once.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;

/// Fetches what is missing of a model.
pub(crate) async fn download(kit: &Kit<Store>, wanted: Wanted) -> Result<(), Failure> {
    let (disk, net) = (kit.disk()?, kit.net()?);
    let _lock = lock(&*disk, wanted.model()).await?;
    let ledger = agreed(kit, &net, wanted).await?;
    let mut haul = Haul { kit, net, disk, ledger, pace: Pace::default(), others_bytes: 0 };
    haul.check_room().await?;
    for at in 0..haul.ledger.record.files.len() {
        if haul.ledger.record.files[at].state != State::Whole {
            haul.fetch(at).await?;
        }
    }
    Ok(())
}

/// The record to go by: the one on the disk if it is of the same files, or a new one.
async fn agreed(kit: &Kit<Store>, net: &Rc<dyn Net>, wanted: Wanted) -> Result<Ledger, Failure> {
    let disk = kit.disk()?;
    if let Some(old) = Ledger::open(&disk, wanted.model()).await? {
        let same = match &wanted {
            Wanted::Stored(_) => true,
            Wanted::Known(new) | Wanted::Unpinned { record: new, .. } => is_same(&old.record, new),
        };
        let taken = || Failure::Input {
            field: "model".into(),
            reason: format!(
                "{} is stored already, from {}: delete it first",
                old.record.model, old.record.origin
            ),
        };
        return if same { Ok(old) } else { Err(taken()) };
    }
    let record = match wanted {
        Wanted::Stored(model) => return Err(absent(&model)),
        Wanted::Known(record) => record,
        Wanted::Unpinned { record, repository, revision } => {
            kit.send(Partial::Asking).await?;
            hub::pinned(net, record, (&repository, &revision)).await?
        }
    };
    let mut ledger = Ledger::new(disk, record);
    ledger.save().await?;
    Ok(ledger)
}

/// Whether a record on the disk is of the files that are wanted; it may be pinned meanwhile.
fn is_same(old: &Record, new: &Record) -> bool {
    let paths = |record: &Record| record.files.iter().map(|f| f.path.clone()).collect::<Vec<_>>();
    let pinned = old.origin.strip_prefix(&new.origin).is_some_and(|rest| rest.starts_with('@'));
    (old.origin == new.origin || pinned) && paths(old) == paths(new)
}

/// A model on its way.
struct Haul<'a> {
    kit: &'a Kit<Store>,
    net: Rc<dyn Net>,
    disk: Rc<dyn Disk>,
    ledger: Ledger,
    pace: Pace,
    /// Bytes here of all files but the one at hand.
    others_bytes: u64,
}

impl Haul<'_> {
    fn folder(&self) -> String {
        safe_name(&self.ledger.record.model)
    }

    fn entry(&self, at: usize) -> &Entry {
        &self.ledger.record.files[at]
    }

    fn total_bytes(&self) -> Option<u64> {
        self.ledger.record.files.iter().map(Entry::total_bytes).sum()
    }

    async fn have_bytes(&self) -> Result<Vec<(String, u64)>, Failure> {
        let files = self.disk.list(&self.folder()).await?;
        // Records are no part of the model.
        Ok(files.into_iter().filter(|(name, _)| !name.starts_with('.')).collect())
    }

    /// Refuses before the first byte what cannot fit.
    async fn check_room(&self) -> Result<(), Failure> {
        let (Some(room), Some(total)) = (self.disk.room().await?, self.total_bytes()) else {
            return Ok(());
        };
        let have: u64 = self.have_bytes().await?.iter().map(|(_, bytes)| bytes).sum();
        let free = room.quota_bytes.saturating_sub(room.used_bytes);
        let need = total.saturating_sub(have);
        if need <= free {
            return Ok(());
        }
        let reason = format!(
            "{} are still to come and only {} are free: delete a model or take a smaller one",
            size(need),
            size(free)
        );
        Err(Failure::input("storage", reason))
    }

    /// One file, over as many connections as it takes.
    async fn fetch(&mut self, at: usize) -> Result<(), Failure> {
        let mut part = self.open(at).await?;
        let (mut failures, mut restarts) = (0, 0);
        loop {
            let before = part.size_bytes();
            let trouble = match self.attempt(at, &mut part).await {
                Ok(()) => match self.finish(at, &mut part).await {
                    Ok(()) => return Ok(()),
                    Err(trouble) => trouble,
                },
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Final(failure) => return Err(failure),
                Trouble::Changed(reason) if restarts == RESTARTS => {
                    return Err(self.failed(at, format!("{reason}, again and again")));
                }
                Trouble::Changed(_) => {
                    restarts += 1;
                    self.start_over(at, &mut part).await?;
                }
                Trouble::Passing(reason, after_ms) => {
                    failures = if part.size_bytes() > before { 1 } else { failures + 1 };
                    if failures > ATTEMPTS {
                        let kept = "what arrived is kept: continue the download later";
                        return Err(self.failed(at, format!("{reason}; {kept}")));
                    }
                    self.wait(at, reason, (failures, after_ms)).await?;
                }
            }
        }
    }

    fn failed(&self, at: usize, reason: String) -> Failure {
        Failure::Fetch { file: self.entry(at).path.clone(), reason }
    }

    /// Opens what is here of a file and reads it again for its check sum.
    async fn open(&mut self, at: usize) -> Result<Part, Failure> {
        let (path, damaged) = (self.entry(at).path.clone(), self.entry(at).state == State::Damaged);
        let name = safe_name(&path);
        let have = self.have_bytes().await?;
        self.others_bytes = have.iter().filter(|(n, _)| *n != name).map(|(_, bytes)| bytes).sum();
        let mut slot = self.disk.write(&self.folder(), &name).await?;
        let too_long = self.entry(at).total_bytes().is_some_and(|total| slot.size() > total);
        if damaged || too_long {
            slot.resize(0).map_err(|e| unreadable(&path, &e))?;
            self.ledger.record.files[at].state = State::Partial;
            self.ledger.save().await?;
        }
        let sum = summed(self.kit, &path, &*slot).await?;
        self.pace = Pace::default();
        Ok(Part::new(slot, sum))
    }

    async fn start_over(&mut self, at: usize, part: &mut Part) -> Result<(), Failure> {
        part.clear().map_err(|e| unreadable(&self.entry(at).path, &e))?;
        let entry = &mut self.ledger.record.files[at];
        (entry.etag, entry.told_bytes) = (None, None);
        self.ledger.save().await
    }

    /// One connection.
    async fn attempt(&mut self, at: usize, part: &mut Part) -> Result<(), Trouble> {
        let have = part.size_bytes();
        if have > 0 && self.entry(at).size_bytes == Some(have) {
            return Ok(());
        }
        let ask = Ask {
            url: self.entry(at).url.clone(),
            headers: vec![("range", format!("bytes={have}-"))],
            patience_ms: PATIENCE_MS,
        };
        if ask.url.is_empty() {
            let reason = "it came from your disk: drop it again".into();
            return Err(Trouble::Final(self.failed(at, reason)));
        }
        let mut reply = self.net.get(ask).await.map_err(Trouble::of_net)?;
        match judge(self.entry(at), have, &*reply)? {
            Promise::NoMore => Ok(()),
            Promise::Bytes { start, total_bytes, etag } => {
                let entry = &mut self.ledger.record.files[at];
                if have == 0 || entry.told_bytes.is_none() {
                    (entry.told_bytes, entry.etag) = (total_bytes, etag);
                    self.ledger.save().await.map_err(Trouble::Final)?;
                }
                self.receive(at, part, (&mut *reply, start)).await
            }
        }
    }

    /// Writes a body to its end, or to that of the file.
    async fn receive(
        &mut self,
        at: usize,
        part: &mut Part,
        (reply, start): (&mut dyn Reply, u64),
    ) -> Result<(), Trouble> {
        let total = self.entry(at).total_bytes();
        let is_all = |part: &Part| total.is_some_and(|total| part.size_bytes() >= total);
        let (mut place, mut beginning) = (start, Beginning::default());
        part.pieces += 1;
        while !is_all(part) {
            let Some(bytes) = reply.chunk().await.map_err(Trouble::of_net)? else { break };
            let news = part.news(place, &bytes).map_err(|e| self.unreadable(at, &e))?;
            let news = news.ok_or_else(|| Trouble::Changed("it has other bytes now".into()))?;
            place += bytes.len() as u64;
            let told = match part.size_bytes() {
                0 => beginning.add(news),
                _ => Some(news.to_vec()),
            };
            if let Some(news) = told {
                self.append(at, part, &news).await?;
            }
            self.note(at, part).await.map_err(Trouble::Final)?;
        }
        let rest = beginning.rest();
        if !rest.is_empty() {
            self.append(at, part, &rest).await?;
        }
        match total {
            Some(total) if part.size_bytes() < total => {
                Err(Trouble::Passing("the connection was cut".into(), None))
            }
            _ => Ok(()),
        }
    }

    fn unreadable(&self, at: usize, error: &std::io::Error) -> Trouble {
        Trouble::Final(unreadable(&self.entry(at).path, error))
    }

    /// Writes bytes, but never more than the file has.
    async fn append(&self, at: usize, part: &mut Part, bytes: &[u8]) -> Result<(), Trouble> {
        let entry = self.entry(at);
        if part.size_bytes() == 0 {
            let wrong = |reason: &str| Trouble::Final(self.failed(at, reason.into()));
            begins_right(&entry.path, bytes).map_err(wrong)?;
        }
        let room = entry.total_bytes().map_or(u64::MAX, |total| total - part.size_bytes());
        let fits = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
        match part.append(&bytes[..fits]) {
            Ok(()) => Ok(()),
            Err(error) => Err(Trouble::Final(unwritable(&*self.disk, &entry.path, &error).await)),
        }
    }

    async fn note(&mut self, at: usize, part: &Part) -> Result<(), Failure> {
        let counts = (self.others_bytes + part.size_bytes(), self.total_bytes());
        let path = &self.ledger.record.files[at].path;
        match self.pace.note(self.kit.now_ms(), path, counts) {
            Some(progress) => self.kit.send(Partial::Fetching(progress)).await,
            None => self.kit.turn().await,
        }
    }

    /// Compares the check sum; only then is the file whole.
    async fn finish(&mut self, at: usize, part: &mut Part) -> Result<(), Trouble> {
        if part.size_bytes() == 0 {
            return Err(Trouble::Final(self.failed(at, "what arrives is empty".into())));
        }
        let sum = part.finish().map_err(|e| self.unreadable(at, &e))?;
        let entry = &mut self.ledger.record.files[at];
        if let Some(want) = entry.sha256.as_ref().filter(|want| **want != sum) {
            let reason = format!("its check sum is {sum} and should be {want}");
            // Bytes of several connections may be of several files; those of one are what there is.
            if part.pieces > 1 {
                return Err(Trouble::Changed(reason));
            }
            part.clear().map_err(|e| self.unreadable(at, &e))?;
            return Err(Trouble::Final(self.failed(at, reason)));
        }
        (entry.sha256, entry.told_bytes) = (Some(sum), Some(part.size_bytes()));
        entry.state = State::Whole;
        self.ledger.save().await.map_err(Trouble::Final)
    }

    /// Says why nothing happens, and waits; a Stop is heard meanwhile.
    async fn wait(
        &self,
        at: usize,
        reason: String,
        (attempt, after_ms): (u32, Option<u32>),
    ) -> Result<(), Failure> {
        let doubled = FIRST_WAIT_MS << (attempt - 1).min(6);
        let retry_in_ms = doubled.max(after_ms.unwrap_or(0)).min(LONGEST_WAIT_MS);
        let file = self.entry(at).path.clone();
        self.kit.send(Partial::Waiting { file, reason, retry_in_ms, attempt }).await?;
        for _ in 0..retry_in_ms.div_ceil(NAP_MS) {
            self.net.wait(NAP_MS).await?;
            self.kit.turn().await?;
        }
        Ok(())
    }
}

/// Check sum of everything in a file.
pub(crate) async fn summed(
    kit: &Kit<Store>,
    path: &str,
    source: &(impl Source + ?Sized),
) -> Result<Sha256, Failure> {
    let (mut sum, mut pace) = (Sha256::new(), Pace::default());
    let (mut at, total) = (0, source.size());
    let mut block = vec![0; BLOCK_BYTES];
    while at < total {
        let length = usize::try_from(total - at).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES));
        source.read_at(at, &mut block[..length]).map_err(|e| unreadable(path, &e))?;
        sum.update(&block[..length]);
        at += length as u64;
        match pace.note(kit.now_ms(), path, (at, Some(total))) {
            Some(progress) => kit.send(Partial::Checking(progress)).await?,
            None => kit.turn().await?,
        }
    }
    Ok(sum)
}
