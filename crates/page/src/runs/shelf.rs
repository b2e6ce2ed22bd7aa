//! Where runs are kept: in the browser's IndexedDB, each with a small picture.

use idb::{
    Database, DatabaseEvent, Factory, KeyPath, ObjectStore, ObjectStoreParams, Transaction,
    TransactionMode,
};
use js_sys::{Object, Reflect};
use leptos::logging::warn;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlCanvasElement};

use super::{Kept, Run, too_many};

const DATABASE: &str = "wick-runs";
const RUNS: &str = "runs";
/// How exactly a picture is packed, 0 to 1.
const QUALITY: f64 = 0.85;

/// Keeps a run with what was drawn of it.
///
/// A browser that does not keep it is no trouble to whoever asked.
pub fn keep(run: Run, shown: HtmlCanvasElement) {
    spawn_local(async move {
        if let Err(why) = kept(&run, &shown).await {
            warn!("this run is not kept: {why:?}");
        }
    });
}

async fn kept(run: &Run, shown: &HtmlCanvasElement) -> Result<(), JsValue> {
    let shown = packed(shown).await?;
    add(run, &shown).await.map_err(|why| why.to_string().into())
}

async fn packed(canvas: &HtmlCanvasElement) -> Result<Blob, JsValue> {
    let coming = js_sys::Promise::new(&mut |done, failed| {
        let quality = QUALITY.into();
        let asked = canvas.to_blob_with_type_and_encoder_options(&done, "image/jpeg", &quality);
        if let Err(why) = asked {
            // Nobody listens if it fails in its turn.
            let _ = failed.call1(&JsValue::NULL, &why);
        }
    });
    JsFuture::from(coming).await?.dyn_into()
}

/// All runs, the newest first.
pub async fn all() -> Result<Vec<Kept>, idb::Error> {
    let (store, _open) = open(TransactionMode::ReadOnly).await?;
    let values = store.get_all(None, None)?.await?;
    let mut kept: Vec<_> = values.iter().filter_map(read).map(|(kept, _)| kept).collect();
    kept.reverse();
    Ok(kept)
}

/// The picture of a run, if it is still there.
pub async fn shown(id: u32) -> Result<Option<Blob>, idb::Error> {
    let (store, _open) = open(TransactionMode::ReadOnly).await?;
    let value = store.get(JsValue::from(id))?.await?;
    Ok(value.as_ref().and_then(read).map(|(_, shown)| shown))
}

/// Forgets a run.
pub async fn remove(id: u32) -> Result<(), idb::Error> {
    let (store, open) = open(TransactionMode::ReadWrite).await?;
    store.delete(JsValue::from(id))?.await?;
    open.close().await
}

/// Forgets all of them.
pub async fn clear() -> Result<(), idb::Error> {
    let (store, open) = open(TransactionMode::ReadWrite).await?;
    store.clear()?.await?;
    open.close().await
}

async fn add(run: &Run, shown: &Blob) -> Result<(), idb::Error> {
    let (store, open) = open(TransactionMode::ReadWrite).await?;
    let value = Object::new();
    let text = serde_json::to_string(run).unwrap_or_default();
    for (name, part) in [("run", JsValue::from(text)), ("shown", shown.into())] {
        // A plain object takes every name.
        let _ = Reflect::set(&value, &name.into(), &part);
    }
    store.add(&value, None)?.await?;
    let kept = store.get_all(None, None)?.await?;
    let kept: Vec<_> =
        kept.iter().filter_map(read).map(|(kept, _)| (kept.id, kept.bytes)).collect();
    for id in too_many(&kept) {
        store.delete(JsValue::from(id))?.await?;
    }
    open.close().await
}

/// A run as it lies in the database; `None` if another version of the page wrote it.
fn read(value: &JsValue) -> Option<(Kept, Blob)> {
    let part = |name: &str| Reflect::get(value, &name.into()).ok();
    let id = part("id")?.as_f64()? as u32;
    let text = part("run")?.as_string()?;
    let shown: Blob = part("shown")?.dyn_into().ok()?;
    let run = serde_json::from_str(&text).ok()?;
    Some((Kept { id, run, bytes: text.len() as u64 + shown.size() as u64 }, shown))
}

/// A database that is closed when it is no longer held.
struct Open {
    database: Database,
    transaction: Option<Transaction>,
}

impl Open {
    /// Waits until all of it is written.
    async fn close(mut self) -> Result<(), idb::Error> {
        match self.transaction.take() {
            Some(transaction) => transaction.commit()?.await.map(drop),
            None => Ok(()),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.database.close();
    }
}

async fn open(mode: TransactionMode) -> Result<(ObjectStore, Open), idb::Error> {
    let mut opening = Factory::new()?.open(DATABASE, Some(1))?;
    opening.on_upgrade_needed(|event| {
        let mut params = ObjectStoreParams::new();
        params.auto_increment(true).key_path(Some(KeyPath::new_single("id")));
        // If it cannot be made, the first transaction says so.
        let _ = event.database().and_then(|database| database.create_object_store(RUNS, params));
    });
    let database = opening.await?;
    let transaction = database.transaction(&[RUNS], mode)?;
    let store = transaction.object_store(RUNS)?;
    Ok((store, Open { database, transaction: Some(transaction) }))
}
