//! What the panels that tell of a picture look like: the picture, and beside it what is asked.

use leptos::prelude::*;

use crate::{
    canvas::board::{Board, Canvas},
    desk::{Desk, views::Around},
    part::{press, typed},
    picture::{Taken, intake::Intake},
};

use super::called;

/// What such a panel is made of.
pub struct Plan {
    /// Its model.
    pub desk: Desk,
    /// Its picture.
    pub board: Board,
    /// What takes another picture.
    pub take: Callback<Taken>,
    /// Where the lines stand that hold its texts.
    pub lines: StoredValue<Vec<usize>>,
    /// What it is called.
    pub title: &'static str,
    /// What it does, in a sentence or two.
    pub lead: &'static str,
    /// Id of what tells in words what the picture shows.
    pub told_by: &'static str,
    /// What is asked.
    pub asked: AnyView,
    /// What comes of it.
    pub answer: AnyView,
}

/// The panel.
pub fn panel(plan: Plan) -> AnyView {
    let Plan { desk, board, take, lines, title, lead, told_by, asked, answer } = plan;
    let called = move |field: String| lines.with_value(|lines| called(&field, lines));
    view! {
        <Around desk=desk title=title lead=lead called=Callback::new(called)
            absent="No model of this kind is here yet: get one on the models page, or open the folder of a BLIP \
                (config.json, preprocessor_config.json, tokenizer.json, model.safetensors).">
            <Intake desk=desk take=take>
                <div class="lists">
                    <Canvas board=board told_by=told_by/>
                    <div class="wishes">{asked} {answer}</div>
                </div>
            </Intake>
        </Around>
    }
    .into_any()
}

/// A field of one line.
pub fn line(name: &'static str, hint: &'static str, text: RwSignal<String>) -> AnyView {
    view! {
        <label>
            {name}
            <input type="text" dir="auto" autocomplete="off" placeholder=hint prop:value=text
                on:input=typed(move |typed| text.set(typed))/>
        </label>
    }
    .into_any()
}

/// Texts that go into a field at a press; of several lines the first is shown.
pub fn examples(
    texts: &'static [&'static str],
    take: impl Fn(&'static str) + Copy + 'static,
) -> AnyView {
    let one = |text: &&'static str| {
        let (text, first) = (*text, text.lines().next().unwrap_or_default());
        let name = if first == text { first.into() } else { format!("{first} …") };
        view! { <button type="button" class="small" on:click=press(move || take(text))>{name}</button> }
            .into_any()
    };
    view! { <div class="actions" role="group" aria-label="Examples">{texts.iter().map(one).collect_view()}</div> }
        .into_any()
}
