//! Compare texts by what they mean: two lists, a search, a map.

pub mod lists;
pub mod map;
pub mod search;

use api::{
    Precision, Task,
    embed::{About, Embed, Partial, Pooling},
};
use leptos::{ev, html, prelude::*};
use web_sys::{DragEvent, Event, File, KeyboardEvent};

use self::{lists::Lists, map::Map, search::Search};
use crate::{
    address::use_address,
    embed::{
        lists::{Texts, is_text_file, lines, of_file, read},
        session::Session,
    },
    files::{listed, picked},
    format::bytes,
    icon::Icon,
    panels::Panel,
    picker::{Picker, shipped, title},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "embed",
    alias: "",
    title: "Compare texts",
    group: "Text",
    icon: Icon::Compare,
    view: || view! { <Compare/> }.into_any(),
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
    let asked = use_address().asked("model");
    let session = Session::new(asked.unwrap_or_else(|| shipped(Embed::NAME)));
    let (tab, over) = (RwSignal::new(Tab::Lists), RwSignal::new(false));
    catch_files(session, over);
    view! {
        <div class="page embed" class:over=move || over.get()>
            <h1>"Compare texts"</h1>
            <p class="lead">
                "A sentence model turns each text into numbers, so that texts that mean alike lie near each \
                 other. 1 is the same, 0 has nothing in common."
            </p>
            <Bar session/>
            <Absent session/>
            <Tabs tab/>
            <section role="tabpanel" id="embed-tab" aria-labelledby=move || format!("embed-{:?}", tab.get())>
                // All three stay, so that what was found is there when one comes back.
                <div hidden=move || tab.get() != Tab::Lists><Lists session/></div>
                <div hidden=move || tab.get() != Tab::Search><Search session/></div>
                <div hidden=move || tab.get() != Tab::Map><Map session/></div>
            </section>
            <Standing session/>
        </div>
    }
    .into_any()
}

/// Files of a model may be let go anywhere over the page; texts, over the field they are for.
fn catch_files(session: Session, over: RwSignal<bool>) {
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
        session.open(listed(event.data_transfer().and_then(|data| data.files())));
    });
    on_cleanup(move || {
        hover.remove();
        leave.remove();
        drop.remove();
    });
}

#[component]
fn Bar(session: Session) -> impl IntoView {
    let precision = move |event: Event| {
        session.hold(match event_target_value(&event).as_str() {
            "q8_0" => Precision::Q8_0,
            _ => Precision::Stored,
        });
    };
    view! {
        <div class="bar">
            <Picker task=Embed::NAME model=session.model folders=true
                choose=Callback::new(move |model| session.choose(model))
                open=Callback::new(move |files| session.open(files))
                loaded=Signal::derive(move || session.about.with(Option::is_some))
                unload=Callback::new(move |()| session.unload())/>
            <select aria-label="Weights" title="8 bits take a quarter of the memory and are a little less exact"
                on:change=precision>
                <option value="stored">"Exact weights"</option>
                <option value="q8_0">"8-bit weights"</option>
            </select>
        </div>
    }
    .into_any()
}

/// What to do while there is no model.
#[component]
fn Absent(session: Session) -> impl IntoView {
    view! {
        <Show when=move || session.model.with(String::is_empty)>
            <div class="notice absent" role="status">
                <p>
                    "No sentence model is here yet: get all-MiniLM-L6-v2 on the models page, or open the folder of \
                     one (config.json, tokenizer.json, model.safetensors)."
                </p>
                <a class="button primary" href="models/">{Icon::Download.view()} "Get a model"</a>
            </div>
        </Show>
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
                on:click=move |_| tab.set(this) on:keydown=walk>
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

/// A field for texts, one a line, that also takes a file.
#[component]
fn Field(
    session: Session,
    /// What it holds, for whoever reads or hears the page.
    name: &'static str,
    typed: RwSignal<String>,
) -> impl IntoView {
    let take = move |files: Vec<File>| {
        let Some(file) = files.into_iter().next() else { return };
        wasm_bindgen_futures::spawn_local(async move {
            match text_of(&file).await {
                Ok(texts) => {
                    typed.try_set(lines(&texts.all));
                    session
                        .notice
                        .try_set(texts.note.map(|note| format!("{}: {note}", file.name())));
                }
                Err(why) => drop(session.notice.try_set(Some(why))),
            }
        });
    };
    let dropped = move |event: DragEvent| {
        let files = listed(event.data_transfer().and_then(|data| data.files()));
        if files.first().is_some_and(|file| is_text_file(&file.name())) {
            event.prevent_default();
            take(files);
        }
    };
    let count = move || typed.with(|typed| counted(&read(typed)));
    let id = name.replace(' ', "-");
    view! {
        <div class="field" on:drop=dropped>
            <div class="line">
                <label for=id.clone()>{name}</label>
                <small>{count}</small>
                <span class="spring"></span>
                <label class="button small" title="Take the texts of a .txt, .csv, .tsv or .json file">
                    {Icon::Open.view()} "File"
                    <input class="visually-hidden" type="file" accept=".txt,.csv,.tsv,.json,.md"
                        aria-label=format!("{name}: take a file") on:change=move |event| take(picked(&event))/>
                </label>
            </div>
            <textarea id=id rows="5" placeholder="One text a line" prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))></textarea>
        </div>
    }
    .into_any()
}

