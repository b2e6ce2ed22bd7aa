//! Answer questions about a picture.

use api::{
    blip::Partial,
    picture::Picture,
    vqa::{Ask, Vqa},
};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::use_board,
    desk::{use_desk, views::form},
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    panels::Panel,
    part::part,
    tell::views::{Plan, examples, line, panel},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "vqa",
    alias: "",
    title: "Ask a picture",
    group: "Pictures",
    icon: Icon::Question,
    code: lazy!(vqa, Questions),
};

/// What the site's own model was taught to answer, about whatever a picture shows.
const QUESTIONS: &[&str] = &[
    "how many things are there?",
    "what is red?",
    "is there a star?",
    "what colour is the car?",
    "what is the biggest thing?",
];

/// A question and its answer, so far.
type Said = (String, String);

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Vqa>,
    question: RwSignal<String>,
    /// The last one first.
    said: RwSignal<Option<Vec<Said>>, LocalStorage>,
}

#[component]
fn Questions() -> impl IntoView {
    let asking = use_desk::<Vqa>();
    let desk = asking.desk;
    let held = Held {
        look: use_look(asking, use_board(&[])),
        question: RwSignal::new(QUESTIONS.first().copied().unwrap_or_default().into()),
        said: desk.result(),
    };
    let take = move |taken| {
        held.said.set(None);
        held.look.take(taken);
    };
    let field = line("Question", "what is in the picture?", held.question);
    panel(Plan {
        desk,
        board: held.look.board,
        take: Callback::new(take),
        lines: StoredValue::default(),
        title: PANEL.title,
        lead: "Ask something about the picture, and get a short answer. The model looks at a picture once, so \
               the next question about it is answered sooner. It always answers, even when it does not know.",
        told_by: "told",
        asked: view! {
            {form(desk, "Ask", move || held.ask(), field)}
            {examples(QUESTIONS, move |text| held.question.set(text.into()))}
        }
        .into_any(),
        answer: part(move || held.said.with(|said| said.as_deref().map(answers))),
    })
}

impl Held {
    fn ask(self) {
        let Some(ask) = self.look.question(|picture| self.asked_for(picture)) else { return };
        let question = ask.question.clone();
        // What was stopped or failed before it was answered is left out.
        self.said.update(|said| {
            let said = said.get_or_insert_default();
            said.retain(|(_, answer)| !answer.is_empty());
            said.insert(0, (question.clone(), String::new()));
        });
        self.look.ask(ask, move |step| match step {
            Step::Partial(Partial::Text(text)) => self.hear(text),
            Step::Ended(Ok(output)) => {
                if let Some(written) = &output.answer {
                    self.hear(&written.text);
                    let options = vec![("Question".into(), question.clone())];
                    let lines = vec![written.text.clone()];
                    self.look.keep(Told { options, lines, ..Told::default() });
                }
            }
            _ => {}
        });
    }

    fn asked_for(self, picture: Picture) -> Result<Ask, String> {
        let question = self.question.with_untracked(|question| question.trim().to_owned());
        match question.is_empty() {
            true => Err("the question is empty: write one, or take one of the examples".into()),
            false => Ok(Ask { picture, question }),
        }
    }

    fn hear(self, answer: &str) {
        self.said.update(|said| {
            if let Some((_, last)) = said.as_mut().and_then(|said| said.first_mut()) {
                answer.clone_into(last);
            }
        });
    }
}

fn answers(said: &[Said]) -> AnyView {
    let one = |(question, answer): &Said| {
        let answer = if answer.is_empty() { "…" } else { answer };
        view! { <li><span dir="auto">{question.clone()}</span> <strong dir="auto">{answer.to_owned()}</strong></li> }
    };
    view! { <ol class="runs" id="told" aria-label="Answers, the last one first">{said.iter().map(one).collect_view()}</ol> }
        .into_any()
}
