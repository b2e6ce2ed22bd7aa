//! Tell how well texts fit a picture, each for itself.

use api::{
    itm::{Ask, Fit, Itm},
    picture::Picture,
};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::use_board,
    classify::share,
    desk::{
        field::{Field, Kind, PLAIN},
        use_desk,
        views::{asks, button},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    panels::Panel,
    part::{during, part},
    tell::{
        csv, texts, verdict,
        views::{Plan, examples, panel},
    },
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "itm",
    alias: "",
    title: "Match a text",
    group: "Pictures",
    icon: Icon::Match,
    code: lazy!(itm, Matches),
};

/// So many texts are kept of an answer in the log of runs.
const SHOWN_TEXTS: usize = 10;
/// What the panel is opened with: what the first sample shows, and the same with its words exchanged.
const EXAMPLE: &str = "a red car, a red heart and a white square\n\
                       a white car, a red heart and a red square\n\
                       two stars";
const WORD_ORDER: &[&str] =
    &[EXAMPLE, "an image of a man holding a cat\nan image of a cat holding a man"];

const TEXTS: Kind = Kind {
    hint: "One text a line",
    lines: 4,
    accept: ".txt",
    counted: |typed| match texts(typed).map_or(0, |(texts, _)| texts.len()) {
        1 => "1 text".into(),
        count => format!("{count} texts"),
    },
    ..PLAIN
};

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Itm>,
    typed: RwSignal<String>,
    lines: StoredValue<Vec<usize>>,
    fits: RwSignal<Option<Vec<Fit>>, LocalStorage>,
}

#[component]
fn Matches() -> impl IntoView {
    let asking = use_desk::<Itm>();
    let desk = asking.desk;
    let held = Held {
        look: use_look(asking, use_board(&[])),
        typed: RwSignal::new(EXAMPLE.into()),
        lines: StoredValue::default(),
        fits: desk.result(),
    };
    let take = move |taken| {
        held.fits.set(None);
        held.look.take(taken);
    };
    let save = move || desk.save("texts.csv", &csv(&held.fits.get_untracked().unwrap_or_default()));
    panel(Plan {
        desk,
        board: held.look.board,
        take: Callback::new(take),
        lines: held.lines,
        title: PANEL.title,
        lead: "How likely it is that a text is true of a picture. Each text is judged alone, so several may fit, \
               or none. Compare texts with the same words in another order: models of this kind see which \
               things are there better than who does what. To a photo of a man holding a cat, a well-known \
               one gave “a cat holding a man” 98.6 %, and the right text 97.1 %.",
        told_by: "scores",
        asked: view! {
            <Field desk=desk kind=TEXTS name="Texts" typed=held.typed/>
            {examples(WORD_ORDER, move |text| held.typed.set(text.into()))}
            <div class="actions">
                {asks(desk, "Match", move || held.ask())}
                {during(move || held.fits.with(Option::is_some), move || button("Save as CSV", Icon::Download, save))}
            </div>
        }
        .into_any(),
        answer: part(move || held.fits.with(|fits| fits.as_deref().map(bars))),
    })
}

impl Held {
    fn ask(self) {
        let Some(ask) = self.look.question(|picture| self.asked_for(picture)) else { return };
        let count = ask.texts.len();
        self.fits.set(None);
        self.look.ask(ask, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.fits.set(Some(output.fits.clone()));
                let line = |fit: &Fit| format!("{} {}", share(fit.probability), fit.text);
                self.look.keep(Told {
                    options: vec![("Texts".into(), count.to_string())],
                    lines: output.fits.iter().take(SHOWN_TEXTS).map(line).collect(),
                    ..Told::default()
                });
            }
        });
    }

    fn asked_for(self, picture: Picture) -> Result<Ask, String> {
        let (texts, lines) = self.typed.with_untracked(|typed| texts(typed))?;
        self.lines.set_value(lines);
        Ok(Ask { picture, texts })
    }
}

/// A bar for every text, in their order.
fn bars(fits: &[Fit]) -> AnyView {
    let bar = |fit: &Fit| {
        let part = fit.probability.to_string();
        view! {
            <li>
                <span dir="auto">{fit.text.clone()}</span>
                <meter min="0" max="1" value=part aria-hidden="true"></meter>
                <strong>{share(fit.probability)}</strong>
                <small title="How near text and picture are, each taken by itself: -1 to 1">
                    {format!("cosine {:.3}", fit.cosine)}
                </small>
            </li>
        }
    };
    view! {
        <p class="told" dir="auto">{verdict(fits)}</p>
        <ol class="scores" id="scores" aria-label="Texts, with how likely each is true">{fits.iter().map(bar).collect_view()}</ol>
    }
    .into_any()
}
