//! A file that a person gives to a panel: chosen, dropped, pasted, a sample, or at an address of this site.

use std::{future::Future, pin::Pin};

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, ClipboardEvent, DragEvent, File, Response, Url};

use crate::{desk::Desk, files::listed, picker::shipped};

/// Endings of a model's files, which the page takes as such wherever they are dropped.
const OF_MODELS: [&str; 4] = [".gguf", ".safetensors", ".json", ".jinja"];

/// What becomes of a file, and what a person should know of it.
pub type Read<T> = Pin<Box<dyn Future<Output = Result<(T, Option<String>), String>>>>;

/// What takes files, and complains.
pub struct Giving<T: 'static> {
    /// Where it says what is wrong with a file.
    pub desk: Desk,
    /// What takes what was read.
    take: Callback<T>,
    /// Reads a file of some name.
    read: fn(String, Blob) -> Read<T>,
    /// How the names of samples end, which lie beside the site's models.
    ending: &'static str,
    /// Counts files given: the last one is shown, whichever is read first.
    turn: StoredValue<u32>,
}

impl<T> Copy for Giving<T> {}

impl<T> Clone for Giving<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Giving<T> {
    /// What takes files in the component that asks for it.
    pub fn new(
        desk: Desk,
        take: Callback<T>,
        read: fn(String, Blob) -> Read<T>,
        ending: &'static str,
    ) -> Self {
        Self { desk, take, read, ending, turn: StoredValue::new(0) }
    }

    /// Takes the first of some files.
    pub fn files(self, files: Vec<File>) {
        if let Some(file) = files.into_iter().next() {
            self.when((self.read)(file.name(), file.into()));
        }
    }

    /// Takes a file that is let go here, unless it is of a model.
    pub fn drop(self, event: &DragEvent) {
        if event.default_prevented() {
            return;
        }
        let files = listed(event.data_transfer().and_then(|data| data.files()));
        if files.first().is_some_and(|file| !of_model(&file.name())) {
            event.prevent_default();
            self.files(files);
        }
    }

    /// Takes what is at an address of this site.
    pub fn address(self, address: String) {
        let read = self.read;
        self.when(Box::pin(async move {
            let url = own(&address)?;
            let file = fetched(&url).await.map_err(|why| format!("{address} {why}"))?;
            read(name_of(&url).to_owned(), file).await
        }));
    }

    /// What was given before is not taken any more, if it is still being read. The number of what comes next.
    pub fn give_up(self) -> Option<u32> {
        self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        })
    }

    /// Takes what comes of it, unless another file was given meanwhile.
    pub fn when(self, coming: Read<T>) {
        let turn = self.give_up();
        spawn_local(async move {
            let came = coming.await;
            if self.turn.try_get_value() != turn {
                return;
            }
            match came {
                Ok((taken, note)) => {
                    self.desk.notice.set(note);
                    self.take.run(taken);
                }
                Err(why) => self.desk.notice.set(Some(why)),
            }
        });
    }

    /// Takes files that are pasted anywhere; texts go where they would.
    pub fn hear_pastes(self) {
        let heard = window_event_listener(ev::paste, move |event| {
            let event: &ClipboardEvent = event.unchecked_ref();
            let files = listed(event.clipboard_data().and_then(|data| data.files()));
            if !files.is_empty() {
                event.prevent_default();
                self.files(files);
            }
        });
        on_cleanup(move || heard.remove());
    }

    /// Where a sample of the site's own model lies; `None` if the site has no model for the task.
    pub fn sample(self, number: usize) -> Option<String> {
        sample(self.desk.task, number, self.ending)
    }

    /// Opens with the first sample of the site's own model.
    pub fn first(self) {
        if let Some(address) = self.sample(1) {
            self.address(address);
        }
    }
}

fn sample(task: &str, number: usize, ending: &str) -> Option<String> {
    let model = shipped(task);
    (!model.is_empty()).then(|| format!("models/{model}.samples/{number}.{ending}"))
}

fn of_model(name: &str) -> bool {
    let name = name.to_lowercase();
    OF_MODELS.iter().any(|ending| name.ends_with(ending))
}

/// The whole address of a file, if it is of this site.
fn own(address: &str) -> Result<String, String> {
    let base = gloo::utils::document().base_uri().ok().flatten().unwrap_or_default();
    let url = Url::new_with_base(address, &base);
    let url =
        url.map_err(|_| format!("“{address}” is no address: write one such as icons/cat.png"))?;
    let here = gloo::utils::window().location().origin().unwrap_or_default();
    match url.origin() == here {
        true => Ok(url.href()),
        false => Err(format!(
            "{address} is of another site, and this page asks none: save the picture there, and open it here"
        )),
    }
}

async fn fetched(url: &str) -> Result<Blob, String> {
    let lost = |_: JsValue| "cannot be fetched: there may be no network".to_owned();
    let reply = JsFuture::from(gloo::utils::window().fetch_with_str(url)).await.map_err(lost)?;
    let reply: Response = reply.dyn_into().map_err(lost)?;
    if !reply.ok() {
        return Err(format!("cannot be fetched: the site answers {}", reply.status()));
    }
    let body = JsFuture::from(reply.blob().map_err(lost)?).await.map_err(lost)?;
    body.dyn_into().map_err(lost)
}

/// What a file at an address is called.
fn name_of(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_an_address_has_its_name() {
        assert_eq!(name_of("https://a.b/c/cat.png?x=/1#y"), "cat.png");
        assert_eq!(name_of("https://a.b/c/"), "c");
    }

    #[test]
    fn files_of_models_are_left_to_the_desk() {
        assert!(of_model("A.GGUF") && of_model("config.json"));
        assert!(!of_model("cat.png") && !of_model("notes.txt"));
    }

    #[test]
    fn a_task_without_a_model_has_no_samples() {
        assert_eq!(sample("no such task", 1, "png"), None);
    }
}
