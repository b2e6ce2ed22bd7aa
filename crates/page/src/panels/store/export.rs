//! Stored files, back to where a person keeps files.

use api::store::{ROOT, safe_name};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileSystemDirectoryHandle, FileSystemFileHandle, HtmlAnchorElement, Url};

/// Offers each file of a model to the browser's downloads; they are not read into memory.
pub(super) async fn save(model: &str, files: &[String]) -> Result<(), String> {
    for file in files {
        offer(model, file).await.map_err(|thrown| {
            let why = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            format!("{file} cannot be exported: {}", why.unwrap_or_else(|| format!("{thrown:?}")))
        })?;
    }
    Ok(())
}

async fn offer(model: &str, file: &str) -> Result<(), JsValue> {
    let window = gloo::utils::window();
    let top = answer(window.navigator().storage().get_directory()).await?;
    let root: FileSystemDirectoryHandle = folder(top, ROOT).await?;
    let folder: FileSystemDirectoryHandle = folder(root, &safe_name(model)).await?;
    let handle: FileSystemFileHandle = answer(folder.get_file_handle(&safe_name(file))).await?;
    let body: File = answer(handle.get_file()).await?;
    let address = Url::create_object_url_with_blob(&body)?;
    let link: HtmlAnchorElement = gloo::utils::document().create_element("a")?.dyn_into()?;
    link.set_href(&address);
    link.set_download(file.rsplit('/').next().unwrap_or(file));
    link.click();
    // The browser takes its own hold of the file when the click is handled.
    wait(10_000).await?;
    Url::revoke_object_url(&address)
}

async fn folder(
    parent: FileSystemDirectoryHandle,
    name: &str,
) -> Result<FileSystemDirectoryHandle, JsValue> {
    answer(parent.get_directory_handle(name)).await
}

async fn answer<T: JsCast>(promise: Promise) -> Result<T, JsValue> {
    JsFuture::from(promise).await?.dyn_into()
}

async fn wait(ms: i32) -> Result<JsValue, JsValue> {
    let mut ring = |resolve: js_sys::Function, _| {
        // A clock that cannot be set leaves nothing to wait for.
        let window = gloo::utils::window();
        if window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    };
    JsFuture::from(Promise::new(&mut ring)).await
}
