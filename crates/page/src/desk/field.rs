//! A field for text that also takes a file.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, File};

use super::Desk;
use crate::{
    files::{listed, picked},
    format::bytes,
    icon::Icon,
    part::{self, words},
};

/// Largest file whose text is taken.
const MOST_BYTES: f64 = 20e6;

/// What a kind of field makes of texts.
#[derive(Clone, Copy)]
pub struct Kind {
    /// What stands in it while it is empty.
    pub hint: &'static str,
    /// Lines it shows at once.
    pub lines: u8,
    /// Endings of the files it takes.
    pub accept: &'static str,
    /// What is in it, counted.
    pub counted: fn(&str) -> String,
    /// What a file of some name with some text puts into it.
    pub taken: fn(&str, String) -> Result<Taken, String>,
}

/// A text that goes into a field, and what a person should know of how it was read.
pub type Taken = (String, Option<String>);

impl Kind {
    fn takes(self, name: &str) -> bool {
        let name = name.to_lowercase();
        // A list of words that belongs to a model.
        name != "vocab.txt"
            && self.accept.split(',').any(|ending| name.ends_with(ending) && ending != ".json")
    }
}

/// A field for text that also takes a file.
#[component]
pub fn Field(
    /// Where it says what is wrong with a file.
    desk: Desk,
    /// What it is for.
    kind: Kind,
    /// What it holds, for whoever reads or hears the page.
    name: &'static str,
    /// What stands in it.
    typed: RwSignal<String>,
) -> impl IntoView {
    let take = move |files: Vec<File>| {
        let Some(file) = files.into_iter().next() else { return };
        spawn_local(async move {
            let name = file.name();
            match text_of(&file).await.and_then(|text| (kind.taken)(&name, text)) {
                Ok((text, note)) => {
                    typed.try_set(text);
                    desk.notice.try_set(note.map(|note| format!("{name}: {note}")));
                }
                Err(why) => drop(desk.notice.try_set(Some(why))),
            }
        });
    };
    let dropped = move |event: DragEvent| {
        let files = listed(event.data_transfer().and_then(|data| data.files()));
        if files.first().is_some_and(|file| kind.takes(&file.name())) {
            event.prevent_default();
            take(files);
        }
    };
    let id = name.replace(' ', "-");
    view! {
        <div class="field" on:drop=dropped>
            <div class="line">
                <label for=id.clone()>{name}</label>
                <small>{words(move || typed.with(|typed| (kind.counted)(typed)))}</small>
                <span class="spring"></span>
                <label class="button small" title=format!("Take the text of a file: {}", kind.accept)>
                    {Icon::Open.view()} "File"
                    <input class="visually-hidden" type="file" accept=kind.accept
                        aria-label=format!("{name}: take a file") on:change=move |event| take(picked(&event))/>
                </label>
            </div>
            <textarea id=id dir="auto" rows=kind.lines.to_string() placeholder=kind.hint prop:value=typed
                on:input=part::typed(move |text| typed.set(text))></textarea>
        </div>
    }
    .into_any()
}

/// A field for one text of any length.
pub const PLAIN: Kind = Kind {
    hint: "Write or paste a text, or let a text file go here",
    lines: 6,
    accept: ".txt,.md",
    counted: |typed| match typed.chars().count() {
        1 => "1 character".into(),
        count => format!("{count} characters"),
    },
    taken: |name, text| match text.trim().is_empty() {
        true => Err(format!("{name}: there is no text in it")),
        false => Ok((text, None)),
    },
};

/// The text of a file; larger ones than a page can hold are refused.
async fn text_of(file: &File) -> Result<String, String> {
    let name = file.name();
    if file.size() > MOST_BYTES {
        let (size, most) = (bytes(file.size() as u64), bytes(MOST_BYTES as u64));
        return Err(format!("{name} has {size}: give a file of at most {most}"));
    }
    let body = JsFuture::from(file.text()).await;
    body.ok().and_then(|body| body.as_string()).ok_or_else(|| format!("{name} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_model_are_not_taken_for_texts() {
        assert!(PLAIN.takes("X.TXT") && PLAIN.takes("a.md"));
        let kind = Kind { accept: ".txt,.json", ..PLAIN };
        assert!(kind.takes("a.txt") && !kind.takes("vocab.txt") && !kind.takes("config.json"));
    }

    #[test]
    fn an_empty_file_is_refused() {
        assert_eq!((PLAIN.taken)("a.txt", "b".into()), Ok(("b".into(), None)));
        assert!(
            (PLAIN.taken)("a.txt", " \n".into()).unwrap_err().contains("a.txt: there is no text")
        );
        assert_eq!((PLAIN.counted)("é"), "1 character");
    }
}
