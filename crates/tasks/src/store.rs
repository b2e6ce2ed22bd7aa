use std::rc::Rc;

use api::{
    Failure, ModelId,
    store::{Output, State, Store, Stored, StoredFile, Wish, safe_name},
};
use models::Source;

use crate::{
    Disk, Files, Job, Kit, Later,
    disk::Slot,
    store::record::{Entry, Ledger},
};

mod check;
mod download;
mod hub;
mod pace;
mod plan;
mod record;
mod transfer;

/// Beside the models' folders: a file per model, held open by whoever changes it.
const LOCKS: &str = ".locks";

impl Job for Store {
    async fn run(kit: &Kit<Self>, input: api::store::Input) -> Result<Output, Failure> {
        let disk = kit.disk()?;
        let now = input.now_unix_ms;
        match input.wish {
            Wish::List => {}
            Wish::Download(what) => download::download(kit, plan::wanted(what, now)?).await?,
            Wish::Import { dropped } => check::import(kit, &dropped, now).await?,
            Wish::Verify { model } => check::verify(kit, &model).await?,
            Wish::Delete { model } => {
                let _lock = lock(&*disk, &model).await?;
                disk.remove_folder(&safe_name(&model)).await?;
            }
            Wish::Touch { model } => touch(&disk, &model, now).await?,
        }
        Ok(Output { models: shelf(&disk).await?, room: disk.room().await? })
    }
}

/// While this is held, nobody else changes the model.
async fn lock(disk: &dyn Disk, model: &str) -> Result<Box<dyn Slot>, Failure> {
    disk.write(LOCKS, &safe_name(model)).await
}

async fn touch(disk: &Rc<dyn Disk>, model: &str, now_unix_ms: u64) -> Result<(), Failure> {
    let _lock = lock(&**disk, model).await?;
    let mut ledger = stored(disk, model).await?;
    ledger.record.used_unix_ms = now_unix_ms;
    ledger.save().await
}

async fn stored(disk: &Rc<dyn Disk>, model: &str) -> Result<Ledger, Failure> {
    Ledger::open(disk, model).await?.ok_or_else(|| absent(model))
}

fn absent(model: &str) -> Failure {
    let reason = format!("{model} is not stored here: download it on the models page");
    Failure::input("model", reason)
}

async fn shelf(disk: &Rc<dyn Disk>) -> Result<Vec<Stored>, Failure> {
    let mut models = Vec::new();
    for folder in disk.folders().await? {
        // A folder without a record is one whose first record was never finished: it holds no bytes.
        if let Some(ledger) = Ledger::open_folder(disk, &folder).await? {
            let sizes = disk.list(&folder).await?;
            models.push(shown(ledger, &sizes));
        }
    }
    models.sort_by(|a, b| a.model.cmp(&b.model));
    Ok(models)
}

fn shown(ledger: Ledger, sizes: &[(String, u64)]) -> Stored {
    let record = ledger.record;
    let file = |entry: Entry| {
        let name = safe_name(&entry.path);
        StoredFile {
            have_bytes: sizes.iter().find(|(n, _)| *n == name).map_or(0, |(_, size)| *size),
            size_bytes: entry.total_bytes(),
            path: entry.path,
            sha256: entry.sha256,
            state: entry.state,
        }
    };
    Stored {
        model: record.model,
        origin: record.origin,
        licence: record.licence,
        files: record.files.into_iter().map(file).collect(),
        added_unix_ms: record.added_unix_ms,
        used_unix_ms: record.used_unix_ms,
    }
}

/// The whole models of a store, to be opened by name.
pub struct Shelf(Rc<dyn Disk>);

impl Shelf {
    /// Over the storage of a driver.
    pub fn new(disk: Rc<dyn Disk>) -> Self {
        Self(disk)
    }
}

impl Files for Shelf {
    fn list(&self, model: &str) -> Later<Vec<String>> {
        let (disk, model) = (self.0.clone(), ModelId::from(model));
        Box::pin(async move {
            let files = stored(&disk, &model).await?.record.files;
            files.iter().try_for_each(whole)?;
            Ok(files.into_iter().map(|file| file.path).collect())
        })
    }

    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>> {
        let (disk, model, file) = (self.0.clone(), ModelId::from(model), file.to_owned());
        Box::pin(async move {
            let files = stored(&disk, &model).await?.record.files;
            let entry = files.iter().find(|entry| entry.path == file);
            let missing =
                || Failure::Fetch { file: file.clone(), reason: "it is not stored".into() };
            whole(entry.ok_or_else(missing)?)?;
            let source = disk.read(&safe_name(&model), &safe_name(&file)).await?;
            let size = entry.and_then(Entry::total_bytes);
            match size {
                Some(size) if size != source.size() => {
                    let reason = format!("{} of {size} bytes are left: verify it", source.size());
                    Err(Failure::Fetch { file, reason })
                }
                _ => Ok(source),
            }
        })
    }
}

/// Invariant: what is not known to be whole is never read as a model.
fn whole(entry: &Entry) -> Result<(), Failure> {
    let reason = match entry.state {
        State::Whole => return Ok(()),
        State::Partial => "it has not arrived whole: continue the download on the models page",
        State::Damaged => "it is damaged: download it again on the models page",
    };
    Err(Failure::Fetch { file: entry.path.clone(), reason: reason.into() })
}
