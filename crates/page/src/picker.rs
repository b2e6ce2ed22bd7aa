//! Choosing the model that a panel asks.

use api::{
    catalogue,
    store::{Input, Store, Stored, Wish},
};
use leptos::prelude::*;
use web_sys::File;

use crate::{
    call::{Call, State, use_call},
    engines::STORE,
    files::picked,
    icon::Icon,
    part::{press, typed},
};

/// The model of the site that does a task; no name if the site has none.
pub fn shipped(task: &str) -> String {
    catalogue::shipped(task).map(|row| row.id.to_owned()).unwrap_or_default()
}

/// Whether a stored model may be one for a task. What is in no catalogue may be any.
fn suits(stored: &Stored, task: &str) -> bool {
    stored.is_whole() && catalogue::find(&stored.model).is_none_or(|row| row.does(task))
}

/// The models that can be had without a download, those of the site first.
fn offered(task: &str, stored: &[Stored], current: &str) -> Vec<String> {
    let rows = catalogue::ALL.iter().map(|row| row.id);
    let of_site = rows.filter(|id| catalogue::is_shipped(id));
    let able = of_site.filter(|id| catalogue::find(id).is_some_and(|row| row.does(task)));
    let mut names: Vec<String> = able.map(ToOwned::to_owned).collect();
    names.extend(stored.iter().filter(|s| suits(s, task)).map(|stored| stored.model.clone()));
    if !names.iter().any(|name| name == current) {
        names.push(current.to_owned());
    }
    names
}

/// What a person reads for a model.
pub fn title(model: &str) -> String {
    match catalogue::find(model) {
        Some(row) => format!("{} {}", row.title, row.quantization.name()),
        None if model.is_empty() => "choose a model".into(),
        None => model.trim_start_matches("file:").to_owned(),
    }
}

/// Lets the store note that a model was used, if it is one of its shelf.
pub fn touch(noting: Call<Store>, model: String) {
    if !model.starts_with("file:") && !catalogue::is_shipped(&model) {
        let now_unix_ms = js_sys::Date::now() as u64;
        noting.start(STORE, &Input { now_unix_ms, wish: Wish::Touch { model } });
    }
}

/// A list of models, a button for files from this computer, and one that unloads.
#[component]
pub fn Picker(
    /// Name of the task.
    task: &'static str,
    /// The model that is chosen.
    model: RwSignal<String>,
    /// What chooses another.
    choose: Callback<String>,
    /// What takes files.
    open: Callback<Vec<File>>,
    /// Whether the model is in memory.
    #[prop(into)]
    loaded: Signal<bool>,
    /// What takes it out.
    unload: Callback<()>,
    /// Whether models are folders, and not single files.
    #[prop(optional)]
    folders: bool,
) -> impl IntoView {
    let shelf = use_call::<Store>();
    shelf.start(STORE, &Input { now_unix_ms: js_sys::Date::now() as u64, wish: Wish::List });
    let names = move || {
        shelf.state().with(|state| match state {
            State::Ended(Ok(output)) => offered(task, &output.models, &model.get()),
            _ => offered(task, &[], &model.get()),
        })
    };
    let option = move |name: String| {
        let (is_current, title) = (name == model.get(), title(&name));
        view! { <option value=name selected=is_current>{title}</option> }
    };
    let (what, accept) = match folders {
        true => ("Open the folder of a model", ""),
        false => ("Open a model file", ".gguf,.safetensors,.json,.jinja"),
    };
    view! {
        <label class="picker">
            <span class="visually-hidden">"Model"</span>
            <select aria-label="Model" on:change=typed(move |model| choose.run(model))>
                {move || names().into_iter().map(option).collect_view()}
            </select>
        </label>
        <label class="button" title=format!("{what} from this computer")>
            {Icon::Open.view()}
            <input class="visually-hidden" type="file" multiple prop:webkitdirectory=folders aria-label=what
                accept=accept on:change=move |event| open.run(picked(&event))/>
        </label>
        <Show when=move || loaded.get()>
            <button type="button" aria-label="Unload" title="Unload: give the model's memory back"
                on:click=press(move || unload.run(()))>
                {Icon::Unload.view()}
            </button>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use api::store::{State, StoredFile};

    use super::*;

    fn stored(model: &str, state: State) -> Stored {
        let file =
            StoredFile { path: "a".into(), have_bytes: 1, size_bytes: None, sha256: None, state };
        Stored {
            model: model.into(),
            origin: String::new(),
            licence: String::new(),
            files: vec![file],
            added_unix_ms: 0,
            used_unix_ms: 0,
        }
    }

    #[test]
    fn a_panel_offers_what_can_do_its_task() {
        let shelf = [
            stored("qwen3-0.6b-q8_0", State::Whole),
            stored("all-minilm-l6-v2", State::Whole),
            stored("mine", State::Whole),
            stored("half", State::Partial),
        ];
        let chat = offered("chat", &shelf, "wick-chat");
        assert_eq!(chat, ["wick-chat", "wick-blenderbot", "qwen3-0.6b-q8_0", "mine"]);
        let embed = offered("embed", &shelf, "file:a");
        assert!(embed.ends_with(&["all-minilm-l6-v2".into(), "mine".into(), "file:a".into()]));
        assert_eq!(title("all-minilm-l6-v2"), "all-MiniLM-L6-v2 F32");
        assert_eq!(title("file:a.gguf"), "a.gguf");
    }
}
