//! What can be had: the catalogue, any address, a file from disk.

use api::{
    catalogue::{Checkpoint, Origin},
    store::{What, Wish},
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, SubmitEvent};

use super::{
    downloads::use_downloads,
    machine::use_machine,
    rows::{self, Group, groups},
    shelf::Shelf,
};
use crate::{
    engines::{STORE, use_engines},
    fit::{self, Machine, Verdict},
    format::{bytes, count},
    part::{self, press},
};

/// The catalogue, model by model.
#[component]
pub fn Catalogue(
    /// What is stored already.
    shelf: Shelf,
) -> impl IntoView {
    let downloads = use_downloads();
    let machine = use_machine(move || downloads.ended());
    let groups = groups();
    let empty = groups.is_empty();
    view! {
        <section class="card" aria-label="Catalogue">
            <h2>"Models to download"</h2>
            <p class="quiet">
                "A download can be paused and goes on where it stopped, even after the page was closed. Every \
                 file is checked before it is used."
            </p>
            <Show when=move || empty>
                <p class="quiet">"This build lists none: give an address or a file below."</p>
            </Show>
            {groups.into_iter().map(|group| view! { <Offered shelf machine group /> }).collect_view()}
        </section>
    }
}

#[component]
fn Offered(shelf: Shelf, machine: RwSignal<Machine>, group: Group) -> impl IntoView {
    let Some(first) = group.rows.first().copied() else { return ().into_any() };
    let about = format!("{} weights · {}", count(first.parameters), first.licence);
    view! {
        <article class="offer" aria-label=group.title>
            <h3>{group.title}</h3>
            <p class="quiet">{about} " · " {origin(first)}</p>
            <ul class="models">
                {group.rows.into_iter().map(|row| view! { <Row shelf machine row /> }).collect_view()}
            </ul>
        </article>
    }
    .into_any()
}

fn origin(row: &Checkpoint) -> String {
    match row.origin {
        Origin::Shipped => "comes with the site".into(),
        Origin::Hub { repository, revision: Some(revision) } => {
            format!("{repository} @ {}", revision.get(..7).unwrap_or(revision))
        }
        Origin::Hub { repository, revision: None } => {
            format!("{repository}, at the revision it has when you download it")
        }
    }
}

#[component]
fn Row(shelf: Shelf, machine: RwSignal<Machine>, row: &'static Checkpoint) -> impl IntoView {
    let downloads = use_downloads();
    let verdict = Memo::new(move |_| fit::verdict(&machine.get(), row, shelf.have_bytes(row.id)));
    let size = match row.size_bytes() {
        Some(size) => bytes(size),
        None => format!("about {}", bytes(row.likely_bytes())),
    };
    let start = move |row: &Checkpoint| downloads.start(row.id, What::Model(row.id.into()));
    let instead = move || match verdict.get() {
        Verdict::Fits => None,
        _ => fit::smaller(&machine.get(), row),
    };
    let fit = move || match verdict.get() {
        Verdict::Fits => view! { <span class="fit good">"fits this device"</span> }.into_any(),
        Verdict::Tight(why) => {
            view! { <span class="fit tight">"may be tight: " {why}</span> }.into_any()
        }
        Verdict::No(why) => {
            view! { <span class="fit bad">"does not fit: " {why}</span> }.into_any()
        }
    };
    let label = format!("Download {} {}", row.title, row.quantization.name());
    view! {
        <li class="model">
            <div class="what">
                <strong>{row.quantization.name()}</strong> " " <span class="quiet">{size}</span>
                <p>{fit}</p>
            </div>
            <div class="actions">
                <Show when=move || shelf.has(row.id) fallback=move || {
                    let label = label.clone();
                    view! {
                        <button
                            class="primary"
                            aria-label=label
                            disabled=move || downloads.runs(row.id) || matches!(verdict.get(), Verdict::No(_))
                            on:click=press(move || start(row))
                        >
                            "Download"
                        </button>
                        {move || instead().map(|smaller| view! {
                            <button on:click=press(move || start(smaller))>
                                {format!("Take {} instead", smaller.quantization.name())}
                            </button>
                        })}
                    }
                }>
                    <span class="fit good">"stored"</span>
                </Show>
            </div>
        </li>
    }
}

/// A model by its address, or from a file.
#[component]
pub fn Others(
    /// Where a file from disk is kept.
    shelf: Shelf,
) -> impl IntoView {
    let downloads = use_downloads();
    let typed = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<&'static str>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match rows::address(&typed.get_untracked()) {
            Err(why) => wrong.set(Some(why)),
            Ok(address) => {
                wrong.set(None);
                downloads.start(&rows::name_of(&address), What::Url(address));
                typed.set(String::new());
            }
        }
    };
    view! {
        <section class="card" aria-label="Other models">
            <h2>"Any other model"</h2>
            <form class="address" on:submit=submit>
                <label for="model-address">"Address of a model file"</label>
                <div class="line">
                    <input
                        id="model-address"
                        type="url"
                        placeholder="https://…/model.gguf"
                        autocomplete="off"
                        prop:value=typed
                        on:input=part::typed(move |text| typed.set(text))
                        aria-describedby="model-address-hint"
                    />
                    <button class="primary" type="submit" disabled=move || typed.with(|typed| typed.trim().is_empty())>
                        "Download"
                    </button>
                </div>
                <p id="model-address-hint" class="quiet">
                    "A GGUF of the Llama, Qwen2, Qwen3, Gemma 3 or Phi-3 architecture. The host must allow it (CORS)."
                </p>
                {move || wrong.get().map(|why| view! { <p class="trouble" role="alert">{why}</p> })}
            </form>
            <FromDisk shelf />
        </section>
    }
}

#[component]
fn FromDisk(shelf: Shelf) -> impl IntoView {
    let engines = use_engines();
    let picked = move |event: Event| {
        let Some(input) =
            event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        let Some(list) = input.files() else { return };
        let files: Vec<_> = (0..list.length()).filter_map(|index| list.get(index)).collect();
        let Some(first) = files.first() else { return };
        let dropped = format!("file:{}", first.name());
        engines.of(STORE).give_files(&dropped, files);
        shelf.ask(Wish::Import { dropped });
        // The same file can be picked again.
        input.set_value("");
    };
    view! {
        <div class="disk">
            <label class="button">
                "Keep a file from disk"
                <input
                    class="visually-hidden"
                    type="file"
                    multiple
                    accept=".gguf,.safetensors,.json,.jinja"
                    on:change=picked
                />
            </label>
            <p class="quiet">
                "Copies it into this browser, so that it is there next time. To use a file once, open it on the \
                 chat page."
            </p>
        </div>
    }
}
