//! Models: what is stored, what can be had.

mod downloads;
mod export;
mod machine;
pub mod offers;
mod rows;
pub mod shelf;

use api::store::{Store, Wish};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub use self::downloads::Downloads;
use self::{
    downloads::{Download, done_of, use_downloads, words},
    machine::{Kept, keep, kept},
    offers::{Catalogue, Others},
    shelf::{Shelf, StoredModels},
};
use crate::{
    call::{State, use_call},
    part::press,
    rows::rows,
};

/// The shelf, the downloads, and what can be had.
#[component]
pub fn Models() -> impl IntoView {
    let shelf = Shelf::new(use_call::<Store>());
    view! {
        <div class="page models-page">
            <h1>"Models"</h1>
            <p class="lead">
                "Models run in this tab and are kept in this browser. Nothing you type leaves the device."
            </p>
            <Running shelf />
            <StoredModels shelf />
            <Safety />
            <Catalogue shelf />
            <Others shelf />
        </div>
    }
}

/// The downloads of this visit.
#[component]
fn Running(shelf: Shelf) -> impl IntoView {
    let downloads = use_downloads();
    view! {
        <Show when=move || !downloads.list().is_empty()>
            <section class="card" aria-label="Downloads">
                <h2>"Downloads"</h2>
                <ul class="models">
                    {rows(
                        move || downloads.list(),
                        |download| download.model.clone(),
                        move |download| view! { <Line shelf download /> }.into_any(),
                    )}
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Line(shelf: Shelf, download: Download) -> impl IntoView {
    let downloads = use_downloads();
    let call = download.call;
    let name = download.model.clone();
    let download = StoredValue::new_local(download);
    let done = move || call.state().with(|state| matches!(state, State::Ended(Ok(_))));
    let bar = move || {
        let label = format!("Download of {name}");
        match call.state().with(done_of) {
            Some((done, total)) => view! {
                <progress aria-label=label max=total.to_string() value=done.to_string()></progress>
            }
            .into_any(),
            None if call.is_running() => {
                view! { <progress aria-label=label></progress> }.into_any()
            }
            None => ().into_any(),
        }
    };
    let resume =
        move |_| download.with_value(|download| downloads.start(&download.model, download.what()));
    let cancel = move |_| {
        let model = download.with_value(|download| download.model.clone());
        downloads.forget(&model);
        shelf.ask(Wish::Delete { model });
    };
    let forget = move |_| download.with_value(|download| downloads.forget(&download.model));
    view! {
        <li class="model">
            <div class="what">
                <strong>{download.with_value(|download| download.model.clone())}</strong>
                {bar}
                <p role="status" class="quiet">{move || call.state().with(words)}</p>
            </div>
            <div class="actions">
                <Show when=move || call.is_running()>
                    <button on:click=press(move || download.with_value(|download| downloads.pause(download)))>"Pause"</button>
                </Show>
                <Show when=move || !call.is_running() && !done()>
                    <button class="primary" on:click=resume>"Resume"</button>
                </Show>
                <Show when=done fallback=move || view! { <button on:click=cancel>"Cancel"</button> }>
                    <button on:click=forget>"Dismiss"</button>
                </Show>
            </div>
        </li>
    }
}

/// Whether the browser keeps what is stored; asked for after the first download that succeeds.
#[component]
fn Safety() -> impl IntoView {
    let downloads = use_downloads();
    let state = RwSignal::new(Kept::Unknown);
    Effect::new(move || {
        let arrived = downloads.arrived();
        spawn_local(async move {
            let now = if arrived { keep().await } else { kept().await };
            state.try_set(now);
        });
    });
    move || {
        match state.get() {
        Kept::Unknown => None,
        Kept::Safely => Some("This browser keeps stored models until you delete them."),
        Kept::AsLongAsThereIsRoom => Some(
            "This browser may remove stored models when the disk gets full; it decides by how often you \
             use the site.",
        ),
    }
    .map(|words| view! { <p class="quiet safety">{words}</p> })
    }
}
