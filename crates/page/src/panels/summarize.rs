//! Say in few words what a text says; a long one in visible rounds.

use api::summarize::{About, Ask, Summarize, Summary};
use leptos::prelude::*;

use crate::{
    call::Step,
    desk::{
        Asking,
        field::{Field, PLAIN},
        use_desk,
        views::{Around, button, copies, form},
    },
    icon::Icon,
    lazy::lazy,
    panels::Panel,
    part::{during, part, typed, words},
    rows::rows,
    summarize::{Piece, Rounds, tokens},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "summarize",
    alias: "",
    title: "Summarize",
    group: "Text",
    icon: Icon::Shorten,
    code: lazy!(summarize, Summaries),
};

/// What the panel is opened with: news of the kind the site's own model was made for.
const EXAMPLE: &str = "From Sunday no trains will run between Hamburg and Geneva. The line is closed for ten weeks. \
                       There is more information at the station. There will be a bus every 35 minutes. The line \
                       was built 29 years ago.";

const FEWEST: &str = "Fewest tokens";
const MOST: &str = "Most tokens";

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    asking: Asking<Summarize>,
    text: RwSignal<String>,
    fewest: RwSignal<String>,
    most: RwSignal<String>,
    rounds: RwSignal<Rounds>,
    /// Counts the questions, so that no row is taken for one of an earlier question.
    asked: RwSignal<u32>,
}

#[component]
fn Summaries() -> impl IntoView {
    let asking = use_desk::<Summarize>();
    let held = Held {
        asking,
        text: RwSignal::new(EXAMPLE.into()),
        fewest: RwSignal::new(String::new()),
        most: RwSignal::new(String::new()),
        rounds: RwSignal::default(),
        asked: RwSignal::new(0),
    };
    view! {
        <Around desk=asking.desk title="Summarize"
            lead="What a text says, in few words. A text longer than the model reads at once is summarized in \
                chunks, and then the summaries are: each of them can be seen."
            absent="No summarization model is here yet: get one on the models page, or open the folder of one \
                (config.json, tokenizer.json, model.safetensors).">
            <Field desk=asking.desk kind=PLAIN name="Text to summarize" typed=held.text/>
            {form(asking.desk, "Summarize", move || held.ask(), lengths(held))}
            {whole(held)}
            {chunks(held)}
        </Around>
    }
    .into_any()
}

impl Held {
    fn ask(self) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        match self.asked_for() {
            Err(why) => desk.notice.set(Some(why)),
            Ok(ask) => {
                self.rounds.set(Rounds::default());
                self.asked.update(|asked| *asked += 1);
                self.asking.start(Some(ask), move |step| match step {
                    Step::Partial(partial) => self.rounds.update(|rounds| rounds.hear(partial)),
                    Step::Ended(Ok(output)) => self.rounds.set(Rounds::of(&output.rounds)),
                    Step::Ended(Err(_)) => {}
                });
            }
        }
    }

    fn asked_for(self) -> Result<Ask, String> {
        let text = self.text.get_untracked();
        if text.trim().is_empty() {
            return Err("the text is empty: write what to summarize".into());
        }
        let min_tokens = self.fewest.with_untracked(|typed| tokens(FEWEST, typed))?;
        let max_tokens = self.most.with_untracked(|typed| tokens(MOST, typed))?;
        Ok(Ask { text, min_tokens, max_tokens })
    }
}

fn lengths(held: Held) -> AnyView {
    view! {
        {length(held, FEWEST, held.fewest, |about| about.min_tokens)}
        {length(held, MOST, held.most, |about| about.max_tokens)}
    }
    .into_any()
}

/// A length of a summary; empty is the model's own.
fn length(
    held: Held,
    name: &'static str,
    text: RwSignal<String>,
    usual: fn(&About) -> u32,
) -> AnyView {
    let own =
        move || held.asking.about.with(|about| about.as_ref().map(usual).map(|n| n.to_string()));
    view! {
        <label class="length" title="A word is one token or more; empty is what the model's makers chose">
            {name}
            <input type="text" inputmode="numeric" autocomplete="off" prop:value=text
                placeholder=Signal::derive(move || own().unwrap_or_default())
                on:input=typed(move |typed| text.set(typed))/>
        </label>
    }
    .into_any()
}

/// The summary of the whole text.
fn whole(held: Held) -> AnyView {
    let desk = held.asking.desk;
    let text = move || {
        held.rounds
            .with_untracked(|rounds| rounds.whole().map(|s| s.text.clone()).unwrap_or_default())
    };
    let save = move || desk.save("summary.md", &held.rounds.with_untracked(Rounds::markdown));
    part(move || {
        let summary = held.rounds.with(|rounds| rounds.whole().cloned())?;
        let drawn = view! {
            <section class="card" aria-label="Summary">
                <h2>"Summary"</h2>
                {said(summary)}
                <div class="actions">
                    {copies(desk, "Copy summary", text)}
                    {button("Save", Icon::Download, save)}
                </div>
            </section>
        };
        Some(drawn.into_any())
    })
}

fn said(summary: Summary) -> AnyView {
    let cut = if summary.unfinished { ", cut: it is as long as summaries may be" } else { "" };
    view! {
        <p dir="auto">{summary.text}</p>
        <small>{format!("{} tokens{cut}", summary.tokens)}</small>
    }
    .into_any()
}

/// The chunks of each round, with their summaries as they come.
fn chunks(held: Held) -> AnyView {
    let rounds = move || {
        let asked = held.asked.get();
        let count = held.rounds.with(|rounds| rounds.0.len());
        (0..count).map(|at| (asked, at)).collect::<Vec<_>>()
    };
    let draw = move |(_, at): (u32, usize)| round(held, at);
    // What is alone in the only round is the text itself.
    let several = move || held.rounds.with(|rounds| rounds.0.first().is_some_and(|r| r.len() > 1));
    during(several, move || rows(rounds, |(asked, at)| format!("{asked}-{at}"), draw))
}

fn round(held: Held, at: usize) -> AnyView {
    let pieces = move || {
        let of = |rounds: &Rounds| rounds.0.get(at).cloned().unwrap_or_default();
        held.rounds.with(of).into_iter().enumerate().collect::<Vec<_>>()
    };
    let count = move || held.rounds.with(|rounds| rounds.0.get(at).map_or(0, Vec::len));
    let title = move || match count() {
        1 => format!("Round {}: the whole", at + 1),
        count => format!("Round {}: {count} chunks", at + 1),
    };
    let draw = |(_, piece): (usize, Piece)| {
        let waits = piece
            .summary
            .is_none()
            .then(|| view! { <p class="quiet">"Waits for its summary…"</p> });
        view! {
            <li>
                {piece.summary.map(said)} {waits}
                <details><summary>"What was read"</summary><p dir="auto">{piece.text}</p></details>
            </li>
        }
        .into_any()
    };
    view! {
        <section class="round-of">
            <h2>{words(title)}</h2>
            <ol class="chunks">
                {rows(pieces, |(at, piece)| format!("{at}-{}", piece.summary.is_some()), draw)}
            </ol>
        </section>
    }
    .into_any()
}