fn counted(texts: &Texts) -> String {
    let count = texts.all.len();
    let count = format!("{count} text{}", if count == 1 { "" } else { "s" });
    texts.note.as_ref().map_or_else(|| count.clone(), |note| format!("{count}; {note}"))
}

/// The texts of a file; larger ones than a page can hold are refused.
async fn text_of(file: &File) -> Result<Texts, String> {
    const MOST_BYTES: f64 = 20e6;
    let name = file.name();
    if file.size() > MOST_BYTES {
        let (size, most) = (bytes(file.size() as u64), bytes(MOST_BYTES as u64));
        return Err(format!("{name} has {size}: give a file of at most {most}"));
    }
    let body = wasm_bindgen_futures::JsFuture::from(file.text()).await;
    let body = body.ok().and_then(|body| body.as_string());
    of_file(&name, &body.ok_or_else(|| format!("{name} cannot be read"))?)
}

/// Where the work stands, and what is wrong with it.
#[component]
fn Standing(session: Session) -> impl IntoView {
    let bar = move || match session.stage()? {
        Partial::Loading { read_bytes, total_bytes } => Some((read_bytes, total_bytes)),
        Partial::Reading { done_texts, total_texts } => {
            Some((done_texts.into(), total_texts.into()))
        }
    };
    view! {
        <div class="foot">
            {move || session.notice.get().map(|text| view! { <p class="notice" role="status">{text}</p> })}
            {move || session.trouble().map(|trouble| view! {
                <div class="trouble" role="alert">
                    <p>{trouble}</p>
                    <button type="button" on:click=move |_| session.restart()>"Try again"</button>
                </div>
            })}
            <div class="standing">
                <span role="status">{move || standing(session)}</span>
                {move || bar().map(|(done, all): (u64, u64)| view! {
                    <progress aria-label="Progress" max=all.to_string() value=done.to_string()></progress>
                })}
                // Changes too often to be read out.
                <small aria-hidden="true">{move || arrived(session)}</small>
                <Show when=move || session.is_busy()>
                    <button type="button" class="stop" on:click=move |_| session.stop()>{Icon::Stop.view()} "Stop"</button>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

fn standing(session: Session) -> String {
    match session.stage() {
        Some(Partial::Loading { .. }) => "Loading the model…".into(),
        Some(Partial::Reading { .. }) => "Reading the texts…".into(),
        None if session.is_busy() => "Starting…".into(),
        None => session.about.with(|about| about.as_ref().map(described).unwrap_or_default()),
    }
}

fn arrived(session: Session) -> Option<String> {
    Some(match session.stage()? {
        Partial::Loading { read_bytes, total_bytes } => {
            format!("{} of {}", bytes(read_bytes), bytes(total_bytes))
        }
        Partial::Reading { done_texts, total_texts } => {
            format!("{done_texts} of {total_texts} texts")
        }
    })
}

/// What reads, in a few words.
fn described(about: &About) -> String {
    let pooling = match about.pooling {
        Pooling::Mean => "mean of all tokens",
        Pooling::First => "first token",
        Pooling::Largest => "largest of all tokens",
    };
    format!(
        "{} · {} numbers a text, {pooling} · reads up to {} tokens",
        title(&about.name),
        about.dimensions,
        about.window_tokens
    )
}
