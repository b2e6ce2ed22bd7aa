//! Every way to give a picture: a file, a drop, the clipboard, the camera, an address, a sample.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, ClipboardEvent, DragEvent, File, Response, Url};

use super::{Taken, camera::use_camera, taken};
use crate::{
    desk::{Desk, views::button},
    files::{listed, picked},
    icon::Icon,
    part::{part, press, sent, typed},
    picker::shipped,
};

/// Samples beside each of the site's models that look at pictures.
const SAMPLES: usize = 6;
/// Endings of a model's files, which the page takes as such wherever they are dropped.
const OF_MODELS: [&str; 4] = [".gguf", ".safetensors", ".json", ".jinja"];

/// The ways to give a picture. Around what is drawn of it, as a file may be dropped there.
#[component]
pub fn Intake(
    /// Where it says what is wrong with a picture.
    desk: Desk,
    /// What takes the picture.
    take: Callback<Taken>,
    /// What is drawn of it.
    children: Children,
) -> impl IntoView {
    let turn = StoredValue::new(0_u32);
    let camera = use_camera();
    let giving = Giving { desk, take, turn };
    let dropped = move |event: DragEvent| {
        if event.default_prevented() {
            return;
        }
        let files = listed(event.data_transfer().and_then(|data| data.files()));
        if let Some(file) = files.into_iter().next().filter(|file| !of_model(&file.name())) {
            event.prevent_default();
            giving.file(file);
        }
    };
    giving.hear_pastes();
    giving.first();
    view! {
        <div class="pictures" on:drop=dropped>
            <div class="actions">
                <label class="button" title="A PNG, JPEG, WebP or GIF file; or drop one here, or paste one">
                    {Icon::Picture.view()} "Open a picture"
                    <input class="visually-hidden" type="file" accept="image/png,image/jpeg,image/webp,image/gif"
                        aria-label="Open a picture" on:change=move |event| giving.files(picked(&event))/>
                </label>
                {button("Camera", Icon::Camera, move || camera.open(desk))}
                {address(giving)}
                {samples(giving)}
            </div>
            <p class="quiet">"Or drop a picture here, or paste one. It stays on this computer."</p>
            {camera.view(desk, take)}
            {children()}
        </div>
    }
    .into_any()
}

/// What takes a picture, and complains.
#[derive(Clone, Copy)]
struct Giving {
    desk: Desk,
    take: Callback<Taken>,
    /// Counts pictures given: the last one is shown, whichever is unpacked first.
    turn: StoredValue<u32>,
}

impl Giving {
    fn files(self, files: Vec<File>) {
        if let Some(file) = files.into_iter().next() {
            self.file(file);
        }
    }

    fn file(self, file: File) {
        self.when(Box::pin(async move { taken(&file.name(), &file).await }));
    }

    fn address(self, address: String) {
        self.when(Box::pin(async move {
            let url = own(&address)?;
            let file = fetched(&url).await.map_err(|why| format!("{address} {why}"))?;
            taken(name_of(&url), &file).await
        }));
    }

    /// Takes what comes of it, unless another picture was given meanwhile.
    fn when(self, coming: std::pin::Pin<Box<dyn Future<Output = Result<Taken, String>>>>) {
        let turn = self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        spawn_local(async move {
            let came = coming.await;
            if self.turn.try_get_value() != turn {
                return;
            }
            match came {
                Ok(taken) => {
                    self.desk.notice.set(taken.note.clone());
                    self.take.run(taken);
                }
                Err(why) => self.desk.notice.set(Some(why)),
            }
        });
    }

    /// Takes pictures that are pasted anywhere; texts go where they would.
    fn hear_pastes(self) {
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

    /// Opens with the first sample of the site's own model.
    fn first(self) {
        if let Some(address) = sample(self.desk.task, 1) {
            self.address(address);
        }
    }
}

fn of_model(name: &str) -> bool {
    let name = name.to_lowercase();
    OF_MODELS.iter().any(|ending| name.ends_with(ending))
}

/// Where a sample of a task lies; `None` if the site has no model for it.
fn sample(task: &str, number: usize) -> Option<String> {
    let model = shipped(task);
    (!model.is_empty()).then(|| format!("models/{model}.samples/{number}.png"))
}

/// The pictures that the site brings along.
fn samples(giving: Giving) -> AnyView {
    let one = |number: usize| {
        let address = sample(giving.desk.task, number)?;
        let (source, name) = (address.clone(), format!("Sample {number}"));
        let drawn = view! {
            <button type="button" class="sample" title=format!("Sample {number}") on:click=press(move || giving.address(address.clone()))>
                <img src=source alt=name width="40" height="40"/>
            </button>
        };
        Some(drawn.into_any())
    };
    (1..=SAMPLES).filter_map(one).collect_view().into_any()
}

/// A field for an address of this site.
fn address(giving: Giving) -> AnyView {
    let (open, text) = (RwSignal::new(false), RwSignal::new(String::new()));
    let ask = move || {
        let address = text.with_untracked(|text| text.trim().to_owned());
        match address.is_empty() {
            true => {
                giving.desk.notice.set(Some("write the address of a picture of this site".into()))
            }
            false => giving.address(address),
        }
    };
    let form = move || {
        view! {
            <form class="search wide" on:submit=sent(ask)>
                <label>
                    "Address of a picture of this site"
                    <input type="text" inputmode="url" autocomplete="off" prop:value=text
                        on:input=typed(move |typed| text.set(typed))/>
                </label>
                <button type="submit">"Take it"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <button type="button" aria-expanded=move || open.get().to_string()
            on:click=press(move || open.update(|open| *open = !*open))>
            {Icon::Link.view()} "Address"
        </button>
        {part(move || open.get().then(form))}
    }
    .into_any()
}

/// The whole address of a picture, if it is of this site.
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
        assert_eq!(sample("no such task", 1), None);
    }
}
