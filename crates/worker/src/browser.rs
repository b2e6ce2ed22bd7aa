use api::Failure;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

/// The worker this engine runs in.
pub(crate) fn scope() -> Result<DedicatedWorkerGlobalScope, JsValue> {
    js_sys::global().dyn_into().map_err(|_| JsError::new("the engine runs only in a worker").into())
}

/// What a promise comes to, if it is a `T`.
pub(crate) async fn answer<T: JsCast>(promise: Promise) -> Result<T, JsValue> {
    JsFuture::from(promise).await?.dyn_into()
}

/// The name of a thrown error, such as `QuotaExceededError`.
pub(crate) fn name(thrown: &JsValue) -> String {
    text_of(thrown, "name")
}

/// What a thrown error says.
pub(crate) fn message(thrown: &JsValue) -> String {
    match thrown.as_string() {
        Some(text) => text,
        None => text_of(thrown, "message"),
    }
}

/// For what no person can have caused.
pub(crate) fn bug(thrown: JsValue) -> Failure {
    Failure::Bug(format!("{}: {}", name(&thrown), message(&thrown)))
}

fn text_of(thrown: &JsValue, key: &str) -> String {
    let text = Reflect::get(thrown, &key.into()).ok().and_then(|value| value.as_string());
    text.unwrap_or_else(|| format!("{thrown:?}"))
}
