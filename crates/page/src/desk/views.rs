//! What stands around every question to a model: the model above, the work below.

use api::Precision;
use leptos::prelude::*;
use web_sys::Event;

use super::{Desk, Stage};
use crate::{files, format::bytes, icon::Icon, picker::Picker};

/// What a field of the question is called on the page; `None` leaves the engine's own word.
pub type Called = Callback<String, Option<String>>;

/// A panel around its model.
#[component]
pub fn Around(
    /// The model.
    desk: Desk,
    /// What the panel is called.
    title: &'static str,
    /// What it does, in a sentence or two.
    lead: &'static str,
    /// What to do while there is no model.
    absent: &'static str,
    /// What the fields of its question are called.
    #[prop(optional)]
    called: Option<Called>,
    /// What is asked, and what comes of it.
    children: Children,
) -> impl IntoView {
    let over = RwSignal::new(false);
    files::catch(over, move |files| desk.open(files));
    view! {
        <div class="page desk" class:over=move || over.get()>
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            <Bar desk/>
            <Show when=move || desk.model.with(String::is_empty)>
                <div class="notice absent" role="status">
                    <p>{absent}</p>
                    <a class="button primary" href="models/">{Icon::Download.view()} "Get a model"</a>
                </div>
            </Show>
            {children()}
            <Standing desk called/>
        </div>
    }
    .into_any()
}

#[component]
fn Bar(desk: Desk) -> impl IntoView {
    let precision = move |event: Event| {
        desk.hold(match event_target_value(&event).as_str() {
            "q8_0" => Precision::Q8_0,
            _ => Precision::Stored,
        });
    };
    view! {
        <div class="bar">
            <Picker task=desk.task model=desk.model folders=true
                choose=Callback::new(move |model| desk.choose(model))
                open=Callback::new(move |files| desk.open(files))
                loaded=Signal::derive(move || desk.loaded.with(Option::is_some))
                unload=Callback::new(move |()| desk.unload())/>
            <select aria-label="Weights" title="8 bits take a quarter of the memory and are a little less exact"
                on:change=precision>
                <option value="stored">"Exact weights"</option>
                <option value="q8_0">"8-bit weights"</option>
            </select>
        </div>
    }
    .into_any()
}

/// Where the work stands, and what is wrong with it.
#[component]
fn Standing(desk: Desk, called: Option<Called>) -> impl IntoView {
    let called = move |field: &str| called.and_then(|called| called.run(field.to_owned()));
    view! {
        <div class="foot">
            {move || desk.notice.get().map(|text| view! { <p class="notice" role="status">{text}</p> })}
            {move || desk.trouble(called).map(|trouble| view! {
                <div class="trouble" role="alert">
                    <p>{trouble}</p>
                    <button type="button" on:click=move |_| desk.restart()>"Try again"</button>
                </div>
            })}
            <div class="standing">
                <span role="status">{move || words(desk)}</span>
                {move || desk.stage().map(reached).map(|(done, all)| view! {
                    <progress aria-label="Progress" max=all.to_string() value=done.to_string()></progress>
                })}
                // Changes too often to be read out.
                <small aria-hidden="true">{move || desk.stage().map(counted)}</small>
                <Show when=move || desk.is_busy()>
                    <button type="button" class="stop" on:click=move |_| desk.stop()>{Icon::Stop.view()} "Stop"</button>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

fn words(desk: Desk) -> String {
    match desk.stage() {
        Some(Stage::Loading { .. }) => "Loading the model…".into(),
        Some(Stage::Working { words, .. }) => words.into(),
        None if desk.is_busy() => "Starting…".into(),
        None => desk.loaded.get().unwrap_or_default(),
    }
}

fn reached(stage: Stage) -> (u64, u64) {
    match stage {
        Stage::Loading { read_bytes, total_bytes } => (read_bytes, total_bytes),
        Stage::Working { done, total, .. } => (done.into(), total.into()),
    }
}

fn counted(stage: Stage) -> String {
    match stage {
        Stage::Loading { read_bytes, total_bytes } => {
            format!("{} of {}", bytes(read_bytes), bytes(total_bytes))
        }
        Stage::Working { done, total, pieces, .. } => format!("{done} of {total} {pieces}"),
    }
}

/// Puts a text on the clipboard, and says so.
#[component]
pub fn Copy(
    /// Where it is said.
    desk: Desk,
    /// What is on the button.
    name: &'static str,
    /// The text.
    text: Callback<(), String>,
) -> impl IntoView {
    let copy = move |_| {
        files::copy(text.run(()), move |said| drop(desk.notice.try_set(Some(said.into()))))
    };
    view! { <button type="button" on:click=copy>{Icon::Copy.view()} {name}</button> }.into_any()
}

impl Desk {
    /// Offers a text as a file, or says why not.
    pub fn save(self, name: &str, text: &str) {
        if let Err(why) = files::offer(name, text) {
            self.notice.set(Some(format!("{name} cannot be saved: {why:?}")));
        }
    }
}
