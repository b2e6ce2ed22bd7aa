//! Say a text.

use leptos::prelude::*;

use crate::{
    desk::{
        field::{Field, Kind, PLAIN},
        use_desk,
        views::{Around, asks},
    },
    icon::Icon,
    lazy::lazy,
    panels::Panel,
    speak::talk::{result, saves, use_talk, wishes},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "speak",
    alias: "",
    title: "Speak",
    group: "Sound",
    icon: Icon::Speaker,
    code: lazy!(speak, Speech),
};

/// What the panel is opened with.
const EXAMPLE: &str = "Hello! I am a voice that was made on your computer. In this picture there are two cups, six \
                       people and one dining table.";

#[component]
fn Speech() -> impl IntoView {
    let asking = use_desk::<api::speak::Speak>();
    let (desk, talk) = (asking.desk, use_talk(asking));
    let text = RwSignal::new(EXAMPLE.to_owned());
    let called = move |field: String| (field == "text").then(|| "the text".to_owned());
    view! {
        <Around desk=desk title="Speak" called=Callback::new(called)
            lead="A text, said aloud: each sentence is heard while the next one is made, in this tab."
            absent="No voice is here yet: get one on the models page, or open the folder of one, such as \
                facebook/mms-tts-eng (config.json, vocab.json, tokenizer_config.json, model.safetensors).">
            <Field desk=desk kind=Kind { lines: 4, ..PLAIN } name="Text to say" typed=text/>
            <div class="actions">
                {asks(desk, "Speak", move || talk.say(text.get_untracked()))}
                {saves(talk)}
            </div>
            {result(talk)}
            {wishes(talk)}
        </Around>
    }
    .into_any()
}
