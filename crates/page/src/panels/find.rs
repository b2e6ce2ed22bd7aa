//! Find what is named in words.

use api::{
    find::{Ask, Find},
    picture::Picture,
};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::{Canvas, use_board},
    classify::{LABELS, Labels},
    desk::{
        field::Field,
        use_desk,
        views::{Around, asks, copies, entry},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    menu::Menu,
    panels::Panel,
    part::during,
    picture::intake::Intake,
    things::{
        Shown, Things,
        views::{result, save_coco},
    },
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "find",
    alias: "",
    title: "Find by words",
    group: "Pictures",
    icon: Icon::Find,
    code: lazy!(find, Finding),
};

/// The layer of frames.
const FRAMES: &str = "Found by words";
/// What the reference takes for found unless it is told otherwise.
const SURE_PERCENT: u32 = 10;
/// What the panel is opened with: some of what the samples of the site's own model show.
const EXAMPLES: &str = "a house\na star\na triangle\na square\na heart\na yellow circle";

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Find>,
    typed: RwSignal<String>,
    /// What was asked last, for whoever must say what was wrong with it.
    asked: StoredValue<Labels>,
    shown: Shown,
}

#[component]
fn Finding() -> impl IntoView {
    let asking = use_desk::<Find>();
    let desk = asking.desk;
    let held = Held {
        look: use_look(asking, use_board(&[FRAMES])),
        typed: RwSignal::new(EXAMPLES.into()),
        asked: StoredValue::new(Labels::default()),
        shown: Shown { things: desk.result(), percent: RwSignal::new(SURE_PERCENT) },
    };
    let (look, shown) = (held.look, held.shown);
    Effect::new(move || look.board.lay(FRAMES, shown.shapes()));
    let take = Callback::new(move |taken| {
        shown.things.set(None);
        look.take(taken);
    });
    let called = move |field: String| held.asked.with_value(|asked| asked.called(&field));
    let any = move || shown.things.with(Option::is_some);
    view! {
        <Around desk=desk title="Find by words" called=Callback::new(called)
            lead="Name what you look for: where it is in a picture, and how sure the model is of it."
            absent="No model that finds by words is here yet: get one on the models page, or open the folder of \
                one (config.json, preprocessor_config.json, tokenizer.json, model.safetensors).">
            <Intake desk=desk take=take>
                <div class="lists">
                    <Canvas board=look.board told_by="found"/>
                    <div class="wishes">
                        <Field desk=desk kind=LABELS name="Labels" typed=held.typed/>
                        {notes()}
                        <div class="actions">
                            {asks(desk, "Find", move || held.ask())}
                            {during(any, move || save(held))}
                        </div>
                    </div>
                </div>
                {during(any, move || result(shown, "found"))}
            </Intake>
        </Around>
    }
    .into_any()
}

/// What to expect of such models.
fn notes() -> AnyView {
    view! {
        <p class="quiet">
            "Scores of such models are low: even what is right often has less than 20 %. They match words and do not \
             understand “without”: asked for “a person without sunglasses”, they find the sunglasses."
        </p>
    }
    .into_any()
}

impl Held {
    fn ask(self) {
        let Some(ask) = self.look.question(|picture| self.asked_for(picture)) else { return };
        let labels = ask.labels.join(", ");
        self.shown.things.set(None);
        self.look.ask(ask, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.shown.things.set(Some(Things::new(output.found.clone())));
                let options = vec![("Labels".into(), labels.clone())];
                let found = output.found.clone();
                self.look.keep(Told { options, found, ..Told::default() });
            }
        });
    }

    fn asked_for(self, picture: Picture) -> Result<Ask, String> {
        let nothing = |_| "labels: there are none, write what you look for, one a line".to_owned();
        let labels = self.typed.with_untracked(|typed| Labels::read(typed, "")).map_err(nothing)?;
        let texts = labels.texts.clone();
        self.asked.set_value(labels);
        Ok(Ask { picture, labels: texts })
    }
}

fn save(held: Held) -> AnyView {
    let desk = held.look.asking.desk;
    view! {
        {copies(desk, "Copy the sentence", move || untrack(|| held.shown.told()))}
        <Menu name="Save" icon=Icon::Download>
            {entry("Picture with frames (PNG)", move || held.look.save_picture("found.png"))}
            {entry("Frames as COCO JSON", move || save_coco(desk, held.look.board, held.shown, "found.json"))}
        </Menu>
    }
    .into_any()
}
