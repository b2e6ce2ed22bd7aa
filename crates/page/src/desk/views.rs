//! What stands around every question to a model: the model above, the work below.

use std::rc::Rc;

use api::Precision;
use leptos::prelude::*;

use super::{Desk, Stage};
use crate::{
    files, format,
    icon::Icon,
    part::{during, part, press, sent, typed, words},
    picker::Picker,
};

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
        <div class="page desk" class:over=over>
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            <Bar desk/>
            {during(move || desk.model.with(String::is_empty), move || view! {
                <div class="notice absent" role="status">
                    <p>{absent}</p>
                    <a class="button primary" href="models/">{Icon::Download.view()} "Get a model"</a>
                </div>
            }.into_any())}
            {children()}
            <Standing desk called/>
        </div>
    }
    .into_any()
}

/// Which model, and how its weights are held.
#[component]
pub fn Bar(
    /// The model.
    desk: Desk,
) -> impl IntoView {
    let precision = typed(move |name| {
        desk.hold(match name.as_str() {
            "q8_0" => Precision::Q8_0,
            "q4_0" => Precision::Q4_0,
            _ => Precision::Stored,
        });
    });
    view! {
        <div class="bar">
            <Picker task=desk.task model=desk.model folders=true
                choose=Callback::new(move |model| desk.choose(model))
                open=Callback::new(move |files| desk.open(files))
                loaded=Signal::derive(move || desk.loaded.with(Option::is_some))
                unload=Callback::new(move |()| desk.unload())/>
            <select aria-label="Weights" title="8 bits take a quarter of the memory and are a little less exact; 4 bits take an eighth and may change answers"
                on:change=precision>
                <option value="stored">"Exact weights"</option>
                <option value="q8_0">"8-bit weights"</option>
                <option value="q4_0">"4-bit weights"</option>
            </select>
        </div>
    }
    .into_any()
}

/// Where the work stands, and what is wrong with it.
#[component]
pub fn Standing(
    /// The model.
    desk: Desk,
    /// What the fields of its question are called.
    called: Option<Called>,
) -> impl IntoView {
    let called = move |field: &str| called.and_then(|called| called.run(field.to_owned()));
    view! {
        <div class="foot">
            {part(move || desk.notice.get().map(notice))}
            {part(move || desk.trouble(called).map(|why| trouble(desk, why)))}
            <div class="standing">
                <span role="status">{words(move || doing(desk))}</span>
                {part(move || desk.stage().map(progress))}
                // Changes too often to be read out.
                <small aria-hidden="true">{words(move || desk.stage().map(counted).unwrap_or_default())}</small>
                {during(move || desk.is_busy(), move || view! {
                    <button type="button" class="stop" on:click=press(move || desk.stop())>{Icon::Stop.view()} "Stop"</button>
                }.into_any())}
            </div>
            {part(move || desk.waiting().map(|name| waits(desk, name)))}
        </div>
    }
    .into_any()
}

/// Something a person should know.
pub fn notice(text: String) -> AnyView {
    view! { <p class="notice" role="status">{text}</p> }.into_any()
}

fn trouble(desk: Desk, why: String) -> AnyView {
    view! {
        <div class="trouble" role="alert">
            <p>{why}</p>
            <button type="button" on:click=press(move || desk.restart())>"Try again"</button>
        </div>
    }
    .into_any()
}

fn doing(desk: Desk) -> String {
    match desk.stage() {
        Some(Stage::Loading(_)) => "Loading the model…".into(),
        Some(Stage::Working { words, .. }) => words.into(),
        None if desk.is_busy() => "Starting…".into(),
        None => desk.loaded.get().unwrap_or_default(),
    }
}

fn progress(stage: Stage) -> AnyView {
    let (done, all) = match stage {
        Stage::Loading(loading) => (loading.read_bytes, loading.total_bytes),
        Stage::Working { done, total, .. } => (done.into(), total.into()),
    };
    view! { <progress aria-label="Progress" max=all.to_string() value=done.to_string()></progress> }
        .into_any()
}

fn counted(stage: Stage) -> String {
    match stage {
        Stage::Loading(loading) => format::arrived(loading),
        Stage::Working { done, total, pieces, .. } => format!("{done} of {total} {pieces}"),
    }
}

/// A button that puts a text on the clipboard, and says so.
pub fn copies(desk: Desk, name: &'static str, text: impl Fn() -> String + 'static) -> AnyView {
    let said = move |said: &str| drop(desk.notice.try_set(Some(said.into())));
    button(name, Icon::Copy, move || files::copy(&text(), said))
}

/// A button with a picture and a name.
pub fn button(name: &'static str, icon: Icon, act: impl FnMut() + 'static) -> AnyView {
    view! { <button type="button" on:click=press(act)>{icon.view()} {name}</button> }.into_any()
}

/// An entry of the menu `Save`.
pub fn entry(name: &'static str, act: impl FnMut() + 'static) -> AnyView {
    view! { <button type="button" on:click=press(act)>{name}</button> }.into_any()
}

/// The button that asks; while the model works, the question waits.
pub fn asks(desk: Desk, name: &'static str, act: impl Fn() + 'static) -> AnyView {
    let act = Rc::new(act);
    let asked = move || desk.when_free(name, act.clone());
    view! { <button type="button" class="primary" on:click=press(asked)>{name}</button> }.into_any()
}

/// A form that asks with its last button; while the model works, the question waits.
pub fn form(desk: Desk, name: &'static str, act: impl Fn() + 'static, fields: AnyView) -> AnyView {
    let act = Rc::new(act);
    view! {
        <form class="search" on:submit=sent(move || desk.when_free(name, act.clone()))>
            {fields}
            <button type="submit" class="primary">{name}</button>
        </form>
    }
    .into_any()
}

fn waits(desk: Desk, name: &'static str) -> AnyView {
    view! {
        <div class="standing">
            <span role="status">{format!("“{name}” waits until the model is free.")}</span>
            <button type="button" class="small" on:click=press(move || desk.drop_waiting())>"Do not wait"</button>
        </div>
    }
    .into_any()
}

impl Desk {
    /// Offers bytes as a file, or says why not.
    pub fn save_bytes(self, name: &str, bytes: &[u8]) {
        if let Err(why) = files::offer_bytes(name, bytes) {
            self.notice.set(Some(format!("{name} cannot be saved: {why:?}")));
        }
    }

    /// Offers a text as a file, or says why not.
    pub fn save(self, name: &str, text: &str) {
        if let Err(why) = files::offer(name, text) {
            self.notice.set(Some(format!("{name} cannot be saved: {why:?}")));
        }
    }
}
