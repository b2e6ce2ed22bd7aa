//! Files that a person opens, drops and saves.

use api::ModelId;
use js_sys::{Array, Reflect, Uint8Array};
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, DragEvent, Event, File, FileList, HtmlAnchorElement, HtmlCanvasElement, HtmlInputElement,
    Url,
};

/// Files may be let go anywhere over the page, unless a part of it takes them for itself; the browser
/// would leave the page to show them otherwise. `over` is true while they hover.
pub(crate) fn catch(over: RwSignal<bool>, open: impl Fn(Vec<File>) + 'static) {
    let hover = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        over.set(true);
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event: DragEvent| {
        over.set(false);
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        open(listed(event.data_transfer().and_then(|data| data.files())));
    });
    on_cleanup(move || {
        hover.remove();
        leave.remove();
        drop.remove();
    });
}

/// The files of a list that may not be there.
pub(crate) fn listed(files: Option<FileList>) -> Vec<File> {
    let files = files.iter().flat_map(|list| (0..list.length()).filter_map(|at| list.get(at)));
    files.collect()
}

/// The files a person chose.
pub(crate) fn picked(event: &Event) -> Vec<File> {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return Vec::new() };
    let files = listed(input.files());
    // The same file can be picked again.
    input.set_value("");
    files
}

/// Where a file lies in the folder that was chosen; of a file that was chosen alone, its name.
pub(crate) fn path(file: &File) -> String {
    in_folder(file).map_or_else(|| file.name(), |(_, below)| below)
}

/// The folder that was chosen with a file, and where in it the file lies.
pub(crate) fn in_folder(file: &File) -> Option<(String, String)> {
    let path = Reflect::get(file, &"webkitRelativePath".into()).ok()?.as_string()?;
    path.split_once('/').map(|(folder, below)| (folder.to_owned(), below.to_owned()))
}

/// Offers a text to the browser's downloads.
pub(crate) fn offer(name: &str, text: &str) -> Result<(), JsValue> {
    offer_blob(name, &Blob::new_with_str_sequence(&Array::of1(&text.into()))?)
}

/// Offers bytes to the browser's downloads.
pub(crate) fn offer_bytes(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    offer_blob(name, &Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)))?)
}

/// Offers what is drawn on a canvas as a PNG file; `failed` is told why not.
pub(crate) fn offer_picture(
    name: impl Into<String>,
    canvas: &HtmlCanvasElement,
    failed: impl Fn(&str) + 'static,
) {
    let name = name.into();
    let packed = Closure::once_into_js(move |blob: JsValue| match blob.dyn_into::<Blob>() {
        Ok(blob) if offer_blob(&name, &blob).is_ok() => {}
        _ => failed("the browser does not pack it"),
    });
    // It fails for pictures of other sites only, and none is taken from there.
    let _ = canvas.to_blob(packed.unchecked_ref());
}

fn offer_blob(name: &str, body: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(body)?;
    let link: HtmlAnchorElement = gloo::utils::document().create_element("a")?.dyn_into()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}

/// Puts a text on the clipboard, and says how that went.
pub(crate) fn copy(text: &str, said: impl Fn(&'static str) + 'static) {
    let clipboard = gloo::utils::window().navigator().clipboard();
    let written = JsFuture::from(clipboard.write_text(text));
    spawn_local(async move {
        said(match written.await {
            Ok(_) => "copied",
            Err(_) => "this browser does not let the page copy: save it as a file instead",
        });
    });
}

/// The model that files of these names make together, or what to do instead.
pub(crate) fn model_of(names: &[String]) -> Result<ModelId, String> {
    let ending = |ending: &str| {
        let ends = |name: &&String| name.to_lowercase().ends_with(ending);
        names.iter().filter(ends).collect::<Vec<_>>()
    };
    let (ggufs, tensors) = (ending(".gguf"), ending(".safetensors"));
    match (&ggufs[..], &tensors[..]) {
        ([one], []) => Ok(format!("file:{one}")),
        ([], [first, ..]) if names.iter().any(|name| name == "config.json") => {
            Ok(format!("file:{first}"))
        }
        ([], [first, ..]) => {
            Err(format!("{first}: choose its config.json and tokenizer.json together with it"))
        }
        ([], []) => Err(match names.first() {
            Some(name) => {
                format!("{name} is no model file: open a .gguf, or .safetensors with config.json")
            }
            None => "nothing was dropped that is a file".into(),
        }),
        _ => Err("these files are more than one model: open one .gguf at a time".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], want: Result<&str, &str>) {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        match (model_of(&names), want) {
            (Ok(model), Ok(want)) => assert_eq!(model, want),
            (Err(why), Err(want)) => assert!(why.contains(want), "{why}"),
            (got, _) => panic!("{names:?}: {got:?}"),
        }
    }

    #[test]
    fn one_gguf_or_tensors_with_their_config_make_a_model() {
        check(&["a.gguf"], Ok("file:a.gguf"));
        check(
            &["config.json", "model.SAFETENSORS", "tokenizer.json"],
            Ok("file:model.SAFETENSORS"),
        );
        check(&["model.safetensors"], Err("config.json"));
        check(&["a.gguf", "b.gguf"], Err("one .gguf at a time"));
        check(&["cat.png"], Err("cat.png is no model file"));
        check(&[], Err("nothing"));
    }
}
