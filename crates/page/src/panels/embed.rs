//! Compare texts by what they mean: two lists, a search, a map.

pub mod lists;
pub mod map;
pub mod search;

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use self::{lists::Lists, map::Map, search::Search};
use crate::{
    desk::{field::Kind, views::Around},
    embed::{
        lists::{Texts, lines, of_file, read},
        session::use_session,
    },
    icon::Icon,
    lazy::lazy,
    panels::Panel,
    part::press,
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "embed",
    alias: "",
    title: "Compare texts",
    group: "Text",
    icon: Icon::Compare,
    code: lazy!(embed, Compare),
};

const FIRST: &str = "First list";
const SECOND: &str = "Second list";

/// What can be done with texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Lists,
    Search,
    Map,
}

const TABS: [(Tab, &str); 3] =
    [(Tab::Lists, "Two lists"), (Tab::Search, "Search"), (Tab::Map, "Map")];

#[component]
fn Compare() -> impl IntoView {
    let session = use_session();
    let tab = RwSignal::new(Tab::Lists);
    let hidden = move |this| Signal::derive(move || tab.get() != this);
    view! {
        <Around desk=session.desk title="Compare texts" called=Callback::new(move |field: String| session.called(&field))
            lead="A sentence model turns each text into numbers, so that texts that mean alike lie near each other. \
                1 is the same, 0 has nothing in common."
            absent="No sentence model is here yet: get all-MiniLM-L6-v2 on the models page, or open the folder of one \
                (config.json, tokenizer.json, model.safetensors).">
            <Tabs tab/>
            <section role="tabpanel" id="embed-tab" aria-labelledby=move || format!("embed-{:?}", tab.get())>
                // All three stay, so that what was found is there when one comes back.
                <div hidden=hidden(Tab::Lists)><Lists session/></div>
                <div hidden=hidden(Tab::Search)><Search session/></div>
                <div hidden=hidden(Tab::Map)><Map session/></div>
            </section>
        </Around>
    }
    .into_any()
}

#[component]
fn Tabs(tab: RwSignal<Tab>) -> impl IntoView {
    let places: [NodeRef<html::Button>; 3] = std::array::from_fn(|_| NodeRef::new());
    let walk = move |event: KeyboardEvent| {
        let at = TABS.iter().position(|(known, _)| *known == tab.get_untracked()).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % TABS.len(),
            "ArrowLeft" => (at + TABS.len() - 1) % TABS.len(),
            _ => return,
        };
        event.prevent_default();
        tab.set(TABS[next].0);
        if let Some(button) = places[next].get_untracked() {
            // Focus that fails leaves it where it was.
            let _ = button.focus();
        }
    };
    let one = move |((this, title), place): ((Tab, &'static str), NodeRef<html::Button>)| {
        let chosen = move || tab.get() == this;
        view! {
            <button type="button" role="tab" node_ref=place id=format!("embed-{this:?}") aria-controls="embed-tab"
                aria-selected=move || chosen().to_string() tabindex=move || if chosen() { "0" } else { "-1" }
                on:click=press(move || tab.set(this)) on:keydown=walk>
                {title}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label="What to do with texts">
            {TABS.into_iter().zip(places).map(one).collect_view()}
        </div>
    }
    .into_any()
}

/// A field for texts, one a line.
const TEXTS: Kind = Kind {
    hint: "One text a line",
    lines: 5,
    accept: ".txt,.csv,.tsv,.json,.md",
    counted: |typed| counted(&read(typed)),
    taken: |name, body| of_file(name, &body).map(|texts| (lines(&texts.all), texts.note)),
};

fn counted(texts: &Texts) -> String {
    let count = texts.all.len();
    let count = format!("{count} text{}", if count == 1 { "" } else { "s" });
    texts.note.as_ref().map_or_else(|| count.clone(), |note| format!("{count}; {note}"))
}
