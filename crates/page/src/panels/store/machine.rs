//! What the browser tells of this machine and of its storage.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{StorageEstimate, StorageManager};

use crate::{engines::use_engines, fit::Machine};

/// Whether stored models are safe from being cleared when the disk gets full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Not asked yet, or the browser did not say.
    Unknown,
    /// The browser keeps them.
    Safely,
    /// The browser may remove them when it needs room.
    AsLongAsThereIsRoom,
}

/// The machine, as far as it is known; asks again whenever `changed` changes.
pub(super) fn use_machine(changed: impl Fn() -> u32 + 'static) -> RwSignal<Machine> {
    let engines = use_engines();
    let machine = RwSignal::new(Machine::default());
    Effect::new(move || {
        changed();
        let threads = engines.choice().threads;
        let memory_gb = memory_gb();
        machine.set(Machine { free_bytes: None, memory_gb, threads });
        spawn_local(async move {
            if let Some(free) = free_bytes().await {
                machine.try_update(|machine| machine.free_bytes = Some(free));
            }
        });
    });
    machine
}

/// Whether what is stored is safe, without asking a person.
pub(super) async fn kept() -> Kept {
    match storage() {
        Some(storage) => told(storage.persisted()).await,
        None => Kept::Unknown,
    }
}

/// Asks the browser to keep what is stored; some ask the person.
pub(super) async fn keep() -> Kept {
    match storage() {
        Some(storage) => told(storage.persist()).await,
        None => Kept::Unknown,
    }
}

async fn told(answer: Result<js_sys::Promise, JsValue>) -> Kept {
    let Ok(promise) = answer else { return Kept::Unknown };
    match JsFuture::from(promise).await.map(|answer| answer.as_bool()) {
        Ok(Some(true)) => Kept::Safely,
        Ok(Some(false)) => Kept::AsLongAsThereIsRoom,
        _ => Kept::Unknown,
    }
}

fn storage() -> Option<StorageManager> {
    // Absent where the site is served without https.
    let storage = web_sys::window()?.navigator().storage();
    (!storage.is_undefined()).then_some(storage)
}

async fn free_bytes() -> Option<u64> {
    let estimate = JsFuture::from(storage()?.estimate().ok()?).await.ok()?;
    let estimate: StorageEstimate = estimate.unchecked_into();
    let (quota, usage) = (estimate.get_quota()?, estimate.get_usage()?);
    Some((quota - usage).max(0.0) as u64)
}

fn memory_gb() -> Option<f64> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"deviceMemory".into()).ok()?.as_f64()
}
