//! The wasm engine: mailbox, files in browser storage, runs tasks.
//!
//! `engine.js` loads it inside a worker and calls [`start`]. Every message is a `Uint8Array` of
//! [`api::wire`], but one: `{model: "file:NAME", files: [File, …]}` hands over files a person picked.

mod browser;
mod driver;
mod fetch;
mod files;
mod mailbox;
mod opfs;
#[cfg(target_feature = "atomics")]
mod pool;

use wasm_bindgen::prelude::*;

/// Listens, and says so: the page sends nothing before it hears [`api::wire::Event::Ready`].
///
/// # Errors
/// When this is no worker.
#[wasm_bindgen]
pub fn start(threads: u32) -> Result<(), JsValue> {
    // The text of a panic reaches the page as the text of the error that ends this worker.
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
    driver::Driver::start(threads)
}
