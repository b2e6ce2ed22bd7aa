//! What is stored, and what can be done with it.

use api::store::{Input, Output, Store, Stored, What, Wish};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    downloads::{now_unix_ms, use_downloads},
    export,
    rows::{Standing, standing},
};
use crate::{
    call::{Call, State, Step},
    engines::STORE,
    format::{ago, bytes},
    part::press,
    rows::rows,
};

/// The shelf, kept up to date by every answer of the store.
#[derive(Clone, Copy)]
pub struct Shelf {
    call: Call<Store>,
    last: RwSignal<Option<Output>>,
    /// What was just found to be right.
    verified: RwSignal<Option<String>>,
    /// Whether the shelf changed while it was asked for something.
    changed: StoredValue<bool>,
}

impl Shelf {
    /// Looks at once, and again whenever a download ends.
    pub(super) fn new(call: Call<Store>) -> Self {
        let (last, verified) = (RwSignal::new(None), RwSignal::new(None));
        let shelf = Self { call, last, verified, changed: StoredValue::new(false) };
        let downloads = use_downloads();
        Effect::new(move || {
            downloads.ended();
            // Asking anew would stop what is being done, such as a deletion.
            match call.state().with_untracked(State::is_running) {
                true => shelf.changed.set_value(true),
                false => shelf.ask(Wish::List),
            }
        });
        shelf
    }

    /// Asks the store for something.
    pub(super) fn ask(self, wish: Wish) {
        let verifies = match &wish {
            Wish::Verify { model } => Some(format!("{model} is verified: every byte is right.")),
            _ => None,
        };
        self.verified.set(None);
        let input = Input { now_unix_ms: now_unix_ms(), wish };
        self.call.start_with(STORE, &input, move |step| {
            let Step::Ended(result) = step else { return };
            if let Ok(output) = result {
                self.last.set(Some(output.clone()));
                self.verified.set(verifies.clone());
            }
            if self.changed.get_value() {
                self.look_again();
            }
        });
    }

    fn look_again(self) {
        self.changed.set_value(false);
        // Once the call that ends now has ended.
        spawn_local(async move {
            // A panel that was left looks no more.
            let Some(verified) = self.verified.try_get_untracked() else { return };
            self.ask(Wish::List);
            self.verified.set(verified);
        });
    }

    /// What is stored, as far as it was heard.
    pub(super) fn models(self) -> Vec<Stored> {
        self.last.with(|last| last.as_ref().map(|last| last.models.clone()).unwrap_or_default())
    }

    /// Bytes here already of a model.
    pub(super) fn have_bytes(self, model: &str) -> u64 {
        self.models().iter().find(|stored| stored.model == model).map_or(0, Stored::have_bytes)
    }

    /// Whether a model can be used.
    pub(super) fn has(self, model: &str) -> bool {
        let whole = |stored: &Stored| stored.model == model && standing(stored) == Standing::Whole;
        self.models().iter().any(whole)
    }
}

/// The list of stored models.
#[component]
pub fn StoredModels(
    /// What is stored.
    shelf: Shelf,
) -> impl IntoView {
    let trouble = move || {
        shelf.call.state().with(|state| match state {
            State::Ended(Err(trouble)) => Some(trouble.to_string()),
            _ => None,
        })
    };
    let busy = move || {
        shelf.call.state().with(|state| match state {
            State::Running(Some(partial)) => {
                Some(super::downloads::words(&State::Running(Some(partial.clone()))))
            }
            _ => None,
        })
    };
    view! {
        <section class="card" aria-label="Stored models">
            <h2>"On this device"</h2>
            <Room shelf />
            {move || trouble().map(|why| view! { <p class="trouble" role="alert">{why}</p> })}
            <p role="status" class="quiet">{move || busy().or_else(|| shelf.verified.get())}</p>
            <Show
                when=move || !shelf.models().is_empty()
                fallback=|| view! {
                    <p class="quiet">
                        "No model is stored yet. Wick Chat comes with the site and needs no download; larger \
                         models are below."
                    </p>
                }
            >
                <ul class="models">
                    {rows(move || shelf.models(), key, move |stored| view! { <One shelf stored /> }.into_any())}
                </ul>
            </Show>
        </section>
    }
}

