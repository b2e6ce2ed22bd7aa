//! Say in a sentence what a picture shows.

use api::{
    blip::{NEW_TOKENS, Partial},
    caption::{Ask, Caption},
    picture::Picture,
};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::use_board,
    desk::{
        use_desk,
        views::{copies, form},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    panels::Panel,
    part::part,
    tell::{
        length, most_tokens,
        views::{Plan, examples, line, panel},
    },
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "caption",
    alias: "",
    title: "Describe",
    group: "Pictures",
    icon: Icon::Caption,
    code: lazy!(caption, Captions),
};

const BEGINNINGS: &[&str] = &["a picture of", "a photograph of"];

/// A caption so far, and how long it became.
type Said = (String, Option<String>);

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Caption>,
    prefix: RwSignal<String>,
    most: RwSignal<String>,
    said: RwSignal<Option<Said>, LocalStorage>,
}

#[component]
fn Captions() -> impl IntoView {
    let asking = use_desk::<Caption>();
    let desk = asking.desk;
    let held = Held {
        look: use_look(asking, use_board(&[])),
        prefix: RwSignal::default(),
        most: RwSignal::new(NEW_TOKENS.to_string()),
        said: desk.result(),
    };
    let take = move |taken| {
        held.said.set(None);
        held.look.take(taken);
    };
    let fields = view! {
        {line("Beginning (may be empty)", "a photograph of", held.prefix)}
        {line("Most new tokens", "20", held.most)}
    };
    panel(Plan {
        desk,
        board: held.look.board,
        take: Callback::new(take),
        lines: StoredValue::default(),
        title: PANEL.title,
        lead: "What a picture shows, in a sentence. The model writes it word by word; give it a beginning, and \
               it goes on from there.",
        told_by: "told",
        asked: view! {
            {form(desk, "Describe", move || held.ask(), fields.into_any())}
            {examples(BEGINNINGS, move |text| held.prefix.set(text.into()))}
        }
        .into_any(),
        answer: part(move || held.said.get().map(|said| caption(held, said))),
    })
}

impl Held {
    fn ask(self) {
        let Some(ask) = self.look.question(|picture| self.asked_for(picture)) else { return };
        let options = vec![
            ("Beginning".into(), ask.prefix.clone()),
            ("Most new tokens".into(), ask.max_new_tokens.to_string()),
        ];
        self.said.set(None);
        self.look.ask(ask, move |step| match step {
            Step::Partial(Partial::Text(text)) => self.said.set(Some((text.clone(), None))),
            Step::Ended(Ok(output)) => {
                if let Some(written) = &output.caption {
                    self.said.set(Some((written.text.clone(), Some(length(written)))));
                    let (options, lines) = (options.clone(), vec![written.text.clone()]);
                    self.look.keep(Told { options, lines, ..Told::default() });
                }
            }
            _ => {}
        });
    }

    fn asked_for(self, picture: Picture) -> Result<Ask, String> {
        let max_new_tokens = self.most.with_untracked(|typed| most_tokens(typed))?;
        let prefix = self.prefix.with_untracked(|prefix| prefix.trim().to_owned());
        Ok(Ask { picture, prefix, max_new_tokens })
    }
}

fn caption(held: Held, (text, length): Said) -> AnyView {
    let whole = length.is_some();
    let copied = text.clone();
    view! {
        <section class="card" aria-label="Caption" id="told">
            <p class="told" dir="auto">{text}</p>
            <small>{length}</small>
            {whole.then(|| copies(held.look.asking.desk, "Copy", move || copied.clone()))}
        </section>
    }
    .into_any()
}