/// Differs where the row must.
fn key(stored: &Stored) -> String {
    let damaged = standing(stored) == Standing::Damaged;
    format!("{} {} {} {damaged}", stored.model, stored.have_bytes(), stored.used_unix_ms)
}

#[component]
fn Room(shelf: Shelf) -> impl IntoView {
    move || {
        let room = shelf.last.with(|last| last.as_ref().and_then(|last| last.room))?;
        let words = format!("{} of {} used", bytes(room.used_bytes), bytes(room.quota_bytes));
        Some(view! {
            <div class="room">
                <meter min="0" max=room.quota_bytes.to_string() value=room.used_bytes.to_string() aria-label="Storage used"></meter>
                <span class="quiet">{words}</span>
            </div>
        })
    }
}

#[component]
fn One(shelf: Shelf, stored: Stored) -> impl IntoView {
    let standing = standing(&stored);
    let size = match stored.total_bytes() {
        Some(total) if standing != Standing::Whole => {
            format!("{} of {}", bytes(stored.have_bytes()), bytes(total))
        }
        _ => bytes(stored.have_bytes()),
    };
    let licence =
        if stored.licence.is_empty() { "licence unknown".into() } else { stored.licence.clone() };
    let used = format!("last used {}", ago(now_unix_ms(), stored.used_unix_ms));
    let badge = match standing {
        Standing::Whole => None,
        Standing::Partial(Some(percent)) => Some(format!("{percent} % here")),
        Standing::Partial(None) => Some("not whole yet".into()),
        Standing::Damaged => Some("damaged".into()),
    };
    view! {
        <li class="model">
            <div class="what">
                <strong>{stored.model.clone()}</strong>
                {badge.map(|badge| view! { <span class="badge">{badge}</span> })}
                <p class="quiet">{[size, licence, used].join(" · ")}</p>
                <p class="quiet origin">{stored.origin.clone()}</p>
            </div>
            <Actions shelf stored standing />
        </li>
    }
}

#[component]
fn Actions(shelf: Shelf, stored: Stored, standing: Standing) -> impl IntoView {
    let downloads = use_downloads();
    let model = StoredValue::new(stored.model.clone());
    let whole = standing == Standing::Whole;
    let running = move || downloads.runs(&model.get_value());
    let asking = RwSignal::new(false);
    let exported = RwSignal::new(None::<String>);
    let delete = move |_| {
        downloads.forget(&model.get_value());
        shelf.ask(Wish::Delete { model: model.get_value() });
    };
    let files =
        StoredValue::new(stored.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>());
    let export = move |_| {
        spawn_local(async move {
            let failed = export::save(&model.get_value(), &files.get_value()).await.err();
            exported.set(failed);
        })
    };
    let chat = format!("chat/?model={}", String::from(js_sys::encode_uri_component(&stored.model)));
    let resume = if standing == Standing::Damaged { "Download again" } else { "Resume" };
    view! {
        <div class="actions">
            <Show when=move || whole>
                <a class="button primary" href=chat.clone()>"Chat with it"</a>
                <button on:click=press(move || shelf.ask(Wish::Verify { model: model.get_value() }))>"Verify"</button>
                <button on:click=export>"Export"</button>
            </Show>
            <Show when=move || !whole && !running()>
                <button class="primary" on:click=press(move || downloads.start(&model.get_value(), What::Model(model.get_value())))>{resume}</button>
            </Show>
            <Show
                when=move || asking.get()
                fallback=move || view! { <button on:click=press(move || asking.set(true))>"Delete"</button> }
            >
                <span role="group" aria-label="Really delete?">
                    <button class="danger" on:click=delete>"Delete it"</button>
                    <button on:click=press(move || asking.set(false))>"Keep"</button>
                </span>
            </Show>
            {move || exported.get().map(|why| view! { <p class="trouble" role="alert">{why}</p> })}
        </div>
    }
}
